// The calls as they come from the kernel, and the ones that the page keeps.
export interface Call {
  /** Counts up, in the order in which the calls ended. */
  number: number;
  /** When it began, in seconds by the clock of the kernel. */
  clock: number;
  seconds: number;
  method: string;
  outcome: string;
  /** The first key, or the prefix. */
  key: string;
  nkeys: number;
  range: string;
  nbytesIn: number;
  nbytesOut: number;
  nitems: number;
}

export interface RecordingSummary {
  number: number;
  label: string;
  ncalls: number;
}

export interface News {
  recordings: RecordingSummary[];
  running: string[];
}

/** A part of the answer to `watch`: how it stands, or rows. */
export interface WatchPart {
  ncalls?: number;
  nopen?: number;
  reset?: boolean;
  news?: News;
  names?: string[];
  keys?: string[];
  ranges?: string[];
}

declare module "../kernel/requests.ts" {
  interface Requests {
    watch: { args: Record<string, never>; part: WatchPart; result: null };
    call_details: {
      args: { clock: number; duration: number; method: string };
      part: never;
      result: CallDetails;
    };
  }
}

export interface CallDetails {
  start: number;
  /** The prefix, if it is about one. */
  keys: string[];
  ranges: string[];
  nhidden: number;
  task: string;
}

export const MAX_CALLS = 10_000;
const COLUMNS = 8;

/** The numbers of a binary column, wherever in its message they lie. */
export function numbersOf(view: DataView | undefined): Float64Array {
  if (!view) return new Float64Array();
  const end = view.byteOffset + view.byteLength;
  return new Float64Array(view.buffer.slice(view.byteOffset, end) as ArrayBuffer);
}

/** What came of a request in pieces, as one run of numbers. */
export function joined(pieces: DataView[]): Float64Array {
  const nbytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const whole = new Uint8Array(nbytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength), at);
    at += piece.byteLength;
  }
  return new Float64Array(whole.buffer);
}

/** The calls of one part, numbered from `first` on. */
export function decode(
  part: WatchPart,
  buffer: DataView | undefined,
  first: number,
): Call[] {
  const keys = part.keys ?? [];
  const names = part.names ?? [];
  const ranges = part.ranges ?? [];
  const numbers = numbersOf(buffer);
  const count = Math.min(keys.length, Math.floor(numbers.length / COLUMNS));
  const at = (column: number, row: number) => numbers[column * count + row] ?? 0;
  return Array.from({ length: count }, (_, row) => ({
    number: first + row,
    clock: at(0, row),
    seconds: at(1, row),
    method: names[at(2, row)] ?? "",
    outcome: names[at(3, row)] ?? "",
    nkeys: at(4, row),
    nbytesIn: at(5, row),
    nbytesOut: at(6, row),
    nitems: at(7, row),
    key: keys[row] ?? "",
    range: ranges[row] ?? "",
  }));
}

/** `calls` and then `more`, without the oldest beyond `MAX_CALLS`. */
export function kept(calls: Call[], more: Call[]): Call[] {
  const all = calls.concat(more);
  return all.length > MAX_CALLS ? all.slice(all.length - MAX_CALLS) : all;
}

export const endOf = (call: Call) => call.clock + call.seconds;

export type Kind = "read" | "write" | "list" | "delete" | "look" | "other";

const KINDS: [RegExp, Kind][] = [
  [/^(list|scan|getsize_prefix)/, "list"],
  [/^(exists|getsize|is_empty)/, "look"],
  [/^get/, "read"],
  [/^set/, "write"],
  [/^(delete|clear)/, "delete"],
];

/** What a method does: its colour. */
export function kindOf(method: string): Kind {
  return KINDS.find(([pattern]) => pattern.test(method))?.[1] ?? "other";
}

export type Ending = "ok" | "missing" | "stopped" | "error";

/** How a call ended, in the four ways that are drawn. */
export function endingOf(outcome: string): Ending {
  return outcome === "ok" || outcome === "missing" || outcome === "stopped"
    ? outcome
    : "error";
}

export interface Filter {
  /** Empty for all. */
  methods: ReadonlySet<string>;
  text: string;
  errorsOnly: boolean;
}

/** The calls that a filter lets through. */
export function filtered(calls: Call[], { methods, text, errorsOnly }: Filter): Call[] {
  const wanted = text.toLowerCase();
  return calls.filter(
    (call) =>
      (methods.size === 0 || methods.has(call.method)) &&
      (wanted === "" || call.key.toLowerCase().includes(wanted)) &&
      (!errorsOnly || endingOf(call.outcome) === "error"),
  );
}
