// Under which key a chunk lies; the twin of zstore/hierarchy/chunk_grid.py.
import type { GridFacts } from "./requests.ts";

/** The key of the chunk at an index, below the root of the view. */
export function keyOf(grid: GridFacts, index: readonly number[]): string {
  const { separator, lead, reverses } = grid.encoding;
  const numbers = index.map(String);
  if (reverses) numbers.reverse();
  const key = (lead ? [lead, ...numbers] : numbers).join(separator) || "0";
  return grid.path ? `${grid.path}/${key}` : key;
}

/** The index of the chunk that holds an element. */
export function chunkOf(grid: GridFacts, element: readonly number[]): number[] {
  return element.map((at, axis) => Math.floor(at / (grid.stored_shape[axis] ?? 1)));
}

/** What an axis is called. */
export function axisName(grid: GridFacts, axis: number): string {
  return grid.names[axis] ?? `axis ${axis}`;
}
