import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canOpen,
  foldedAtFirst,
  foldedText,
  inlineOf,
  type JsonRow,
  parentOf,
  shownRows,
} from "./json_rows.ts";

const ROWS: JsonRow[] = [
  [0, "object", null, "", 3],
  [1, "string", "units", "K", 0],
  [1, "object", "nested", "", 2],
  [2, "array", "shape", "", 2],
  [3, "number", "0", "90", 0],
  [3, "number", "1", "180", 0],
  [2, "word", "null", "null", 0],
  [1, "array", "empty", "", 0],
];

test("all rows but the outermost are shown when nothing is folded", () => {
  assert.deepEqual(shownRows(ROWS, new Set()), [1, 2, 3, 4, 5, 6, 7]);
});

test("what lies in a folded row is hidden, what follows it is not", () => {
  assert.deepEqual(shownRows(ROWS, new Set([2])), [1, 2, 7]);
  assert.deepEqual(shownRows(ROWS, new Set([3])), [1, 2, 3, 6, 7]);
  assert.deepEqual(shownRows(ROWS, new Set([2, 3])), [1, 2, 7]);
});

test("a lone scalar is shown, and so is an empty object", () => {
  assert.deepEqual(shownRows([[0, "number", null, "1", 0]], new Set()), [0]);
  assert.deepEqual(shownRows([[0, "object", null, "", 0]], new Set()), [0]);
  assert.deepEqual(shownRows([], new Set()), []);
});

test("a short list of scalars stands in one line and is folded at first", () => {
  assert.equal(inlineOf(ROWS, 3), "[90, 180]");
  assert.ok(foldedAtFirst(ROWS).has(3));
  assert.ok(!foldedAtFirst(ROWS).has(2));
});

test("a long list is no line, nor is a list of objects or one that was cut", () => {
  const long: JsonRow[] = [[0, "array", null, "", 40]];
  for (let at = 0; at < 40; at += 1) long.push([1, "number", String(at), "1", 0]);
  assert.equal(inlineOf(long, 0), null);
  assert.equal(foldedText(long, 0), "[ 40 ]");
  const nested: JsonRow[] = [
    [0, "array", null, "", 1],
    [1, "object", "0", "", 0],
  ];
  assert.equal(inlineOf(nested, 0), null);
  assert.equal(inlineOf([[0, "array", null, "", 2]], 0), null);
});

test("a long list stays folded, and what is beside it is open", () => {
  const rows: JsonRow[] = [
    [0, "object", null, "", 2],
    [1, "array", "long", "", 200],
    ...Array.from({ length: 200 }, (_, at): JsonRow => [2, "number", `${at}`, "7", 0]),
    [1, "object", "short", "", 1],
    [2, "string", "a", "b", 0],
  ];
  assert.deepEqual(shownRows(rows, foldedAtFirst(rows)), [1, 202, 203]);
});

test("levels are open as long as they fit on a screen", () => {
  const wide: JsonRow[] = [[0, "object", null, "", 30]];
  for (let at = 0; at < 30; at += 1) {
    wide.push([1, "object", `k${at}`, "", 3]);
    for (const name of ["a", "b", "c"]) wide.push([2, "object", name, "", 0]);
  }
  const shown = shownRows(wide, foldedAtFirst(wide));
  assert.equal(shown.length, 60);
});

test("a row knows what it lies in, but for the outermost", () => {
  assert.equal(parentOf(ROWS, 5), 3);
  assert.equal(parentOf(ROWS, 3), 2);
  assert.equal(parentOf(ROWS, 1), null);
});

test("an empty array cannot be opened and says that it is empty", () => {
  assert.ok(!canOpen(ROWS, 7));
  assert.ok(canOpen(ROWS, 2));
  assert.equal(foldedText(ROWS, 7), "[]");
  assert.equal(foldedText(ROWS, 2), "{ 2 }");
});

test("twenty thousand levels are folded and shown without recursion", () => {
  const deep: JsonRow[] = Array.from({ length: 20_000 }, (_, at) => [
    at,
    "array",
    at ? "0" : null,
    "",
    1,
  ]);
  assert.equal(shownRows(deep, foldedAtFirst(deep)).length, 60);
});
