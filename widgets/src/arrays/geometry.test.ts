import assert from "node:assert/strict";
import { test } from "node:test";
import { cellAt, cellSizeOf, moved } from "./grid_geometry.ts";
import { bandPath, linePath, runsOf } from "./line_path.ts";
import { pictureSize } from "./plot_size.ts";

const same = (value: number) => value;

test("cells are square while there is room", () => {
  assert.deepEqual(cellSizeOf([10, 20], 400, 340), { width: 20, height: 20 });
  assert.deepEqual(cellSizeOf([2, 3], 400, 340), { width: 26, height: 26 });
});

test("cells of a long grid are stretched rather than lost", () => {
  assert.deepEqual(cellSizeOf([170, 20], 400, 340), { width: 6, height: 2 });
});

test("a place has the cell that it is on, and none outside", () => {
  const size = { width: 10, height: 5 };
  assert.deepEqual(cellAt(19, 5, size, [2, 2]), [1, 1]);
  assert.equal(cellAt(20, 0, size, [2, 2]), null);
  assert.equal(cellAt(-1, 0, size, [2, 2]), null);
});

test("keys move the cursor and stay on the grid", () => {
  assert.deepEqual(moved([0, 0], "ArrowRight", [2, 2]), [0, 1]);
  assert.deepEqual(moved([0, 0], "ArrowUp", [2, 2]), [0, 0]);
  assert.deepEqual(moved([0, 0], "End", [2, 9]), [0, 8]);
  assert.deepEqual(moved([0, 0], "PageDown", [80, 1]), [10, 0]);
  assert.equal(moved([0, 0], "a", [2, 2]), null);
});

test("a picture keeps its shape, unless a side would be lost", () => {
  assert.deepEqual(pictureSize(600, 180, 360), { width: 600, height: 300 });
  assert.deepEqual(pictureSize(600, 512, 512), { width: 380, height: 380 });
  assert.deepEqual(pictureSize(600, 1, 10_000), { width: 600, height: 60 });
  assert.deepEqual(pictureSize(600, 4, 4), { width: 176, height: 176 });
});

test("a line has gaps where there is no value, and dots where one is alone", () => {
  const values = [1, 2, Number.NaN, 3];
  assert.deepEqual(runsOf(values), [
    [0, 2],
    [3, 4],
  ]);
  assert.equal(linePath(values, same, same), "M0 1L1 2M3 3h0.01");
  assert.equal(bandPath([1, 2], [5, 6], same, same), "M0 5L1 6L1 2L0 1Z");
});
