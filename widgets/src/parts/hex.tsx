// A window on bytes of any length: only the rows on the screen are read.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Stopped } from "../kernel/channel.ts";
import { offsetOf, pixelsOf, scaleOf, windowOf } from "../list/window.ts";
import {
  BYTES_A_ROW,
  formatCharacters,
  formatHex,
  formatOffset,
  parseOffset,
} from "./hex_rows.ts";
import { Problem } from "./problem.tsx";

const ROW = 20;
/** What is read at a time, and remembered. */
const PAGE = 4096;
const MAX_PAGES = 64;
const SETTLE_MS = 60;

interface HexProps {
  nbytes: number;
  height: number;
  label: string;
  /** Read bytes; rejects with `Stopped` when the signal was aborted. */
  read: (start: number, stop: number, signal: AbortSignal) => Promise<Uint8Array>;
}

export function Hex({ nbytes, height, label, read }: HexProps) {
  const pages = useRef(new Map<number, Uint8Array>());
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [, setArrived] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const perRow = useBytesARow(box);
  const count = Math.ceil(nbytes / perRow);
  const [first, last] = windowOf(top, height, ROW, count);
  const firstPage = Math.floor((first * perRow) / PAGE);
  const lastPage = Math.floor(Math.max(0, last * perRow - 1) / PAGE);

  useEffect(() => {
    pages.current.clear();
    setError(null);
    if (box.current) box.current.scrollTop = 0;
    setTop(0);
  }, [read, nbytes]);

  useEffect(() => {
    const stop = new AbortController();
    const fetchPages = async () => {
      for (let page = firstPage; page <= lastPage; page += 1) {
        if (pages.current.has(page) || page * PAGE >= nbytes) continue;
        const end = Math.min((page + 1) * PAGE, nbytes);
        const bytes = await read(page * PAGE, end, stop.signal);
        if (pages.current.size >= MAX_PAGES) pages.current.clear();
        pages.current.set(page, bytes);
        setArrived((arrived) => arrived + 1);
      }
      setError(null);
    };
    const timer = setTimeout(() => {
      fetchPages().catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [firstPage, lastPage, read, nbytes, attempt]);

  const scale = scaleOf(count, ROW, height);
  const goTo = (text: string) => {
    const offset = parseOffset(text);
    if (offset === null || !box.current) return;
    const row = Math.floor(Math.min(offset, Math.max(0, nbytes - 1)) / perRow);
    box.current.scrollTop = (row * ROW) / scale;
  };
  const bytesOf = (row: number): Uint8Array | undefined => {
    const start = row * perRow;
    const page = pages.current.get(Math.floor(start / PAGE));
    return page?.subarray(start % PAGE, (start % PAGE) + perRow);
  };

  return (
    <div class="zs-hex">
      <label class="zs-field zs-muted">
        Go to offset
        <input
          class="zs-input zs-mono"
          size={12}
          placeholder="0x… or =10"
          data-lm-suppress-shortcuts="true"
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter") goTo(event.currentTarget.value);
          }}
        />
      </label>
      {error === null ? null : (
        <Problem error={error} onRetry={() => setAttempt(attempt + 1)} />
      )}
      <div
        ref={box}
        class="zs-box zs-mono"
        role="region"
        aria-label={label}
        tabIndex={0}
        data-lm-suppress-shortcuts="true"
        style={{ height: `${height}px` }}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div style={{ height: `${pixelsOf(count, ROW)}px`, position: "relative" }}>
          <div
            class="zs-hex-window"
            style={{ transform: `translateY(${offsetOf(top, height, ROW, count)}px)` }}
          >
            {Array.from({ length: last - first }, (_, at) => first + at).map((row) => {
              const bytes = bytesOf(row);
              return (
                <div key={row} class="zs-hex-row" style={{ height: `${ROW}px` }}>
                  <span class="zs-hex-offset">{formatOffset(row * perRow, nbytes)}</span>
                  <span class="zs-hex-bytes" style={{ "min-width": `${perRow * 3}ch` }}>
                    {bytes ? formatHex(bytes) : ""}
                  </span>
                  <span class="zs-hex-characters">
                    {bytes ? formatCharacters(bytes) : ""}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

// What a row of sixteen needs: its offset, two digits a byte, its characters.
const WIDTH_OF_SIXTEEN = 580;

/** Sixteen, or half of them where sixteen would be cut off. */
function useBytesARow(box: RefObject<HTMLDivElement | null>): number {
  const [isNarrow, setNarrow] = useState(false);
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setNarrow(entry.contentRect.width < WIDTH_OF_SIXTEEN);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return isNarrow ? BYTES_A_ROW / 2 : BYTES_A_ROW;
}
