// What the explorer asks of the kernel; see the Python modules of the same names.

export type Format = "zarr2" | "zarr3" | "n5";

/** What a row says about a group or an array. */
export interface NodeSummary {
  kind: "group" | "array" | "unknown";
  format?: Format;
  problem?: string;
  shape?: string;
  dtype?: string;
  sharded?: boolean;
  /** Of the whole grid; null: more than a number can hold. */
  nchunks?: number | null;
}

interface Counted {
  nkeys: number;
  nbytes: number;
}

declare module "../kernel/requests.ts" {
  interface Requests {
    /** One level, or a page of it; the columns are kinds, nbytes and modified. */
    level: {
      args: {
        prefix: string;
        after: string;
        limit: number;
        in_chunks?: boolean;
        fresh?: boolean;
      };
      part: { names: string[] };
      result: { more: boolean; cursor: string; node: NodeSummary | null };
    };
    /** What some prefixes are. */
    nodes: {
      args: { prefixes: string[]; parent?: Format | null };
      part: never;
      result: (NodeSummary | null)[];
    };
    /** How many chunks of an array are stored. */
    chunk_count: {
      args: { path: string };
      part: { present: number; nbytes: number };
      result: { present: number; nbytes: number };
    };
    /** How much lies below a prefix; the columns are nkeys and nbytes of its children. */
    sizes: {
      args: { prefix: string };
      part: Counted & { names: string[] };
      result: Counted;
    };
    /** What a snapshot knows of a level, as `sizes` says it; null where there is none. */
    known_sizes: {
      args: { prefix: string };
      part: Counted & { names: string[] };
      /** The moment that it is of, in milliseconds since 1970. */
      result: (Counted & { complete: boolean; as_of: number }) | null;
    };
    /** Keys and folders with a text in their name. */
    search: {
      args: { prefix: string; text: string };
      part: { keys: string[]; nbytes: (number | null)[]; seen: number };
      result: { seen: number; hits: number; complete: boolean };
    };
    /** Bytes of a value, from a place on. */
    download: {
      args: { key: string; start: number };
      part: { at: number };
      result: { stop: number; total: number };
    };
    /** Only answered by an explorer that may edit. */
    delete: {
      args: { keys: string[] };
      part: { done: number };
      result: { done: number };
    };
    /** Tells the kernel what is selected. */
    select: { args: { keys: string[] }; part: never; result: null };
  }
}
