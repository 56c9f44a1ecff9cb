// Where the cells of a grid lie, and where a key moves the cursor among them.

export type Cell = readonly [row: number, column: number];

export interface CellSize {
  width: number;
  height: number;
}

const LARGEST = 26;
const SMALLEST = 2;
/** Cells below it touch each other; above, a line of the ground is between them. */
export const WITH_GAP = 5;

/** Size of a cell in pixels: square where that fits, else as stretched as it must be. */
export function cellSizeOf(counts: Cell, width: number, height: number): CellSize {
  const fit = (space: number, count: number) =>
    Math.min(LARGEST, Math.max(SMALLEST, Math.floor(space / Math.max(1, count))));
  const size = { width: fit(width, counts[1]), height: fit(height, counts[0]) };
  const side = Math.min(size.width, size.height);
  if (side >= WITH_GAP) return { width: side, height: side };
  return {
    width: Math.min(size.width, 3 * side),
    height: Math.min(size.height, 3 * side),
  };
}

/** The cell at a place in pixels, null outside of the grid. */
export function cellAt(x: number, y: number, size: CellSize, counts: Cell): Cell | null {
  const row = Math.floor(y / size.height);
  const column = Math.floor(x / size.width);
  const inside = row >= 0 && column >= 0 && row < counts[0] && column < counts[1];
  return inside ? [row, column] : null;
}

/** Where a key moves the cursor; null for keys that do not. */
export function moved(cell: Cell, key: string, counts: Cell): Cell | null {
  const [row, column] = cell;
  const page = Math.max(1, Math.round(counts[0] / 8));
  const targets = new Map<string, Cell>([
    ["ArrowUp", [row - 1, column]],
    ["ArrowDown", [row + 1, column]],
    ["ArrowLeft", [row, column - 1]],
    ["ArrowRight", [row, column + 1]],
    ["PageUp", [row - page, column]],
    ["PageDown", [row + page, column]],
    ["Home", [row, 0]],
    ["End", [row, counts[1] - 1]],
  ]);
  const target = targets.get(key);
  if (!target) return null;
  const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  return [clamp(target[0], counts[0]), clamp(target[1], counts[1])];
}
