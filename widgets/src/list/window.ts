// Which rows of a long list are on the screen. Rows have one height.

const OVER = 8;
// Browsers place nothing below some 17 to 33 million pixels.
const MAX_PIXELS = 12_000_000;

/** Height of what is scrolled, in pixels: that of all rows, but for very long lists. */
export function pixelsOf(count: number, rowHeight: number): number {
  return Math.min(count * rowHeight, MAX_PIXELS);
}

/** How many pixels of rows one pixel of the scroll bar moves: 1 but for very long lists. */
export function scaleOf(count: number, rowHeight: number, height: number): number {
  const pixels = pixelsOf(count, rowHeight);
  return pixels > height ? (count * rowHeight - height) / (pixels - height) : 1;
}

/** First row to draw and the one after the last. */
export function windowOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): [number, number] {
  const top = Math.floor(topOf(scrollTop, height, rowHeight, count) / rowHeight);
  const first = Math.max(0, top - OVER);
  return [first, Math.min(count, top + Math.ceil(height / rowHeight) + 1 + OVER)];
}

/** Where the first drawn row lies in what is scrolled, in pixels. */
export function offsetOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): number {
  const [first] = windowOf(scrollTop, height, rowHeight, count);
  return first * rowHeight + scrollTop - topOf(scrollTop, height, rowHeight, count);
}

/** How many pixels of rows are above the first that is seen. */
function topOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): number {
  const scale = scaleOf(count, rowHeight, height);
  // A border makes a box smaller than its height, and it scrolls that much further: times
  // the scale, that is beyond the last row.
  return scale === 1 ? scrollTop : Math.min(scrollTop * scale, count * rowHeight - height);
}
