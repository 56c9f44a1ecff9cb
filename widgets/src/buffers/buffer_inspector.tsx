// One buffer: where it is, its values as numbers of a type, its bytes.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Hex } from "../parts/hex.tsx";
import type { ViewProps } from "../parts/mount.tsx";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { formatBytes, formatCount, formatShare } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { Histogram } from "./histogram.tsx";
import { itemsizeOf, joinLens, LENSES, splitLens } from "./lenses.ts";
import { Values } from "./values.tsx";

export interface Facts {
  device: string;
  pointer: string;
  nbytes: number;
  readonly: boolean;
  owner: string;
  owner_nbytes: number | null;
  offset: number | null;
  alignment: number;
  is_view: boolean;
  dtype: string;
}

export interface Counted {
  dtype: string;
  count: number;
  counted: number;
  nan: number;
  infinite: number;
  zeros: number;
  minimum: string | null;
  maximum: string | null;
  mean: string | null;
  histogram: number[];
  rest: number;
  complete: boolean;
}

declare module "../kernel/requests.ts" {
  interface Requests {
    buffer_facts: { args: Record<string, never>; part: never; result: Facts };
    buffer_statistics: { args: { dtype: string }; part: Counted; result: Counted };
    buffer_bytes: {
      args: { start: number; stop: number };
      part: { start: number };
      result: number;
    };
    buffer_values: {
      args: { dtype: string; start: number; count: number };
      part: never;
      result: string[];
    };
  }
}

const CHROME_HEIGHT = 190;

