// Numbers and shapes of the metadata as people read them.
import { formatBytes, formatCount, formatShare } from "../text/numbers.ts";
import type { ArrayFacts, Stored } from "./requests.ts";

/** The lengths of axes: "24 × 90 × 180"; a single value has none. */
export function shapeText(shape: readonly string[]): string {
  return shape.length ? shape.join(" × ") : "a single value";
}

/** Bytes, with the exact number where the short one has lost digits. */
export function exactBytes(nbytes: number, locale?: string): string {
  const short = formatBytes(nbytes, locale);
  return nbytes < 1000 ? short : `${short} (${formatCount(nbytes, locale)} bytes)`;
}

/** How large the data are against what is stored of them; null: not to be said. */
export function ratioText(array: ArrayFacts, stored: Stored): string | null {
  if (array.nbytes === null || stored.nbytes === 0 || array.nchunks === 0) return null;
  // What is missing takes no room, and is no merit of the codecs.
  const present = Math.min(1, stored.count / array.nchunks);
  const ratio = (array.nbytes * present) / stored.nbytes;
  const digits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
  if (ratio >= 0.995 && ratio < 1.005) return "as large as uncompressed";
  return ratio > 1
    ? `${digits.format(ratio)} times smaller than uncompressed`
    : `${digits.format(1 / ratio)} times larger than uncompressed`;
}

/** How many chunks are there: "1,471 of 1,472 (99.9 %)". */
export function presentText(count: number, total: number): string {
  const counted = `${formatCount(count)} of ${formatCount(total)}`;
  if (total === 0 || count === total || count === 0) return counted;
  // Rounding must not say that all, or none, are there.
  const share = Math.min(0.999, Math.max(0.001, count / total));
  return `${counted} (${formatShare(share)})`;
}

/** Which part of a value is on the screen: "first 64 KiB of 1.4 GiB". */
export function spanText(start: number, stop: number, nbytes: number): string {
  if (start === 0 && stop >= nbytes) return formatBytes(nbytes);
  const total = formatBytes(nbytes);
  if (start === 0) return `first ${formatBytes(stop)} of ${total}`;
  return `bytes ${formatCount(start)} to ${formatCount(stop)} of ${total}`;
}
