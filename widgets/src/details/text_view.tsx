// A text in parts of 64 KiB, with the numbers of its lines.
import { useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { spanText } from "./facts.ts";
import { Pieces } from "./pieces.ts";
import type { ValueHead } from "./requests.ts";
import { lineNumbers, shownLines } from "./text_lines.ts";
import { useAsked } from "./use_asked.ts";
import { Waiting } from "./waiting.tsx";

interface TextViewProps {
  channel: Channel;
  keyName: string;
  head: ValueHead;
  /** The first part, which came with the head. */
  text: string;
}

interface Part {
  start: number;
  stop: number;
  line: number;
  text: string;
}

export function TextView({ channel, keyName, head, text }: TextViewProps) {
  const [before, setBefore] = useState<Part[]>([]);
  const [wanted, setWanted] = useState<{ start: number; line: number } | null>(null);
  const first: Part = { start: 0, stop: head.shown, line: 1, text };
  const later = useAsked<Part>(
    [wanted?.start, keyName],
    wanted &&
      (async (signal) => {
        const pieces = new Pieces();
        const { start, stop } = await channel.call(
          "value_text",
          { key: keyName, start: wanted.start, encoding: head.encoding ?? "utf-8" },
          { slot: "value", signal, onPart: (_, buffers) => pieces.add(buffers) },
        );
        return { start, stop, line: wanted.line, text: pieces.text() };
      }),
  );
  const part = wanted === null ? first : later.value;
  const lines = part && shownLines(part.text);
  const next = () => {
    if (!part || !lines) return;
    setBefore([...before, part]);
    // A line that goes on in the next part has one number in both.
    const isWhole = /[\r\n]$/.test(part.text);
    setWanted({ start: part.stop, line: part.line + lines.count - (isWhole ? 0 : 1) });
  };
  const previous = () => {
    const last = before.at(-1);
    setBefore(before.slice(0, -1));
    setWanted(last && last.start > 0 ? { start: last.start, line: last.line } : null);
  };
  const isLong = head.shown < head.nbytes;
  return (
    <>
      {isLong ? (
        <div class="zs-bar zs-details-bar">
          <span class="zs-muted" role="status">
            {part ? spanText(part.start, part.stop, head.nbytes) : "Reading …"}
          </span>
          <span class="zs-spacer" />
          <button
            type="button"
            class="zs-button"
            disabled={wanted === null}
            onClick={previous}
          >
            Previous
          </button>
          <button
            type="button"
            class="zs-button"
            disabled={!part || part.stop >= head.nbytes || part.stop <= part.start}
            onClick={next}
          >
            Next
          </button>
        </div>
      ) : null}
      {later.error === null ? null : <Problem error={later.error} onRetry={later.retry} />}
      {lines && part ? (
        <div class="zs-box zs-lines" role="region" aria-label="Text" tabIndex={0}>
          <pre class="zs-lines-numbers" aria-hidden="true">
            {lineNumbers(part.line, lines.count)}
          </pre>
          <pre class="zs-lines-text" dir="auto">
            {lines.text}
          </pre>
        </div>
      ) : later.error === null ? (
        <Waiting />
      ) : null}
    </>
  );
}
