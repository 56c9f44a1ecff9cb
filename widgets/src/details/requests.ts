// What the details pane asks of the kernel; see zstore_widgets/details.py.
import type { JsonRow } from "./json_rows.ts";

export interface ArrayFacts {
  shape: string[];
  names: (string | null)[] | null;
  dtype: string;
  itemsize: number | null;
  chunk_shape: string[];
  shard_shape: string[] | null;
  /** Of one chunk before encoding. */
  chunk_nbytes: number | null;
  /** Of what is stored under one key each: of shards, if there are any. */
  nchunks: number;
  codecs: string[];
  fill_value: string | null;
  order: "C" | "F";
  size: number;
  nbytes: number | null;
}

export interface NodeFacts {
  kind: "group" | "array";
  format: string;
  /** Names of the documents below the node that say so. */
  documents: string[];
  consolidated: boolean;
  problem: string | null;
  array: ArrayFacts | null;
  attributes_problem: string | null;
}

export interface Stored {
  count: number;
  nbytes: number;
  /** Whether chunks of an array were counted, or all keys. */
  chunks: boolean;
}

export type Wish = "auto" | "json" | "text" | "hex";

export interface ValueHead {
  kind: "missing" | "empty" | "json" | "text" | "image" | "binary";
  label: string;
  nbytes: number;
  /** How many bytes the text or the JSON comes from. */
  shown: number;
  encoding: string | null;
  status: "whole" | "cut" | "limit" | "invalid" | null;
  problem: string | null;
  note: string | null;
}

/** Some lines of Python, and what they do. */
export type Snippet = [title: string, code: string];

declare module "../kernel/requests.ts" {
  interface Requests {
    /** What a group or an array is, null: a folder. The parts are its attributes. */
    describe: {
      args: { path: string };
      part: { rows: JsonRow[] };
      result: NodeFacts | null;
    };
    stored: { args: { path: string }; part: Stored; result: Stored };
    /** What a value is; its parts are rows of JSON, or text with a buffer. */
    value_head: {
      args: { key: string; wish: Wish; all_json: boolean };
      part: { rows?: JsonRow[] };
      result: ValueHead;
    };
    /** The next part of a text. */
    value_text: {
      args: { key: string; start: number; encoding: string };
      part: unknown;
      result: { start: number; stop: number };
    };
    value_bytes: {
      args: { key: string; start: number; stop: number };
      part: unknown;
      result: number;
    };
    /** A picture; the result is its kind for the browser. */
    value_image: { args: { key: string }; part: unknown; result: string };
    /** Code that reads some keys and prefixes; `nodes` says of each what it is. */
    snippets: {
      args: { keys: string[]; nodes: ("group" | "array" | null)[] };
      part: never;
      result: Snippet[];
    };
  }
}
