import assert from "node:assert/strict";
import { test } from "node:test";
import { colourScale } from "./colours.ts";
import { indexTicks, niceTicks, scaleTicks } from "./ticks.ts";

test("ticks are round numbers within the range", () => {
  assert.deepEqual(niceTicks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(niceTicks(-0.31, 0.3, 3), [-0.2, 0, 0.2]);
  assert.deepEqual(niceTicks(1.7e-15, 35, 4), [0, 10, 20, 30]);
});

test("a range of no extent, or of no end, has one tick", () => {
  assert.deepEqual(niceTicks(3, 3, 5), [3]);
  assert.deepEqual(niceTicks(0, Number.POSITIVE_INFINITY, 5), [0]);
});

test("ticks of an index are whole numbers", () => {
  assert.deepEqual(indexTicks(0, 3, 10), [0, 1, 2, 3]);
  assert.deepEqual(indexTicks(0, 511, 5), [0, 100, 200, 300, 400, 500]);
  assert.deepEqual(indexTicks(7, 7, 5), [7]);
});

test("a log scale over several powers has their ticks", () => {
  assert.deepEqual(scaleTicks(colourScale("log", 1, 1000, 1), 5), [1, 10, 100, 1000]);
  assert.deepEqual(scaleTicks(colourScale("log", 2, 6, 2), 4), [2, 3, 4, 5, 6]);
});
