import assert from "node:assert/strict";
import test from "node:test";
import {
  cellsOf,
  fullnessOf,
  lengthOf,
  nameOf,
  spanOf,
  stepped,
  wordsOf,
} from "./cells.ts";
import type { Strip } from "./requests.ts";

const KIB = 1024;

function slab(more: Partial<Strip> = {}): Strip {
  return {
    strip: 0,
    kind: "shared",
    device: "cuda:0",
    pointer: "0x7f0000000000",
    nbytes: 4 * KIB,
    live_nbytes: 3 * KIB,
    nvalues: 3,
    cells: {
      start: [0, 2 * KIB, 3 * KIB],
      nbytes: [2 * KIB, KIB, KIB],
      live_nbytes: [2 * KIB, 0, KIB],
      first: [0, 0, 1],
      count: [1, 0, 2],
      key: ["a", "", "b"],
    },
    ...more,
  };
}

test("a cell is drawn where its bytes are", () => {
  const strip = slab();
  assert.deepEqual(
    cellsOf(strip).map((cell) => spanOf(cell, strip)),
    [
      [0, 0.5],
      [0.5, 0.25],
      [0.75, 0.25],
    ],
  );
});

test("memory of no bytes is drawn all the same", () => {
  const strip = slab({ nbytes: 0 });
  const [cell] = cellsOf(strip);
  assert.ok(cell);
  assert.deepEqual(spanOf(cell, strip), [0, 1]);
  assert.equal(fullnessOf({ ...cell, nbytes: 0, live: 0 }), 1);
});

test("strips are drawn to one scale, and the shortest can still be seen", () => {
  const [long, half, dot] = [slab(), slab({ nbytes: 2 * KIB }), slab({ nbytes: 1 })];
  const all = [long, half, dot];
  assert.deepEqual(
    all.map((strip) => lengthOf(strip, all)),
    [1, 0.5, 0.04],
  );
});

test("a cell says what it holds", () => {
  const strip = slab();
  assert.deepEqual(
    cellsOf(strip).map((cell) => wordsOf(cell, strip)),
    [
      "a, 2 KiB, at byte 0",
      "1 KiB that no value uses, at byte 2,048",
      "2 values from b on, 1 KiB in 1 KiB, at byte 3,072",
    ],
  );
  assert.equal(nameOf(strip), "Slab of 4 KiB, 3 values, 1 KiB dead");
  assert.match(nameOf(slab({ device: "cpu" })), /^Piece of 4 KiB, /);
});

test("what a store calls its values does not act", () => {
  const strip = slab();
  const [cell] = cellsOf(strip);
  assert.ok(cell);
  assert.match(wordsOf({ ...cell, key: "a\u202eb" }, strip), /^a\\u202eb, /);
});

test("values with memory of their own have no place in one piece", () => {
  const own = slab({ kind: "own", live_nbytes: 4 * KIB });
  assert.equal(nameOf(own), "3 values with memory of their own, 4 KiB");
  const [cell] = cellsOf(own);
  assert.ok(cell);
  assert.equal(wordsOf(cell, own), "a, 2 KiB");
});

test("arrows move by one, to the ends and no further", () => {
  assert.equal(stepped(0, "ArrowRight", 3), 1);
  assert.equal(stepped(2, "ArrowRight", 3), 2);
  assert.equal(stepped(1, "Home", 3), 0);
  assert.equal(stepped(0, "End", 3), 2);
  assert.equal(stepped(0, "x", 3), null);
  assert.equal(stepped(0, "End", 0), null);
});
