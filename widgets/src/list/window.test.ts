import assert from "node:assert/strict";
import { test } from "node:test";
import { offsetOf, pixelsOf, scaleOf, windowOf } from "./window.ts";

const ROW = 24;
const HEIGHT = 240;
const COUNTS = [11, 100, 100_000, 500_001, 1_000_000, 100_000_000];

test("a short list is drawn in full", () => {
  assert.deepEqual(windowOf(0, HEIGHT, ROW, 5), [0, 5]);
  assert.deepEqual(windowOf(0, HEIGHT, ROW, 0), [0, 0]);
});

test("few rows are drawn, however long the list is and wherever it is scrolled", () => {
  for (const count of COUNTS) {
    const bottom = pixelsOf(count, ROW) - HEIGHT;
    for (const share of [0, 0.1, 0.5, 0.9, 1]) {
      const [first, last] = windowOf(share * bottom, HEIGHT, ROW, count);
      assert.ok(last - first <= 30, `${count} rows at ${share}: ${last - first}`);
      assert.ok(first >= 0 && last <= count && first < last);
    }
  }
});

test("the first and the last row can be reached", () => {
  for (const count of COUNTS) {
    const bottom = pixelsOf(count, ROW) - HEIGHT;
    assert.equal(windowOf(0, HEIGHT, ROW, count)[0], 0);
    assert.equal(windowOf(bottom, HEIGHT, ROW, count)[1], count);
  }
});

test("what is drawn covers the screen, and ends with the last row at the bottom", () => {
  for (const count of COUNTS) {
    const bottom = pixelsOf(count, ROW) - HEIGHT;
    for (const share of [0, 0.123, 0.5, 0.987, 1]) {
      const top = share * bottom;
      const [first, last] = windowOf(top, HEIGHT, ROW, count);
      const offset = offsetOf(top, HEIGHT, ROW, count);
      assert.ok(offset <= top + 0.01, `${count} rows at ${share}: starts at ${offset}`);
      const end = offset + (last - first) * ROW;
      assert.ok(end >= top + HEIGHT - 0.01, `${count} rows at ${share}: ends at ${end}`);
    }
    const [first, last] = windowOf(bottom, HEIGHT, ROW, count);
    const end = offsetOf(bottom, HEIGHT, ROW, count) + (last - first) * ROW;
    assert.ok(Math.abs(end - pixelsOf(count, ROW)) < 0.1);
  }
});

test("no list is taller than what browsers can scroll, and most scroll as usual", () => {
  assert.equal(scaleOf(100_000, ROW, HEIGHT), 1);
  for (const count of COUNTS) assert.ok(pixelsOf(count, ROW) <= 17_000_000);
});

test("a box with a border scrolls further than its height, and still shows the end", () => {
  for (const count of COUNTS) {
    const bottom = pixelsOf(count, ROW) - HEIGHT + 2;
    const [first, last] = windowOf(bottom, HEIGHT, ROW, count);
    assert.equal(last, count);
    assert.ok(first < last);
  }
});
