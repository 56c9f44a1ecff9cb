import assert from "node:assert/strict";
import { test } from "node:test";
import type { NumberFacts } from "./requests.ts";
import { formatNumber, formatTime, formatValue } from "./values.ts";

const facts = (changes: Partial<NumberFacts>): NumberFacts => ({
  what: "number",
  column: "float64",
  base: "0",
  ...changes,
});

test("numbers are written with as many digits as mean something", () => {
  assert.equal(formatNumber(1234.5678), "1,234.57");
  assert.equal(formatNumber(0), "0");
  assert.equal(formatNumber(1e-7), "1E-7");
  assert.equal(formatNumber(Number.NaN), "NaN");
  assert.equal(formatNumber(Number.NEGATIVE_INFINITY), "−∞");
  assert.equal(formatValue(Math.fround(0.1), facts({ column: "float32" })), "0.1");
});

test("integers above a base have all their digits", () => {
  const large = facts({ what: "integer", base: "9223372036854775800" });
  assert.equal(formatValue(7, large), "9,223,372,036,854,775,807");
  assert.equal(formatValue(2.5, facts({ what: "integer" })), "2.5");
});

test("times are dates, with the parts of a second that they have", () => {
  assert.equal(formatTime(0n, "s"), "1970-01-01");
  assert.equal(formatTime(951_782_400n, "s"), "2000-02-29");
  assert.equal(formatTime(1_500n, "ms"), "1970-01-01 00:00:01.5");
  assert.equal(formatTime(-1n, "ns"), "1969-12-31 23:59:59.999999999");
  assert.equal(formatTime(10n ** 18n, "s"), `${10n ** 18n} s`);
  assert.equal(formatValue(Number.NaN, facts({ what: "time" })), "NaT");
});

test("other kinds are said in words", () => {
  assert.equal(formatValue(1, facts({ what: "bool" })), "true");
  assert.equal(formatValue(5, facts({ what: "complex" })), "|z| = 5");
  assert.equal(formatValue(90, facts({ what: "duration", unit: "s" })), "90 s");
});
