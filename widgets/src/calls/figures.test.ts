import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "./calls.ts";
import {
  concurrency,
  folded,
  lastBurst,
  latencyBins,
  niceCeil,
  overTime,
  percentile,
  spanOf,
  totalsOf,
  within,
} from "./figures.ts";

const call = (clock: number, seconds: number, nbytesOut = 0): Call => ({
  number: clock,
  clock,
  seconds,
  method: "get",
  outcome: "ok",
  key: "",
  nkeys: 1,
  range: "",
  nbytesIn: 0,
  nbytesOut,
  nitems: 0,
});
const values = (bins: { value: number }[]) => bins.map((bin) => bin.value);

test("percentiles are interpolated as NumPy does", () => {
  assert.equal(percentile([], 0.5), 0);
  assert.equal(percentile([3], 0.99), 3);
  assert.ok(Math.abs(percentile([1, 2, 3, 4], 0.95) - 3.85) < 1e-12);
});

test("totals are sums over all calls", () => {
  const failed = { ...call(2, 1, 5), outcome: "OSError", method: "set", nbytesIn: 3 };
  const totals = totalsOf([call(1, 1, 5), failed]);
  assert.deepEqual(
    [...totals.methods],
    [
      ["get", 1],
      ["set", 1],
    ],
  );
  assert.deepEqual(
    [totals.nbytesOut, totals.nbytesIn, totals.nerrors, totals.p50],
    [10, 3, 1, 1],
  );
});

test("a span of nothing is still a span", () => {
  assert.deepEqual(spanOf([]), [0, 1]);
  const [from, to] = spanOf([call(5, 0)]);
  assert.ok(from === 5 && to > 5);
});

test("the latest burst begins after a second of quiet", () => {
  const calls = [call(0, 0.1), call(0.5, 3), call(3.9, 0.1), call(10, 1), call(11.5, 1)];
  assert.deepEqual(lastBurst(calls), [10, 12.5]);
  assert.equal(lastBurst(calls.slice(0, 3))[0], 0);
});

test("a span holds the calls that run in it", () => {
  const calls = [call(0, 1), call(2, 1), call(4, 1)];
  assert.deepEqual(
    within(calls, [0.5, 2]).map((each) => each.clock),
    [0, 2],
  );
});

test("folding loses no call and makes equal groups", () => {
  const calls = Array.from({ length: 4_001 }, (_, at) => call(at, 0.5, 2));
  const groups = folded(calls, 200);
  assert.ok(groups.length <= 200);
  assert.equal(
    groups.reduce((sum, group) => sum + group.calls.length, 0),
    4_001,
  );
  assert.equal(groups[0]?.nbytes, 2 * (groups[0]?.calls.length ?? 0));
});

test("latencies fall in bins of a logarithmic scale", () => {
  const bins = latencyBins([call(0, 0.001), call(1, 0.001), call(2, 0.1), call(3, 0)], 1);
  assert.equal(bins.length, 7);
  assert.deepEqual(values(bins), [1, 0, 0, 0, 2, 0, 1]);
  assert.ok(Math.abs((bins[4]?.from ?? 0) - 0.001) < 1e-12);
  assert.deepEqual(latencyBins([]), []);
});

test("bytes spread evenly over the time of a call, and none is lost", () => {
  const bins = overTime([call(0, 2, 10), call(3, 0, 6)], [0, 4], 4, (c) => c.nbytesOut);
  assert.deepEqual(
    values(bins).map((value) => Math.round(value)),
    [5, 5, 0, 6],
  );
});

test("concurrency is the most at once, also where nothing begins or ends", () => {
  const calls = [call(0, 4), call(0.5, 0.2), call(1.5, 1), call(2.5, 0.4)];
  assert.deepEqual(values(concurrency(calls, [0, 5], 5)), [2, 2, 2, 1, 1]);
  const following = [call(0, 1), call(1, 1)];
  assert.deepEqual(values(concurrency(following, [0, 2], 1)), [1]);
});

test("axes end at 1, 2 or 5", () => {
  assert.deepEqual([0, 0.7, 1, 11, 450, 501].map(niceCeil), [1, 1, 1, 20, 500, 1000]);
});
