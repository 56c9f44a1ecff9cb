// What many calls amount to: sums, percentiles, and series for the charts. All pure.
import { type Call, endingOf, endOf } from "./calls.ts";

export interface Totals {
  methods: Map<string, number>;
  nbytesIn: number;
  nbytesOut: number;
  nerrors: number;
  p50: number;
  p95: number;
  p99: number;
}

export function totalsOf(calls: Call[]): Totals {
  const methods = new Map<string, number>();
  let nbytesIn = 0;
  let nbytesOut = 0;
  let nerrors = 0;
  for (const call of calls) {
    methods.set(call.method, (methods.get(call.method) ?? 0) + 1);
    nbytesIn += call.nbytesIn;
    nbytesOut += call.nbytesOut;
    if (endingOf(call.outcome) === "error") nerrors += 1;
  }
  const sorted = Float64Array.from(calls, (call) => call.seconds).sort();
  return {
    methods: new Map([...methods].sort(([a], [b]) => (a < b ? -1 : 1))),
    nbytesIn,
    nbytesOut,
    nerrors,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
  };
}

/** The value that a share of `sorted` does not exceed, interpolated as NumPy does. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

export type Span = [number, number];

/** From the first beginning to the last end. */
export function spanOf(calls: Call[]): Span {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const call of calls) {
    first = Math.min(first, call.clock);
    last = Math.max(last, endOf(call));
  }
  return calls.length ? [first, Math.max(last, first + 1e-6)] : [0, 1];
}

const QUIET_SECONDS = 1;

/** Since when the store has not been quiet for a second: what one cell asked for. */
export function lastBurst(byStart: Call[]): Span {
  let begin = byStart[0]?.clock ?? 0;
  let end = begin;
  for (const call of byStart) {
    if (call.clock - end > QUIET_SECONDS) begin = call.clock;
    end = Math.max(end, endOf(call));
  }
  return [begin, Math.max(end, begin + 1e-6)];
}

/** The calls that run at some moment of a span. */
export function within(calls: Call[], [from, to]: Span): Call[] {
  return calls.filter((call) => call.clock <= to && endOf(call) >= from);
}

export interface Group {
  calls: Call[];
  from: number;
  to: number;
  nbytes: number;
  nerrors: number;
}

/** Calls in the order of their beginning, as `count` groups at most, equally large. */
export function folded(byStart: Call[], count: number): Group[] {
  const size = Math.ceil(byStart.length / count);
  const groups: Group[] = [];
  for (let at = 0; at < byStart.length; at += size) {
    const calls = byStart.slice(at, at + size);
    const [from, to] = spanOf(calls);
    const { nbytesIn, nbytesOut, nerrors } = totalsOf(calls);
    groups.push({ calls, from, to, nbytes: nbytesIn + nbytesOut, nerrors });
  }
  return groups;
}

export interface Bin {
  from: number;
  to: number;
  value: number;
}

/** How many calls took how long: bins of equal width on a logarithmic scale. */
export function latencyBins(calls: Call[], perDecade = 5): Bin[] {
  if (calls.length === 0) return [];
  const least = 1e-7;
  const place = (seconds: number) =>
    Math.floor(Math.log10(Math.max(seconds, least)) * perDecade + 1e-9);
  const places = calls.map((call) => place(call.seconds));
  const first = places.reduce((a, b) => Math.min(a, b));
  const last = places.reduce((a, b) => Math.max(a, b));
  const edge = (at: number) => 10 ** (at / perDecade);
  const bins = Array.from({ length: last - first + 1 }, (_, at) => ({
    from: edge(first + at),
    to: edge(first + at + 1),
    value: 0,
  }));
  for (const each of places) {
    const bin = bins[each - first];
    if (bin) bin.value += 1;
  }
  return bins;
}

function emptyBins([from, to]: Span, count: number): Bin[] {
  const width = (to - from) / count;
  return Array.from({ length: count }, (_, at) => ({
    from: from + at * width,
    to: from + (at + 1) * width,
    value: 0,
  }));
}

/** Sums of a quantity over time; a call counts evenly while it runs. */
export function overTime(
  calls: Call[],
  span: Span,
  count: number,
  amountOf: (call: Call) => number,
): Bin[] {
  const bins = emptyBins(span, count);
  const width = (span[1] - span[0]) / count;
  for (const call of calls) {
    const value = amountOf(call);
    const from = (call.clock - span[0]) / width;
    const to = Math.max((endOf(call) - span[0]) / width, from + 1e-9);
    for (let at = Math.max(0, Math.floor(from)); at < Math.min(count, to); at++) {
      const bin = bins[at];
      const part = Math.min(to, at + 1) - Math.max(from, at);
      if (bin && part > 0) bin.value += (value * part) / (to - from);
    }
  }
  return bins;
}

/** The most calls that were under way at once, in each of `count` stretches of time. */
export function concurrency(calls: Call[], span: Span, count: number): Bin[] {
  const bins = emptyBins(span, count);
  const width = (span[1] - span[0]) / count;
  const events = calls.flatMap((call): Span[] => [
    [call.clock, 1],
    [endOf(call), -1],
  ]);
  // An end comes before a beginning of the same moment.
  events.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let open = 0;
  let filled = 0;
  for (const [when, step] of events) {
    const at = Math.min(count - 1, Math.max(0, Math.floor((when - span[0]) / width)));
    for (let past = filled + 1; past <= at; past++) {
      const bin = bins[past];
      if (bin) bin.value = open;
    }
    filled = Math.max(filled, at);
    open += step;
    const bin = bins[at];
    if (bin) bin.value = Math.max(bin.value, open);
  }
  return bins;
}

/** The next of 1, 2 and 5 times a power of ten: where an axis ends well. */
export function niceCeil(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}
