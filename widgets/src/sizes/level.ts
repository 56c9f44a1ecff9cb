// What the map and the table show: boxes by falling weight, and what has none of its own.
import { formatCount } from "../text/numbers.ts";
import type { BoxRow, By, LevelTotals } from "./requests.ts";

export const KINDS = ["group", "array", "chunks", "metadata", "other"] as const;
export type Kind = (typeof KINDS)[number] | "rest";

/** Signs that tell kinds apart without colours. */
export const SIGNS = new Map<Kind, string>([
  ["group", "{}"],
  ["array", "[]"],
  ["chunks", "▦"],
  ["metadata", "≡"],
  ["other", "·"],
  ["rest", "…"],
]);

export interface Box {
  /** From the root of the map; "" with a number of its box for a rest. */
  path: string;
  name: string;
  kind: Kind;
  nkeys: number;
  nbytes: number;
  opens: boolean;
  /** What lies in it; none in the lower level. */
  inside: Box[];
  /** The box of the upper level that it lies in. */
  above: Box | undefined;
}

export interface Level {
  path: string;
  kind: Kind;
  by: By;
  nkeys: number;
  nbytes: number;
  complete: boolean;
  /** The upper level, largest first. */
  boxes: Box[];
}

export function joined(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Each path above `path` and itself, with its last name, from the top. */
export function crumbsOf(path: string): { path: string; name: string }[] {
  if (path === "") return [];
  const names = path.split("/");
  return names.map((name, at) => ({ path: names.slice(0, at + 1).join("/"), name }));
}

export function weightOf(box: { nkeys: number; nbytes: number }, by: By): number {
  return by === "bytes" ? box.nbytes : box.nkeys;
}

/** Build what is shown from the answer of the kernel. */
export function levelOf(
  path: string,
  by: By,
  rows: readonly BoxRow[],
  totals: LevelTotals,
): Level {
  const upper: Box[] = [];
  const boxes: Box[] = [];
  const put = (parent: number, box: Omit<Box, "above" | "inside">) => {
    const above = boxes[parent];
    const made = { ...box, inside: [], above };
    (above ? above.inside : upper).push(made);
    return made;
  };
  for (const [parent, name, kind, nkeys, nbytes, opens] of rows) {
    const base = boxes[parent]?.path ?? path;
    const box = {
      path: joined(base, name),
      name,
      kind: KINDS[kind] ?? "other",
      nkeys,
      nbytes,
      opens: opens === 1,
    };
    boxes.push(put(parent, box));
  }
  for (const [parent, count, nkeys, nbytes] of totals.rests) {
    const name = count > 0 ? `… ${formatCount(count)} smaller` : "… others";
    // No key ends in a slash, so no path of a box is the same.
    const at = `${boxes[parent]?.path ?? path}/`;
    put(parent, { path: at, name, kind: "rest", nkeys, nbytes, opens: false });
  }
  const { kind, nkeys, nbytes, complete } = totals;
  const shown = { path, by, nkeys, nbytes, complete, boxes: upper };
  return { ...shown, kind: KINDS[kind] ?? "other" };
}

/** The box of a path, of either level. */
export function boxOf(level: Level, path: string | undefined): Box | undefined {
  if (path === undefined) return undefined;
  for (const box of level.boxes) {
    if (box.path === path) return box;
    const inside = box.inside.find((each) => each.path === path);
    if (inside) return inside;
  }
  return undefined;
}