export function BufferInspector({ model, channel }: ViewProps) {
  const [facts, setFacts] = useState<Facts | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [dtype, setDtype] = useState("uint8");
  const [tab, setTab] = useState("values");

  const load = useCallback(() => {
    setError(null);
    channel
      .call("buffer_facts", {})
      .then((found) => {
        setFacts(found);
        setDtype(found.dtype);
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
  }, [channel]);
  useEffect(load, [load]);

  const read = useCallback(
    async (start: number, stop: number, signal: AbortSignal) => {
      const pieces: Uint8Array[] = [];
      await channel.call(
        "buffer_bytes",
        { start, stop },
        {
          signal,
          onPart: (_part, [view]) => {
            if (view)
              pieces.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
          },
        },
      );
      return pieces[0] ?? new Uint8Array();
    },
    [channel],
  );

  if (error !== null) return <Problem error={error} onRetry={load} />;
  if (facts === null) return <Status busy>Reading the facts of the buffer …</Status>;
  const height = Math.max(120, model.get("height") - CHROME_HEIGHT);
  return (
    <div class="zs-buffers">
      <FactsTable facts={facts} />
      <Counting key={dtype} channel={channel} dtype={dtype} onLens={setDtype}>
        <Tabs
          label="What is shown of the buffer"
          tabs={[
            { id: "values", label: "Values" },
            { id: "bytes", label: "Bytes" },
          ]}
          active={tab}
          onChange={setTab}
        >
          {tab === "bytes" ? (
            <Hex
              nbytes={facts.nbytes}
              height={height}
              label="Bytes of the buffer"
              read={read}
            />
          ) : (
            <Values channel={channel} dtype={dtype} nbytes={facts.nbytes} height={height} />
          )}
        </Tabs>
      </Counting>
    </div>
  );
}

function FactsTable({ facts }: { facts: Facts }) {
  const whole = facts.owner_nbytes ?? facts.nbytes;
  const share = whole > 0 ? facts.nbytes / whole : 1;
  const start = whole > 0 ? (facts.offset ?? 0) / whole : 0;
  return (
    <div class="zs-buffers-facts">
      <Fact label="Device">{facts.device}</Fact>
      <Fact label="Size" title={`${formatCount(facts.nbytes)} bytes`}>
        {formatBytes(facts.nbytes)}
      </Fact>
      <Fact label="Pointer" title={`a multiple of ${facts.alignment}`}>
        <span class="zs-mono">{facts.pointer}</span>
      </Fact>
      <Fact label="Access">{facts.readonly ? "read-only" : "writable"}</Fact>
      <Fact label="Memory">
        {facts.is_view ? (
          <>
            <span
              class="zs-buffers-part"
              role="img"
              aria-label={`${formatShare(share)} of the memory, from ${formatShare(start)} on`}
            >
              <span
                style={{
                  insetInlineStart: `${start * 100}%`,
                  width: `max(2px, ${share * 100}%)`,
                }}
              />
            </span>
            {` a view of ${visible(facts.owner)}, ${formatBytes(whole)}`}
            {facts.offset === null ? "" : `, at byte ${formatCount(facts.offset)}`}
          </>
        ) : (
          `all of its owner, ${visible(facts.owner)}`
        )}
      </Fact>
    </div>
  );
}

function Fact(props: {
  label: string;
  title?: string;
  children: preact.ComponentChildren;
}) {
  return (
    <div class="zs-buffers-fact" title={props.title}>
      <span class="zs-muted">{props.label}</span>
      <span>{props.children}</span>
    </div>
  );
}

interface CountingProps {
  channel: Channel;
  dtype: string;
  onLens: (dtype: string) => void;
  children: preact.ComponentChildren;
}

function Counting({ channel, dtype, onLens, children }: CountingProps) {
  const [lens, bigEndian] = splitLens(dtype);
  const [counted, setCounted] = useState<Counted | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [stop, setStop] = useState<AbortController | null>(null);

  const count = useCallback(() => {
    const controller = new AbortController();
    setStop(controller);
    setError(null);
    channel
      .call(
        "buffer_statistics",
        { dtype },
        { signal: controller.signal, onPart: setCounted },
      )
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      })
      .finally(() => setStop(null));
    return () => controller.abort();
  }, [channel, dtype]);
  useEffect(count, [count]);

  const partial = counted !== null && !counted.complete;
  return (
    <>
      <div class="zs-toolbar">
        <label class="zs-field">
          <span class="zs-muted">Seen as</span>
          <select
            class="zs-select"
            value={lens}
            onChange={(event) => onLens(joinLens(event.currentTarget.value, bigEndian))}
          >
            {LENSES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class={`zs-field${itemsizeOf(lens) === 1 ? " zs-muted" : ""}`}>
          <input
            type="checkbox"
            checked={bigEndian}
            disabled={itemsizeOf(lens) === 1}
            onChange={(event) => onLens(joinLens(lens, event.currentTarget.checked))}
          />
          big-endian
        </label>
        {counted?.rest ? (
          <span class="zs-muted">{`${counted.rest} bytes at the end fill no value`}</span>
        ) : null}
      </div>
      {error === null ? null : <Problem error={error} onRetry={count} />}
      <div class="zs-buffers-body">
        {children}
        <div class="zs-buffers-side">
          <Summary counted={counted} />
          {counted && counted.histogram.length > 0 ? <Histogram counted={counted} /> : null}
        </div>
      </div>
      <Status busy={stop !== null} onStop={stop === null ? undefined : () => stop.abort()}>
        {statusOf(counted, stop !== null)}
        {partial && stop === null ? (
          <button type="button" class="zs-button" onClick={count}>
            Count all
          </button>
        ) : null}
      </Status>
    </>
  );
}

function statusOf(counted: Counted | null, busy: boolean): string {
  if (counted === null) return busy ? "Counting …" : "Stopped before anything was counted.";
  const total = formatCount(counted.count);
  if (counted.complete) return `${total} values counted`;
  const done = `${formatCount(counted.counted)} of ${total} values`;
  if (busy && counted.counted === counted.count)
    return `Making the histogram of ${total} values`;
  return busy ? `Counting: ${done}` : `Stopped at ${done}: the figures are of these.`;
}

function Summary({ counted }: { counted: Counted | null }) {
  const rows: [string, string][] = [
    ["values", counted ? formatCount(counted.count) : "…"],
    ["minimum", counted?.minimum ?? "–"],
    ["mean", counted?.mean ?? "–"],
    ["maximum", counted?.maximum ?? "–"],
    ["zeros", counted ? formatCount(counted.zeros) : "…"],
    ["not a number", counted ? formatCount(counted.nan) : "…"],
    ["infinite", counted ? formatCount(counted.infinite) : "…"],
  ];
  return (
    <table class="zs-table zs-buffers-summary">
      <caption class="zs-muted">Statistics</caption>
      <tbody>
        {rows.map(([label, value]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="zs-number">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
