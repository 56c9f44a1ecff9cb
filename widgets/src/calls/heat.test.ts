import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAxes, gridOf, MAX_CELLS, touchesOf } from "./heat.ts";

test("the last two long axes are shown first", () => {
  assert.deepEqual(firstAxes([4, 1, 8]), [0, 2]);
  assert.deepEqual(firstAxes([2, 3, 4]), [1, 2]);
  assert.deepEqual(firstAxes([9]), [-1, 0]);
  assert.deepEqual(firstAxes([]), [-1, -1]);
});

test("chunks along the other axes are added up", () => {
  // Two axes of 2 and 3 chunks, and one of 2 that is not shown.
  const numbers = Float64Array.from([
    ...[0, 1, 0],
    ...[0, 0, 0],
    ...[2, 0, 2],
    ...[1, 1, 3],
    ...[0, 0, 2],
    ...[0, 1, 0],
  ]);
  const touches = touchesOf(numbers, [2, 2, 3], 3);
  const grid = gridOf(touches, [1, 2], 3);
  assert.deepEqual(grid.counts, [2, 3]);
  assert.equal(grid.cells.get(2)?.touches, 4);
  assert.equal(grid.cells.get(2)?.repeats, 2);
  assert.equal(grid.cells.get(2)?.order, 1);
  assert.deepEqual(grid.cells.get(0)?.index, [1, 0, 0]);
  assert.equal(grid.cells.get(0)?.missing, 1);
  assert.equal(grid.most, 4);
});

test("only the first chunks are shown while the order is played", () => {
  const touches = touchesOf(
    Float64Array.from([0, 1, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0]),
    [3],
    3,
  );
  assert.deepEqual([...gridOf(touches, [-1, 0], 2).cells.keys()], [0, 1]);
  assert.deepEqual(gridOf(touches, [-1, 0], 2).counts, [1, 3]);
});

test("a grid of any size has a bounded number of cells", () => {
  const touches = touchesOf(Float64Array.from([2 ** 40 - 1, 5, 1, 0, 0]), [2 ** 40, 10], 1);
  const grid = gridOf(touches, [0, 1], 1);
  assert.ok(grid.counts[0] <= MAX_CELLS);
  assert.equal(grid.cells.size, 1);
  assert.ok([...grid.cells.keys()].every((at) => at < grid.counts[0] * grid.counts[1]));
});

test("an array without axes is one cell", () => {
  const grid = gridOf(touchesOf(Float64Array.from([2, 1, 0]), [], 1), [-1, -1], 1);
  assert.deepEqual(grid.counts, [1, 1]);
  assert.equal(grid.cells.get(0)?.touches, 2);
});
