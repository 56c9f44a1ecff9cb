// The cells of a strip of memory: what each is, where it is drawn, which one is meant.
import { formatBytes, formatCount, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import type { Strip } from "./requests.ts";

export interface Cell {
  start: number;
  nbytes: number;
  live: number;
  first: number;
  count: number;
  key: string;
}

/** The cells of a strip, one object each. */
export function cellsOf({ cells }: Strip): Cell[] {
  return cells.start.map((start, at) => ({
    start,
    nbytes: cells.nbytes[at] ?? 0,
    live: cells.live_nbytes[at] ?? 0,
    first: cells.first[at] ?? 0,
    count: cells.count[at] ?? 0,
    key: cells.key[at] ?? "",
  }));
}

// Shorter than that, a strip is no more than a dot.
const LEAST_SHARE = 0.04;

/** How long a strip is drawn, of the length of the longest. */
export function lengthOf(strip: Strip, strips: Strip[]): number {
  const longest = Math.max(1, ...strips.map(({ nbytes }) => nbytes));
  return Math.max(LEAST_SHARE, strip.nbytes / longest);
}

/** Where a cell is drawn in its strip: start and width, as shares of it. */
export function spanOf(cell: Cell, strip: Strip): [number, number] {
  if (strip.nbytes <= 0) return [0, 1];
  return [cell.start / strip.nbytes, cell.nbytes / strip.nbytes];
}

/** The share of a cell that values use. */
export function fullnessOf(cell: Cell): number {
  return cell.nbytes > 0 ? Math.min(1, cell.live / cell.nbytes) : 1;
}

/** How a cell is drawn. */
export function kindOf(cell: Cell): "one" | "many" | "dead" {
  if (cell.count === 0) return "dead";
  return cell.count === 1 ? "one" : "many";
}

/** What a strip is, in words. */
export function nameOf(strip: Strip): string {
  const size = formatBytes(strip.nbytes);
  const dead = strip.nbytes - strip.live_nbytes;
  const values = formatCounted(strip.nvalues, "value");
  const what =
    strip.kind === "own"
      ? `${values} with memory of ${strip.nvalues === 1 ? "its" : "their"} own, ${size}`
      : `${strip.device === "cpu" ? "Piece" : "Slab"} of ${size}, ${values}`;
  return dead > 0 ? `${what}, ${formatBytes(dead)} dead` : what;
}

/** What a cell is, in words. */
export function wordsOf(cell: Cell, strip: Strip): string {
  const size = formatBytes(cell.nbytes);
  const place = strip.kind === "own" ? "" : `, at byte ${formatCount(cell.start)}`;
  if (cell.count === 0) return `${size} that no value uses${place}`;
  if (cell.count === 1) {
    const dead = cell.nbytes - cell.live;
    const beside = dead > 0 ? ` and ${formatBytes(dead)} dead` : "";
    return `${visible(cell.key)}, ${formatBytes(cell.live)}${beside}${place}`;
  }
  return `${formatCount(cell.count)} values from ${visible(cell.key)} on, ${formatBytes(cell.live)} in ${size}${place}`;
}

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowDown", 1],
  ["ArrowLeft", -1],
  ["ArrowUp", -1],
  ["PageDown", 10],
  ["PageUp", -10],
  ["Home", -Infinity],
  ["End", Infinity],
]);

/** Which of `count` is meant after a key, or null if the key moves nothing. */
export function stepped(at: number, key: string, count: number): number | null {
  const step = STEPS.get(key);
  if (step === undefined || count === 0) return null;
  return Math.min(count - 1, Math.max(0, at + step));
}
