// The open levels as one list of rows. A run of entries is kept as a run: a list of a
// million rows is a handful of segments, and opening a folder splits one of them.
import type { Level } from "./level.ts";

/** In place of an entry: the row that stands for all chunks of an array. */
export const CHUNKS = -1;
/** In place of an entry: what is said at the end of a level (loading, error, more). */
export const TAIL = -2;

export interface Spot {
  level: Level;
  /** A place in the columns of the level, or `CHUNKS` or `TAIL`. */
  child: number;
}

export interface Row extends Spot {
  depth: number;
  /** Which of how many siblings, from 1 on. */
  position: number;
  siblings: number;
}

interface Segment {
  level: Level;
  depth: number;
  first: number;
  /** Either entries, from `from` on, or one row of another kind. */
  entries: number[];
  from: number;
  count: number;
  special: number;
  position: number;
  siblings: number;
}

export class Rows {
  readonly count: number;
  private readonly segments: Segment[];

  constructor(segments: Segment[], count: number) {
    this.segments = segments;
    this.count = count;
  }

  at(index: number): Row | null {
    if (index < 0 || index >= this.count) return null;
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.segments[middle]?.first ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const segment = this.segments[low];
    if (!segment) return null;
    const step = index - segment.first;
    const { level, depth, siblings } = segment;
    const child = segment.special || (segment.entries[segment.from + step] ?? TAIL);
    return { level, child, depth, position: segment.position + step, siblings };
  }

  /** Where a row is in the list; -1 if it is not shown. */
  indexOf({ level, child }: Spot): number {
    for (const segment of this.segments) {
      if (segment.level !== level) continue;
      if (child < 0) {
        if (segment.special === child) return segment.first;
      } else if (!segment.special) {
        const at = segment.entries.indexOf(child, segment.from);
        if (at >= 0 && at < segment.from + segment.count)
          return segment.first + at - segment.from;
      }
    }
    return -1;
  }
}

/** Whether a level ends with a row that says something. */
export function hasTail(level: Level): boolean {
  return (
    level.loadingSince !== null ||
    level.error !== null ||
    level.more ||
    level.order.length + level.chunks.length === 0
  );
}

export function flatten(root: Level): Rows {
  const segments: Segment[] = [];
  let count = 0;

  const add = (segment: Omit<Segment, "first">) => {
    if (!segment.count) return;
    segments.push({ ...segment, first: count });
    count += segment.count;
  };

  const walk = (level: Level, depth: number) => {
    const { order, chunks } = level;
    const siblings = order.length + (chunks.length ? 1 : 0);
    const base = { level, depth, siblings, special: 0 };
    addRuns(level, order, base, depth);
    if (chunks.length) {
      const position = order.length + 1;
      add({ ...base, entries: [], from: 0, count: 1, special: CHUNKS, position });
      if (level.areChunksOpen) walkChunks(level, depth + 1);
    }
    if (hasTail(level)) {
      const tail = { ...base, special: TAIL, position: siblings + 1 };
      add({ ...tail, entries: [], from: 0, count: 1, siblings: siblings + 1 });
    }
  };

  const walkChunks = (level: Level, depth: number) => {
    const only = level.chunkFolder;
    if (only >= 0) {
      const inner = level.children.get(only);
      if (inner) walk(inner, depth);
      return;
    }
    const base = { level, depth, siblings: level.chunks.length, special: 0 };
    addRuns(level, level.chunks, base, depth);
  };

  const addRuns = (
    level: Level,
    entries: number[],
    base: Pick<Segment, "level" | "depth" | "siblings" | "special">,
    depth: number,
  ) => {
    let from = 0;
    for (const [at, inner] of openIn(level, entries)) {
      add({ ...base, entries, from, count: at + 1 - from, position: from + 1 });
      walk(inner, depth + 1);
      from = at + 1;
    }
    add({ ...base, entries, from, count: entries.length - from, position: from + 1 });
  };

  walk(root, 0);
  return new Rows(segments, count);
}

/** The entries that are open: where they stand in the list, and their levels. */
function openIn(level: Level, entries: number[]): [number, Level][] {
  const open = new Map([...level.children].filter(([, inner]) => inner.isOpen));
  const found: [number, Level][] = [];
  if (!open.size) return found;
  for (let at = 0; at < entries.length && found.length < open.size; at += 1) {
    const inner = open.get(entries[at] ?? -1);
    if (inner) found.push([at, inner]);
  }
  return found;
}
