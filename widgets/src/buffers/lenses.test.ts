import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { itemsizeOf, joinLens, LENSES, splitLens } from "./lenses.ts";

test("the kernel knows the same types", () => {
  const source = readFileSync(
    new URL("../../../zstore/inspection/lenses.py", import.meta.url),
    "utf-8",
  );
  const listed = /LENSES = \(([\s\S]*?)\n\)/.exec(source)?.[1] ?? "";
  assert.deepEqual(
    [...listed.matchAll(/"(\w+)"/g)].map((match) => match[1]),
    [...LENSES],
  );
});

test("sizes follow from names", () => {
  assert.deepEqual(
    ["uint8", "float16", "complex128", "bool"].map(itemsizeOf),
    [1, 2, 16, 1],
  );
});

test("byte order is part of the name where it matters", () => {
  assert.equal(joinLens("int32", true), ">int32");
  assert.equal(joinLens("uint8", true), "uint8");
  assert.deepEqual(splitLens(">int32"), ["int32", true]);
  assert.deepEqual(splitLens("bool"), ["bool", false]);
});
