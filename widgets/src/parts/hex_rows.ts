// Bytes as a hex view shows them: sixteen a row, hexadecimal and as characters.

export const BYTES_A_ROW = 16;

export interface HexRow {
  offset: string;
  hex: string;
  characters: string;
}

const DOT = "·";

/** The offset of a row, with as many digits as the last one needs (eight at least). */
export function formatOffset(offset: number, nbytes: number): string {
  const digits = Math.max(8, Math.max(0, nbytes - 1).toString(16).length);
  return offset.toString(16).padStart(digits, "0");
}

/** Bytes as pairs of digits, with a wider gap in the middle of a full row. */
export function formatHex(bytes: Uint8Array): string {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const half = BYTES_A_ROW / 2;
  const left = pairs.slice(0, half).join(" ");
  return pairs.length > half ? `${left}  ${pairs.slice(half).join(" ")}` : left;
}

/** Printable ASCII as it is, everything else as a dot. */
export function formatCharacters(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : DOT))
    .join("");
}

/** What an offset field means: "0x1f", "1f" and "31" after "=", or null. */
export function parseOffset(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  const decimal = /^=\s*(\d+)$/.exec(trimmed)?.[1];
  if (decimal !== undefined) return Number.parseInt(decimal, 10);
  const hexadecimal = /^(?:0x)?([0-9a-f]+)$/.exec(trimmed)?.[1];
  return hexadecimal === undefined ? null : Number.parseInt(hexadecimal, 16);
}
