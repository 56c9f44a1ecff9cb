import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxAt,
  hasRoomFor,
  labelled,
  labelOf,
  type Placed,
  placedIn,
  shapesOf,
} from "./layout.ts";
import { type Level, levelOf } from "./level.ts";
import type { BoxRow, By, RestRow } from "./requests.ts";

function level(rows: BoxRow[], rests: RestRow[] = [], by: By = "bytes"): Level {
  const upper = [...rows, ...rests].filter(([parent]) => parent < 0);
  const nbytes = upper.reduce((sum, row) => sum + Number(row.at(rests.length ? 3 : 4)), 0);
  return levelOf("", by, rows, { kind: 0, nkeys: 1, nbytes, rests, complete: true });
}

const area = (each: Placed) => each.width * each.height;

test("areas are in proportion, and fill the map", () => {
  const placed = placedIn(
    level([
      [-1, "a", 4, 1, 300, 0],
      [-1, "b", 4, 1, 100, 0],
    ]),
    400,
    300,
  );
  const [a, b] = placed;
  assert.ok(a && b);
  assert.ok(Math.abs(area(a) / area(b) - 3) < 0.1);
  assert.ok(area(a) + area(b) > 0.98 * 400 * 300);
});

test("what lies in a box is within it and below its label, and found first", () => {
  const placed = placedIn(
    level([
      [-1, "a", 0, 2, 300, 1],
      [-1, "b", 4, 1, 100, 0],
      [0, "x", 4, 1, 200, 0],
      [0, "y", 4, 1, 100, 0],
    ]),
    400,
    300,
  );
  const [a, x] = placed;
  assert.equal(a?.divided, true);
  assert.ok(a && x && x.y >= a.y + 18 && x.x + x.width <= a.x + a.width);
  assert.equal(boxAt(placed, x.x + 5, x.y + 5)?.box.path, "a/x");
  assert.equal(boxAt(placed, a.x + 5, a.y + 5)?.box.path, "a");
  assert.equal(boxAt(placed, -1, 5), undefined);
});

test("a box too small to be divided is drawn as one", () => {
  const rows: BoxRow[] = [
    [-1, "large", 4, 1, 1e5, 0],
    [-1, "small", 0, 2, 2000, 1],
    [1, "x", 4, 1, 2000, 0],
  ];
  const placed = placedIn(level(rows), 400, 300);
  assert.deepEqual(
    placed.map((each) => each.box.path),
    ["large", "small"],
  );
});

test("without bytes there is no box, but the keys have areas", () => {
  const rows: BoxRow[] = [
    [-1, "a", 4, 2, 0, 0],
    [-1, "b", 4, 1, 0, 0],
  ];
  assert.deepEqual(placedIn(level(rows), 400, 300), []);
  assert.equal(placedIn(level(rows, [], "keys"), 400, 300).length, 2);
  assert.deepEqual(placedIn(level(rows, [], "keys"), 0, 0), []);
});

test("sizes that no number holds, and below nothing, break nothing", () => {
  const rows: BoxRow[] = [
    [-1, "a", 4, 1, 1e300, 0],
    [-1, "b", 4, 1, -5, 0],
    [-1, "c", 4, 1, 1, 0],
  ];
  for (const each of placedIn(level(rows), 400, 300))
    assert.ok(Number.isFinite(area(each)) && area(each) > 0);
});

test("two thousand boxes are a few outlines and few labels", () => {
  const rows = Array.from(
    { length: 2000 },
    (_, at): BoxRow => [-1, `name ${at}`, at % 5, 1, 2000 - at, 0],
  );
  const placed = placedIn(level(rows), 600, 400);
  // Those of less than a pixel are not seen.
  assert.ok(placed.length > 1950 && placed.length <= 2000);
  assert.equal(shapesOf(placed).length, 5);
  assert.ok(labelled(placed).length <= 220);
});

test("frames are drawn before what is in them", () => {
  const rows: BoxRow[] = [
    [-1, "a", 0, 2, 300, 1],
    [0, "x", 2, 1, 300, 0],
  ];
  assert.deepEqual(
    shapesOf(placedIn(level(rows), 400, 300)).map((shape) => shape.kind),
    ["group", "chunks"],
  );
});

test("a label is cut to its last folder, and has its size only where it fits", () => {
  const [placed] = placedIn(level([[-1, "0/0/12", 2, 5, 300, 1]]), 300, 200);
  assert.ok(placed);
  assert.equal(labelOf(placed), "0/0/12/");
  assert.equal(labelOf({ ...placed, width: 40 }), "12/");
  assert.equal(hasRoomFor(placed, "0/0/12/", "1.2 GiB"), true);
  assert.equal(hasRoomFor({ ...placed, width: 40 }, "12/", "1.2 GiB"), false);
  assert.equal(hasRoomFor({ ...placed, height: 20 }, "12/", "1.2 GiB"), false);
  assert.equal(hasRoomFor({ ...placed, divided: true }, "12/", "1.2 GiB"), true);
});
