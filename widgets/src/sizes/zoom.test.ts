import assert from "node:assert/strict";
import { test } from "node:test";
import { placedIn } from "./layout.ts";
import { levelOf } from "./level.ts";
import type { BoxRow } from "./requests.ts";
import { firstFrame } from "./zoom.ts";

const ROWS: BoxRow[] = [
  [-1, "a", 0, 1, 100, 1],
  [-1, "b", 0, 1, 100, 1],
];
const TOTALS = { kind: 0, nkeys: 2, nbytes: 200, rests: [], complete: true };
const AREA: [number, number] = [400, 200];
const outer = { path: "", placed: placedIn(levelOf("", "bytes", ROWS, TOTALS), ...AREA) };
const inner = { path: "b", placed: [] };

test("what is entered starts in its box", () => {
  const first = firstFrame(outer, inner, AREA);
  assert.match(first?.transform ?? "", /^translate\(200\.5px, 0px\) scale\(0\.49875, 1\)/);
});

test("what is left starts with the box all over the map", () => {
  const first = firstFrame(inner, outer, AREA);
  assert.match(first?.transform ?? "", /^scale\(2\.00\d*, 1\) translate\(-200\.5px, 0px\)/);
});

test("levels apart do not move into each other", () => {
  assert.equal(firstFrame({ path: "x", placed: [] }, inner, AREA), undefined);
  assert.equal(firstFrame(outer, inner, [0, 0]), undefined);
});
