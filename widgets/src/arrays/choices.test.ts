import assert from "node:assert/strict";
import { test } from "node:test";
import {
  axesOf,
  formsOf,
  isWhole,
  ordinal,
  otherAxes,
  stepsText,
  withAxis,
} from "./choices.ts";
import { chunkOf, keyOf } from "./chunk_keys.ts";
import type { ArrayFacts, SliceResult } from "./requests.ts";

const facts = (changes: Partial<ArrayFacts>): ArrayFacts => ({
  kind: "array",
  path: "a",
  title: "a",
  dtype: "float32",
  fields: [],
  shape: [4, 5, 6],
  names: ["time", null, "lon"],
  stored_shape: [2, 2, 2],
  counts: [2, 3, 3],
  sharded: false,
  nbytes_of_chunk: 32,
  encoding: { separator: "/", lead: "c", reverses: false },
  ...changes,
});
const slice = (changes: Partial<SliceResult>) =>
  ({ axes: [1, 2], window: [0, 5, 0, 6], steps: [1, 1], ...changes }) as SliceResult;

test("an image is offered for the bytes of three or four colours", () => {
  assert.deepEqual(formsOf(facts({})), ["picture", "line"]);
  const image = facts({ dtype: "uint8", shape: [9, 9, 3] });
  assert.deepEqual(formsOf(image), ["image", "picture", "line"]);
  assert.deepEqual(formsOf(facts({ shape: [9] })), ["line"]);
});

test("another form keeps the axes that are shown", () => {
  assert.deepEqual(axesOf("line", [0, 2], 3), [2]);
  assert.deepEqual(axesOf("picture", [2], 3), [1, 2]);
  assert.deepEqual(axesOf("picture", [0], 3), [0, 2]);
  assert.deepEqual(axesOf("image", [0, 1], 3), [0, 1, 2]);
});

test("an axis that is chosen twice changes places", () => {
  assert.deepEqual(withAxis([1, 2], 0, 2), [2, 1]);
  assert.deepEqual(withAxis([1, 2], 0, 0), [0, 2]);
});

test("axes that are not shown have a slider, unless they have one place", () => {
  assert.deepEqual(otherAxes(facts({ shape: [4, 1, 5, 6] }), [2, 3]), [0]);
});

test("a range within the array is not the whole", () => {
  assert.ok(isWhole(facts({}), slice({})));
  assert.ok(!isWhole(facts({}), slice({ window: [0, 5, 1, 6] })));
});

test("steps are said in words", () => {
  const text = stepsText(["lat", "lon"], slice({ steps: [1, 4] }));
  assert.equal(text, "every 4th along lon");
  assert.deepEqual([1, 2, 3, 11, 12, 21, 113].map(ordinal), [
    "1st",
    "2nd",
    "3rd",
    "11th",
    "12th",
    "21st",
    "113th",
  ]);
});

test("an element lies in the chunk of that key", () => {
  const grid = facts({});
  assert.equal(keyOf(grid, chunkOf(grid, [3, 0, 5])), "a/c/1/0/2");
  const old = { separator: ".", lead: "", reverses: false };
  assert.equal(keyOf(facts({ encoding: old, path: "" }), [1, 0, 2]), "1.0.2");
  const n5 = { separator: "/", lead: "", reverses: true };
  assert.equal(keyOf(facts({ encoding: n5 }), [1, 0, 2]), "a/2/0/1");
  assert.equal(keyOf(facts({ encoding: old }), []), "a/0");
});
