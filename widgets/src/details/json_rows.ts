// The rows of a JSON text, folded and unfolded.

export type JsonKind = "object" | "array" | "string" | "number" | "word";

/** One value, each before those in it; zstore_widgets/previews/json_rows.py makes them. */
export type JsonRow = [
  depth: number,
  kind: JsonKind,
  name: string | null,
  text: string,
  length: number,
];

const MAX_OPEN = 60;
const MAX_INLINE = 56;
// What lies before and after a longer list should be in sight with it.
const MAX_LIST = 24;

function isContainer(row: JsonRow | undefined): boolean {
  return row !== undefined && (row[1] === "object" || row[1] === "array");
}

/** Whether something can be unfolded. */
export function canOpen(rows: readonly JsonRow[], at: number): boolean {
  const row = rows[at];
  const next = rows[at + 1];
  return row !== undefined && next !== undefined && next[0] > row[0];
}

/** The rows to show: those that lie in nothing folded. The outermost is not shown. */
export function shownRows(rows: readonly JsonRow[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  let hidden = Number.POSITIVE_INFINITY;
  for (let at = canOpen(rows, 0) ? 1 : 0; at < rows.length; at += 1) {
    const depth = rows[at]?.[0] ?? 0;
    if (depth > hidden) continue;
    hidden = folded.has(at) ? depth : Number.POSITIVE_INFINITY;
    shown.push(at);
  }
  return shown;
}

/** What is folded at first: what fits on a screen is open, the outer before the inner. */
export function foldedAtFirst(rows: readonly JsonRow[]): Set<number> {
  const folded = new Set<number>();
  const levels = new Map<number, number[]>();
  rows.forEach((row, at) => {
    if (at === 0 || !isContainer(row)) return;
    folded.add(at);
    const level = levels.get(row[0]);
    if (level) level.push(at);
    else levels.set(row[0], [at]);
  });
  const parents = parentsOf(rows);
  let room = MAX_OPEN - (rows[0]?.[4] ?? 0);
  for (let depth = 1; levels.has(depth); depth += 1) {
    for (const at of levels.get(depth) ?? []) {
      const length = rows[at]?.[4] ?? 0;
      if (length > Math.min(room, MAX_LIST) || folded.has(parents[at] ?? 0)) continue;
      if (inlineOf(rows, at) !== null) continue;
      folded.delete(at);
      room -= length;
    }
    if (room <= 0) break;
  }
  return folded;
}

/** For each row the one that it lies in; in one pass, whatever the rows are. */
function parentsOf(rows: readonly JsonRow[]): Int32Array {
  const parents = new Int32Array(rows.length);
  const open: number[] = [];
  rows.forEach(([depth], at) => {
    open.length = Math.min(open.length, depth);
    parents[at] = open.at(-1) ?? 0;
    open.push(at);
  });
  return parents;
}

/** The row that another lies in, null: none that is shown. */
export function parentOf(rows: readonly JsonRow[], at: number): number | null {
  const depth = rows[at]?.[0] ?? 0;
  for (let before = at - 1; before > 0; before -= 1) {
    if ((rows[before]?.[0] ?? 0) < depth) return before;
  }
  return null;
}

/** A scalar as JSON writes it. */
export function scalarText(row: JsonRow): string {
  return row[1] === "string" ? `"${row[3]}"` : row[3];
}

/** A short list of scalars in one line, null: it is longer, or holds more than scalars. */
export function inlineOf(rows: readonly JsonRow[], at: number): string | null {
  const row = rows[at];
  if (row?.[1] !== "array" || row[4] > MAX_INLINE / 2) return null;
  const texts: string[] = [];
  let length = 0;
  for (let next = at + 1; next <= at + row[4]; next += 1) {
    const child = rows[next];
    if (!child || isContainer(child) || child[0] !== row[0] + 1) return null;
    const text = scalarText(child);
    length += text.length + 2;
    if (length > MAX_INLINE) return null;
    texts.push(text);
  }
  return `[${texts.join(", ")}]`;
}

/** What stands for an object or array that is folded. */
export function foldedText(rows: readonly JsonRow[], at: number): string {
  const row = rows[at];
  if (!row) return "";
  if (row[4] === 0) return row[1] === "object" ? "{}" : "[]";
  return inlineOf(rows, at) ?? (row[1] === "object" ? `{ ${row[4]} }` : `[ ${row[4]} ]`);
}
