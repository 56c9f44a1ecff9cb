import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAge,
  formatAsOf,
  formatBytes,
  formatCount,
  formatCounted,
  formatSeconds,
  formatShare,
  formatTime,
} from "./numbers.ts";

test("sizes have three digits that count, and units of 1024", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1, "1 B"],
    [999, "999 B"],
    [1000, "0.977 KiB"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [1023 * 1024, "0.999 MiB"],
    [512 * 2 ** 20, "512 MiB"],
    [1.42 * 2 ** 30, "1.42 GiB"],
    [2 ** 60, "1 EiB"],
    [5000 * 2 ** 60, "5,000 EiB"],
  ];
  for (const [nbytes, shown] of cases) assert.equal(formatBytes(nbytes, "en"), shown);
});

test("a size is written as in the language of the page", () => {
  assert.equal(formatBytes(1536, "de"), "1,5 KiB");
});

test("no size is wider than its column", () => {
  for (let power = 0; power < 69; power += 0.01) {
    assert.ok(formatBytes(Math.floor(2 ** power), "en").length <= 9, `2 ** ${power}`);
  }
});

test("counts have their thousands apart", () => {
  assert.equal(formatCount(8215, "en"), "8,215");
  assert.equal(formatCount(113_328, "de"), "113.328");
});

test("one is counted as one", () => {
  assert.match(formatCounted(1, "key"), /^1 key$/);
  assert.match(formatCounted(0, "key"), /^0 keys$/);
  assert.match(formatCounted(2, "entry", "entries"), /^2 entries$/);
});

test("durations have the unit that fits", () => {
  const cases: [number, string][] = [
    [0, "0 µs"],
    [0.00083, "830 µs"],
    [0.0009996, "1 ms"],
    [0.0124, "12.4 ms"],
    [0.9996, "1 s"],
    [3.2, "3.2 s"],
    [99.96, "1 min 40 s"],
    [125, "2 min 5 s"],
    [3600, "60 min 0 s"],
  ];
  for (const [seconds, shown] of cases) assert.equal(formatSeconds(seconds, "en"), shown);
});

test("shares have one digit after the point", () => {
  assert.equal(formatShare(0.125, "en"), "12.5%");
  assert.equal(formatShare(1, "en"), "100%");
});

test("a moment is told by the time of day", () => {
  const moment = new Date(2026, 0, 31, 14, 2, 59).getTime();
  assert.equal(formatTime(moment, "en-GB"), "14:02");
});

test("an age is told in its largest unit", () => {
  const ages: [number, string][] = [
    [-30, "just now"],
    [0, "just now"],
    [59, "just now"],
    [60, "1 minute ago"],
    [3599, "59 minutes ago"],
    [3 * 3600, "3 hours ago"],
    [86_400, "yesterday"],
    [10 * 86_400 + 5, "10 days ago"],
  ];
  for (const [seconds, text] of ages) assert.equal(formatAge(seconds, "en"), text);
});

test("a moment is told with how long ago it was", () => {
  const moment = new Date(2026, 10, 22, 10, 0).getTime();
  const text = formatAsOf(moment, moment + 3 * 3600_000, "en");
  // The space before AM is another one in later versions.
  assert.match(text, /^as of Nov 22, 2026, 10:00\sAM, 3 hours ago$/);
});
