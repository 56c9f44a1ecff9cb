// The value of a key, in the form that fits it best or that was chosen.
import { useCallback, useMemo } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Hex } from "../parts/hex.tsx";
import { Problem } from "../parts/problem.tsx";
import { formatBytes } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { spanText } from "./facts.ts";
import { ImageView } from "./image_view.tsx";
import type { JsonRow } from "./json_rows.ts";
import { JsonTree } from "./json_tree.tsx";
import { Pieces } from "./pieces.ts";
import type { ValueHead, Wish } from "./requests.ts";
import { TextView } from "./text_view.tsx";
import { type Asked, useAsked } from "./use_asked.ts";
import { useHeight } from "./use_height.ts";
import { Waiting } from "./waiting.tsx";

/** A value as it was asked for: what it is, and its rows or its text. */
export interface Shown {
  head: ValueHead;
  rows: JsonRow[];
  text: string;
}

export interface Form {
  wish: Wish;
  /** Whether up to 1 MiB of JSON is read, and not 64 KiB. */
  all: boolean;
}

/** Ask for a value; null asks for none. */
export function useValue(channel: Channel, key: string | null, form: Form): Asked<Shown> {
  return useAsked<Shown>(
    [key, form.wish, form.all],
    key === null
      ? null
      : async (signal) => {
          const rows: JsonRow[] = [];
          const pieces = new Pieces();
          const head = await channel.call(
            "value_head",
            { key, wish: form.wish, all_json: form.all },
            {
              slot: "value",
              signal,
              onPart: (part, buffers) => {
                for (const row of part.rows ?? []) rows.push(row);
                pieces.add(buffers);
              },
            },
          );
          return { head, rows, text: pieces.text() };
        },
  );
}

interface ValueProps {
  channel: Channel;
  keyName: string;
  asked: Asked<Shown>;
  form: Form;
  onForm: (form: Form) => void;
}

export function Value({ channel, keyName, asked, form, onForm }: ValueProps) {
  const { value, error, retry } = asked;
  if (error !== null) return <Problem error={error} onRetry={retry} />;
  if (value === null) return <Waiting />;
  const { head } = value;
  if (head.kind === "missing") {
    return (
      <p class="zs-details-note">
        No such key: if it is a chunk, readers get the fill value.
      </p>
    );
  }
  if (head.kind === "empty") {
    return <p class="zs-details-note">The value is empty: it has 0 bytes.</p>;
  }
  return (
    <div class="zs-details-value">
      <div class="zs-bar zs-details-bar">
        <span>
          {visible(head.label)} · {formatBytes(head.nbytes)}
        </span>
        <span class="zs-spacer" />
        <Forms kind={head.kind} form={form} onForm={onForm} />
      </div>
      {head.note === null ? null : (
        <p class="zs-details-note zs-mono">{visible(head.note)}</p>
      )}
      <Body channel={channel} keyName={keyName} shown={value} form={form} onForm={onForm} />
    </div>
  );
}

const NAMES: [Wish, string][] = [
  ["json", "JSON"],
  ["text", "Text"],
  ["hex", "Hex"],
];

interface FormsProps {
  kind: ValueHead["kind"];
  form: Form;
  onForm: (form: Form) => void;
}

function Forms({ kind, form, onForm }: FormsProps) {
  const now = kind === "binary" ? "hex" : kind;
  const isPicture = kind === "image";
  return (
    <fieldset class="zs-segments">
      <legend class="zs-unseen">Show as</legend>
      {isPicture || form.wish !== "auto" ? (
        <button
          type="button"
          class="zs-button"
          aria-pressed={isPicture}
          onClick={() => onForm({ wish: "auto", all: false })}
        >
          {isPicture ? "Image" : "Auto"}
        </button>
      ) : null}
      {NAMES.map(([wish, label]) => (
        <button
          key={wish}
          type="button"
          class="zs-button"
          aria-pressed={now === wish}
          onClick={() => onForm({ wish, all: false })}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

interface BodyProps {
  channel: Channel;
  keyName: string;
  shown: Shown;
  form: Form;
  onForm: (form: Form) => void;
}

function Body({ channel, keyName, shown, form, onForm }: BodyProps) {
  const { head } = shown;
  const { box, height } = useHeight();
  return (
    <div class="zs-details-body" ref={box}>
      {head.kind === "json" ? (
        <JsonBody shown={shown} form={form} height={height} onForm={onForm} />
      ) : head.kind === "text" ? (
        <TextView
          key={keyName}
          channel={channel}
          keyName={keyName}
          head={head}
          text={shown.text}
        />
      ) : head.kind === "image" ? (
        <ImageView channel={channel} keyName={keyName} head={head} />
      ) : (
        <HexBody channel={channel} keyName={keyName} nbytes={head.nbytes} height={height} />
      )}
    </div>
  );
}

// The line above the bytes, and the room below them.
const ABOVE_HEX = 36;

interface HexBodyProps {
  channel: Channel;
  keyName: string;
  nbytes: number;
  height: number;
}

function HexBody({ channel, keyName, nbytes, height }: HexBodyProps) {
  const read = useCallback(
    async (start: number, stop: number, signal: AbortSignal) => {
      const pieces = new Pieces();
      await channel.call(
        "value_bytes",
        { key: keyName, start, stop },
        { signal, onPart: (_, buffers) => pieces.add(buffers) },
      );
      return pieces.bytes();
    },
    [channel, keyName],
  );
  return (
    <Hex
      nbytes={nbytes}
      height={Math.max(100, height - ABOVE_HEX)}
      label="Bytes of the value"
      read={read}
    />
  );
}

interface JsonBodyProps {
  shown: Shown;
  form: Form;
  height: number;
  onForm: (form: Form) => void;
}

const MAX_JSON = 1024 * 1024;

function JsonBody({ shown, form, height, onForm }: JsonBodyProps) {
  const { head, rows } = shown;
  const note = useMemo(() => noteOf(head), [head]);
  const hasMore = head.status === "cut" && !form.all;
  return (
    <>
      {note === null ? null : (
        <div class="zs-bar zs-details-bar">
          <span class="zs-muted">{note}</span>
          <span class="zs-spacer" />
          {hasMore ? (
            <button
              type="button"
              class="zs-button"
              onClick={() => onForm({ ...form, all: true })}
            >
              Read {head.nbytes > MAX_JSON ? "1 MiB" : "all"}
            </button>
          ) : null}
        </div>
      )}
      {rows.length ? (
        <JsonTree rows={rows} label="JSON" height={height - (note === null ? 0 : 34)} />
      ) : null}
    </>
  );
}

/** What is to be said of JSON that is not shown whole. */
function noteOf(head: ValueHead): string | null {
  if (head.status === "whole") return null;
  if (head.status === "cut") return `The ${spanText(0, head.shown, head.nbytes)}.`;
  const problem = visible(head.problem ?? "");
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}
