// The metadata documents themselves, each read when it is opened.
import { useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatBytes } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { JsonTree } from "./json_tree.tsx";
import { type Form, useValue } from "./value.tsx";
import { Waiting } from "./waiting.tsx";

interface DocumentsProps {
  channel: Channel;
  path: string;
  names: string[];
  onOpen: (key: string) => void;
}

const HEIGHT = 320;
const FORM: Form = { wish: "json", all: false };

export function Documents({ channel, path, names, onOpen }: DocumentsProps) {
  const [open, setOpen] = useState<string | null>(null);
  const below = path ? `${path}/` : "";
  const { value, error, retry } = useValue(channel, open && below + open, FORM);
  if (names.length === 0) return null;
  return (
    <section>
      <h3 class="zs-details-heading">Metadata documents</h3>
      <div class="zs-details-bar">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            class="zs-button zs-mono"
            aria-expanded={open === name}
            aria-pressed={open === name}
            onClick={() => setOpen(open === name ? null : name)}
          >
            {visible(name)}
          </button>
        ))}
      </div>
      {open === null ? null : error !== null ? (
        <Problem error={error} onRetry={retry} />
      ) : value === null ? (
        <Waiting />
      ) : (
        <>
          <p class="zs-details-bar zs-muted">
            {formatBytes(value.head.nbytes)}
            {value.head.problem === null ? "" : ` · ${visible(value.head.problem)}`}
            {value.head.status === "cut" ? " · its first 64 KiB" : ""}
            <span class="zs-spacer" />
            <button type="button" class="zs-button" onClick={() => onOpen(below + open)}>
              Show in the tree
            </button>
          </p>
          {value.rows.length ? (
            <JsonTree rows={value.rows} label={open} height={HEIGHT} />
          ) : null}
        </>
      )}
    </section>
  );
}
