// A grid of chunks on a screen: which two axes are shown, how a line of chunks is wrapped,
// and how many chunks each cell stands for where there are too many.

/** More cells than these are folded into blocks. */
export const MOST_CELLS = 40_000;
const MOST_ROWS = 170;
const MOST_COLUMNS = 240;

export interface Layout {
  /** Chunks along each of the two sides that are shown. */
  chunks: readonly [rows: number, columns: number];
  /** Cells along each side. */
  cells: readonly [rows: number, columns: number];
  /** Chunks in each cell, along each side. */
  block: readonly [rows: number, columns: number];
  /** Whether one axis was wrapped into rows; then the last row may be short of some. */
  wrapped: boolean;
  /** How many chunks are shown in all. */
  count: number;
}

/** Lay out one axis or two. */
export function layoutOf(counts: readonly number[]): Layout {
  const count = counts.reduce((product, each) => product * each, 1);
  const wrapped = counts.length < 2;
  const [rows = 1, columns = 1] = wrapped ? wrap(count) : counts;
  const fits =
    rows * columns <= MOST_CELLS && rows <= 2 * MOST_ROWS && columns <= 2 * MOST_COLUMNS;
  const block = fits
    ? ([1, 1] as const)
    : ([
        Math.ceil(rows / Math.min(rows, MOST_ROWS)),
        Math.ceil(columns / Math.min(columns, MOST_COLUMNS)),
      ] as const);
  return {
    chunks: [rows, columns],
    cells: [Math.ceil(rows / block[0]), Math.ceil(columns / block[1])],
    block,
    wrapped,
    count,
  };
}

/** Rows of a round number of chunks, some three times as wide as high. */
function wrap(count: number): [number, number] {
  if (count <= 40) return [1, Math.max(1, count)];
  const wide = Math.sqrt(count * 3);
  const columns = Math.max(10, Math.round(wide / 10) * 10);
  return [Math.ceil(count / columns), columns];
}

/** What is known of the chunks of one picture, cell by cell. */
export interface Cells {
  /** Chunks that are stored. */
  present: Float64Array;
  /** Bytes of them. */
  nbytes: Float64Array;
}

/** An axis of the grid, and how many chunks its steps are apart in the flat index. */
export interface Axes {
  counts: readonly number[];
  /** Shown down and across; one of them where the grid has a single axis. */
  shown: readonly number[];
  /** The place on the others. */
  index: readonly number[];
}

/** Gather the stored chunks of a picture into its cells. */
export function foldChunks(
  flat: ArrayLike<number>,
  nbytes: ArrayLike<number>,
  axes: Axes,
  layout: Layout,
): Cells {
  const size = layout.cells[0] * layout.cells[1];
  const cells = { present: new Float64Array(size), nbytes: new Float64Array(size) };
  for (let at = 0; at < flat.length; at += 1) {
    const place = placeOf(flat[at] ?? 0, axes, layout);
    if (!place) continue;
    const row = Math.floor(place[0] / layout.block[0]);
    const column = Math.floor(place[1] / layout.block[1]);
    const cell = row * layout.cells[1] + column;
    cells.present[cell] = (cells.present[cell] ?? 0) + 1;
    cells.nbytes[cell] = (cells.nbytes[cell] ?? 0) + (nbytes[at] ?? 0);
  }
  return cells;
}

/** Row and column of a chunk, null where another slice of the grid has it. */
function placeOf(flat: number, axes: Axes, layout: Layout): [number, number] | null {
  let rest = flat;
  let [row, column] = [0, 0];
  for (let axis = axes.counts.length - 1; axis >= 0; axis -= 1) {
    const count = axes.counts[axis] ?? 1;
    const at = rest % count;
    rest = Math.floor(rest / count);
    if (axis === axes.shown[axes.shown.length - 1]) column = at;
    else if (axis === axes.shown[0]) row = at;
    else if (at !== (axes.index[axis] ?? 0)) return null;
  }
  if (!layout.wrapped) return [row, column];
  const columns = layout.chunks[1];
  return [Math.floor(column / columns), column % columns];
}

/** How many chunks the grid has in a cell; fewer at the ends, and none past them. */
export function chunksIn(layout: Layout, row: number, column: number): number {
  const [top, left] = [row * layout.block[0], column * layout.block[1]];
  const rows = Math.min(layout.block[0], layout.chunks[0] - top);
  const columns = Math.min(layout.block[1], layout.chunks[1] - left);
  if (!layout.wrapped) return rows * columns;
  let count = 0;
  for (let each = top; each < top + rows; each += 1)
    count += Math.max(0, Math.min(columns, layout.count - each * layout.chunks[1] - left));
  return count;
}

/** The index of the first chunk in a cell. */
export function firstChunk(
  layout: Layout,
  axes: Axes,
  row: number,
  column: number,
): number[] {
  const [top, left] = [row * layout.block[0], column * layout.block[1]];
  const index = axes.counts.map((_, axis) => axes.index[axis] ?? 0);
  const [down, across] = axes.shown;
  if (layout.wrapped) {
    if (down !== undefined) index[down] = top * layout.chunks[1] + left;
  } else {
    if (down !== undefined) index[down] = top;
    if (across !== undefined) index[across] = left;
  }
  return index;
}
