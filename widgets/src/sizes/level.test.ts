import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, crumbsOf, levelOf, parentOf } from "./level.ts";
import type { BoxRow, LevelTotals } from "./requests.ts";

const ROWS: BoxRow[] = [
  [-1, "ocean", 0, 10, 900, 1],
  [-1, "notes.txt", 4, 1, 100, 0],
  [0, "temp/c", 2, 8, 800, 1],
];
const TOTALS: LevelTotals = {
  kind: 0,
  nkeys: 31,
  nbytes: 1100,
  rests: [
    [-1, 20, 20, 100],
    [0, 0, 2, 100],
  ],
  complete: true,
};

test("boxes lie in those of the upper level, and rests come last", () => {
  const level = levelOf("a", "bytes", ROWS, TOTALS);
  assert.deepEqual(
    level.boxes.map((box) => [box.path, box.name, box.kind]),
    [
      ["a/ocean", "ocean", "group"],
      ["a/notes.txt", "notes.txt", "other"],
      ["a/", "… 20 smaller", "rest"],
    ],
  );
  const [ocean] = level.boxes;
  assert.deepEqual(
    ocean?.inside.map((box) => [box.path, box.kind]),
    [
      ["a/ocean/temp/c", "chunks"],
      ["a/ocean/", "rest"],
    ],
  );
  assert.equal(boxOf(level, "a/ocean/temp/c")?.above, ocean);
  assert.equal(boxOf(level, "elsewhere"), undefined);
  assert.equal(boxOf(level, undefined), undefined);
});

test("names that objects have are names like any other", () => {
  const rows: BoxRow[] = [
    [-1, "__proto__", 4, 1, 5, 1],
    [-1, "constructor", 4, 1, 4, 0],
    [0, "toString", 4, 1, 5, 0],
  ];
  const level = levelOf("", "bytes", rows, { ...TOTALS, rests: [] });
  assert.equal(boxOf(level, "__proto__/toString")?.nbytes, 5);
  assert.equal(boxOf(level, "constructor")?.nbytes, 4);
});

test("a path has a crumb for each folder", () => {
  assert.deepEqual(crumbsOf(""), []);
  assert.deepEqual(
    crumbsOf("a/b/c").map((crumb) => crumb.path),
    ["a", "a/b", "a/b/c"],
  );
  assert.equal(parentOf("a/b/c"), "a/b");
  assert.equal(parentOf("a"), "");
});
