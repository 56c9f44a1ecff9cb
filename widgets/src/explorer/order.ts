// In which order the entries of a level are shown, and which of them.
import type { Level } from "./level.ts";

export type SortKey = "name" | "size" | "time";

export interface Sort {
  key: SortKey;
  descending: boolean;
}

/** Bytes of an entry, as far as they are known; NaN if not. */
export type SizeOf = (level: Level, child: number) => number;

// Natural order ("chunk 9" before "chunk 10") costs a microsecond for each comparison.
const MAX_NATURAL = 20_000;
const DIGITS = /^\d{1,15}$/;
const collator = new Intl.Collator("en", { numeric: true });

/** Arrange a level and all that is loaded below it; true if `filter` is found in it. */
export function arrange(level: Level, sort: Sort, sizeOf: SizeOf, filter = ""): boolean {
  const wanted = filter.toLowerCase();
  let found = false;
  const below = new Set<number>();
  for (const [child, inner] of level.children) {
    if (arrange(inner, sort, sizeOf, filter) && inner.isOpen) below.add(child);
  }
  const shown: number[] = [];
  const chunks: number[] = [];
  level.chunkTotal = 0;
  for (let child = 0; child < level.names.length; child += 1) {
    if (level.isChunk(child)) level.chunkTotal += 1;
    const matches =
      !wanted || below.has(child) || level.names[child]?.toLowerCase().includes(wanted);
    if (!matches) continue;
    found = true;
    (level.isChunk(child) ? chunks : shown).push(child);
  }
  level.order = sorted(level, shown, sort, sizeOf);
  level.chunks = sorted(level, chunks, sort, sizeOf);
  return found;
}

function sorted(level: Level, children: number[], sort: Sort, sizeOf: SizeOf): number[] {
  const sign = sort.descending ? -1 : 1;
  const rank = rankOf(level, children, sort.key, sizeOf);
  const names = comparisonOf(level, children);
  const groups = [children.filter((child) => level.isFolder(child))];
  groups.push(children.filter((child) => !level.isFolder(child)));
  return groups.flatMap((group) =>
    rank
      ? group.sort((a, b) => byRank(rank(a), rank(b), sign) || names(a, b))
      : inOrder(group, names, sort.descending),
  );
}

function inOrder(
  group: number[],
  compare: (a: number, b: number) => number,
  descending: boolean,
): number[] {
  group.sort(compare);
  return descending ? group.reverse() : group;
}

/** What is not known comes last, whichever way the rest goes. */
function byRank(a: number, b: number, sign: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return sign * (a - b);
}

function rankOf(
  level: Level,
  children: number[],
  key: SortKey,
  sizeOf: SizeOf,
): ((child: number) => number) | null {
  if (key === "name") return null;
  if (key === "time") return (child) => level.modified[child] ?? Number.NaN;
  const sizes = new Map(children.map((child) => [child, sizeOf(level, child)]));
  return (child) => sizes.get(child) ?? Number.NaN;
}

function comparisonOf(level: Level, children: number[]): (a: number, b: number) => number {
  const name = (child: number) => level.names[child] ?? "";
  if (children.length <= MAX_NATURAL) {
    return (a, b) => collator.compare(name(a), name(b)) || plain(name(a), name(b));
  }
  if (children.every((child) => DIGITS.test(name(child)))) {
    return (a, b) => Number(name(a)) - Number(name(b));
  }
  return (a, b) => plain(name(a), name(b));
}

function plain(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
