// What the views of arrays ask the kernel: see zstore_widgets/arrays.py.

/** How the index of a chunk is written as a key. */
export interface KeyEncoding {
  separator: string;
  lead: string;
  reverses: boolean;
}

/** The array, and the grid of what is stored of it under one key each. */
export interface GridFacts {
  path: string;
  title: string;
  shape: number[];
  names: (string | null)[];
  stored_shape: number[];
  counts: number[];
  sharded: boolean;
  /** Of a whole chunk before encoding; null where that varies. */
  nbytes_of_chunk: number | null;
  encoding: KeyEncoding;
}

export interface ArrayFacts extends GridFacts {
  kind: "array";
  dtype: string;
  /** Of a structure; none for anything else. */
  fields: string[];
}

/** Which part was read. */
export interface SlicePlace {
  kind: "slice";
  axes: number[];
  index: number[];
  /** Start and stop along each of `axes`. */
  window: number[];
  steps: number[];
  samples: number[];
  nchunks: number;
  nbytes: number;
  cut: boolean;
}

export type What =
  | "number"
  | "integer"
  | "bool"
  | "complex"
  | "time"
  | "duration"
  | "text"
  | "colour";

/** What the numbers are; those of a line are folded, the others are as they were read. */
export interface NumberFacts {
  what: What;
  column: "float32" | "float64" | "uint8";
  drawn?: number[];
  unit?: string | null;
  /** An integer to be added to each number. */
  base?: string;
  /** All elements as text, if they are few. */
  cells?: string[] | null;
  fill?: number | null;
  least?: number | null;
  largest?: number | null;
  mean?: number | null;
  /** The least that is more than zero. */
  positive?: number | null;
  nans?: number;
  fills?: number;
  infinities?: number;
}

export type SliceResult = SlicePlace & NumberFacts;

/** What to show; what is left out is chosen by the kernel. */
export interface Wanted {
  axes?: number[];
  index?: number[];
  window?: number[];
  field?: string;
}

declare module "../kernel/requests.ts" {
  interface Requests {
    /** A slice of an array, as numbers to draw. */
    slice: {
      args: { path: string } & Wanted;
      part: ArrayFacts | { kind: "numbers"; offset: number; total: number };
      result: SliceResult | { kind: "empty" };
    };
    /** Which chunks are stored: columns of flat indices and of bytes, both float64. */
    chunk_map: {
      args: { path: string };
      part: (GridFacts & { kind: "grid" }) | { kind: "chunks" };
      result: { present: number; nbytes: number };
    };
  }
}
