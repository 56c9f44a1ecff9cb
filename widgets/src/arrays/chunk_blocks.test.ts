import assert from "node:assert/strict";
import { test } from "node:test";
import { chunksIn, firstChunk, foldChunks, layoutOf, MOST_CELLS } from "./chunk_blocks.ts";

const ones = (count: number) => new Float64Array(count).fill(1);
const upTo = (count: number) => Float64Array.from({ length: count }, (_, at) => at);

test("a small grid has a cell for each chunk", () => {
  const layout = layoutOf([4, 6]);
  assert.deepEqual(layout.cells, [4, 6]);
  const axes = { counts: [4, 6], shown: [0, 1], index: [0, 0] };
  const cells = foldChunks([1, 23], [10, 20], axes, layout);
  assert.equal(cells.nbytes[1], 10);
  assert.equal(cells.nbytes[23], 20);
  assert.deepEqual(firstChunk(layout, axes, 3, 5), [3, 5]);
});

test("only the chosen place of the other axes is shown", () => {
  const axes = { counts: [2, 3, 4], shown: [1, 2], index: [1, 0, 0] };
  const cells = foldChunks(upTo(24), upTo(24), axes, layoutOf([3, 4]));
  assert.deepEqual([...cells.nbytes], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
});

test("rows and columns can change places", () => {
  const axes = { counts: [2, 3], shown: [1, 0], index: [0, 0] };
  const cells = foldChunks(upTo(6), upTo(6), axes, layoutOf([3, 2]));
  assert.deepEqual([...cells.nbytes], [0, 3, 1, 4, 2, 5]);
});

test("one axis is wrapped into rows, and the last may be short", () => {
  const layout = layoutOf([1003]);
  const axes = { counts: [1003], shown: [0], index: [0] };
  const cells = foldChunks(upTo(1003), ones(1003), axes, layout);
  const columns = layout.cells[1];
  const last = Math.floor(1002 / columns);
  assert.ok(layout.cells[0] > 1);
  assert.equal(
    cells.present.reduce((sum, each) => sum + each, 0),
    1003,
  );
  assert.deepEqual(firstChunk(layout, axes, last, 1002 % columns), [1002]);
  assert.equal(chunksIn(layout, last, columns - 1), 0);
});

for (const counts of [[300, 500], [2, 90_000], [1_000_003], [70_000, 1]])
  test(`${counts.join(" by ")} chunks are folded into blocks that hold them all`, () => {
    const layout = layoutOf(counts);
    assert.ok(layout.cells[0] * layout.cells[1] <= MOST_CELLS + 1000);
    let chunks = 0;
    for (let row = 0; row < layout.cells[0]; row += 1)
      for (let column = 0; column < layout.cells[1]; column += 1)
        chunks += chunksIn(layout, row, column);
    assert.equal(
      chunks,
      counts.reduce((product, each) => product * each, 1),
    );
  });

test("a chunk of an array without axes is one cell", () => {
  const layout = layoutOf([]);
  const axes = { counts: [], shown: [], index: [] };
  assert.deepEqual(layout.cells, [1, 1]);
  assert.equal(foldChunks([0], [8], axes, layout).nbytes[0], 8);
  assert.deepEqual(firstChunk(layout, axes, 0, 0), []);
});
