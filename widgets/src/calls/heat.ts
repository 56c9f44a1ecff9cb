// The touches of chunks as a grid of cells: two axes are shown, the others summed up.

/** Chunks that were touched, in the order of the first touch. */
export interface Touches {
  counts: number[];
  /** Index along each axis; one column an axis. */
  indices: Float64Array[];
  touches: Float64Array;
  repeats: Float64Array;
  missing: Float64Array;
}

/** Cut the run of numbers of the kernel into its columns. */
export function touchesOf(
  numbers: Float64Array,
  counts: number[],
  ntouched: number,
): Touches {
  const column = (at: number) => numbers.subarray(at * ntouched, (at + 1) * ntouched);
  const ndim = counts.length;
  return {
    counts,
    indices: counts.map((_, axis) => column(axis)),
    touches: column(ndim),
    repeats: column(ndim + 1),
    missing: column(ndim + 2),
  };
}

export interface Cell {
  /** Chunks in the cell that were touched. */
  nchunks: number;
  touches: number;
  repeats: number;
  missing: number;
  /** Which touched chunk came first, from 1 on. */
  order: number;
  /** Index of the chunk that came first. */
  index: number[];
}

export interface HeatGrid {
  counts: [rows: number, columns: number];
  /** How many chunks a cell stands for along each of the two axes. */
  block: [number, number];
  cells: Map<number, Cell>;
  most: number;
}

/** Cells along one axis; more chunks share a cell. */
export const MAX_CELLS = 200;

/** The two axes that are shown at first: the last two that have more than one chunk. */
export function firstAxes(counts: number[]): [number, number] {
  const long = counts.map((_, axis) => axis).filter((axis) => (counts[axis] ?? 0) > 1);
  const columns = long.at(-1) ?? counts.length - 1;
  const rows = long.at(-2) ?? (columns > 0 ? columns - 1 : -1);
  return [rows, columns];
}

/** The grid of the first `shown` chunks; -1 stands for an axis that is not there. */
export function gridOf(
  { counts, indices, touches, repeats, missing }: Touches,
  [rows, columns]: [number, number],
  shown: number,
): HeatGrid {
  const lengths: [number, number] = [counts[rows] ?? 1, counts[columns] ?? 1];
  const block = lengths.map((length) => Math.ceil(length / MAX_CELLS)) as [number, number];
  const size = lengths.map((length, at) =>
    Math.max(1, Math.ceil(length / (block[at] ?? 1))),
  ) as [number, number];
  const cells = new Map<number, Cell>();
  let most = 0;
  for (let at = 0; at < Math.min(shown, touches.length); at++) {
    const row = Math.floor((indices[rows]?.[at] ?? 0) / block[0]);
    const column = Math.floor((indices[columns]?.[at] ?? 0) / block[1]);
    const place = row * size[1] + column;
    let cell = cells.get(place);
    if (!cell) {
      const index = indices.map((axis) => axis[at] ?? 0);
      cell = { nchunks: 0, touches: 0, repeats: 0, missing: 0, order: at + 1, index };
      cells.set(place, cell);
    }
    cell.nchunks += 1;
    cell.touches += touches[at] ?? 0;
    cell.repeats += repeats[at] ?? 0;
    cell.missing += missing[at] ?? 0;
    most = Math.max(most, cell.touches);
  }
  return { counts: size, block, cells, most };
}
