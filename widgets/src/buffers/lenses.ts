// As which numbers bytes can be looked at; the same list as zstore.inspection.LENSES.

export const LENSES = [
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "uint64",
  "int64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
  "bool",
] as const;

const BITS = /\d+$/;

/** Bytes that one value takes. */
export function itemsizeOf(lens: string): number {
  const bits = BITS.exec(lens)?.[0];
  return bits === undefined ? 1 : Number(bits) / 8;
}

/** A type and its byte order from what the kernel calls it: ">int32". */
export function splitLens(dtype: string): [string, boolean] {
  return dtype.startsWith(">") ? [dtype.slice(1), true] : [dtype, false];
}

/** What the kernel calls a type; single bytes have no order. */
export function joinLens(lens: string, bigEndian: boolean): string {
  return bigEndian && itemsizeOf(lens) > 1 ? `>${lens}` : lens;
}
