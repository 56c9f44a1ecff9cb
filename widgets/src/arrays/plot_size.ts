// How large a picture is drawn: its shape is kept, unless one side would be lost to sight.

const TALLEST = 380;
const THINNEST = 60;
/** A cell of few is no larger than that. */
const LARGEST_CELL = 44;

/** Pixels of a picture of so many elements, in a place of some width. */
export function pictureSize(
  room: number,
  rows: number,
  columns: number,
): { width: number; height: number } {
  const widest = Math.max(THINNEST, room);
  const scale = Math.min(widest / columns, TALLEST / rows, LARGEST_CELL);
  return {
    width: Math.round(Math.min(widest, Math.max(THINNEST, columns * scale))),
    height: Math.round(Math.min(TALLEST, Math.max(THINNEST, rows * scale))),
  };
}
