import assert from "node:assert/strict";
import test from "node:test";
import { cardGauge, poolGauge, shareOf } from "./gauges.ts";
import type { Card, Pool } from "./requests.ts";

const GIB = 1024 ** 3;
const card: Card = {
  device: "cuda:0",
  name: "NVIDIA H200",
  total_nbytes: 100 * GIB,
  free_nbytes: 60 * GIB,
};
const pool: Pool = {
  device: "cuda:0",
  kind: "pool of the store",
  used_nbytes: 8 * GIB,
  total_nbytes: 10 * GIB,
  limit_nbytes: null,
  pinned_nbytes: 0,
  slabs: 3,
  dead_nbytes: 0,
};

function wordsOf(gauge: ReturnType<typeof cardGauge>): [string, number][] {
  return gauge.parts.map((part) => [part.word, part.nbytes / GIB]);
}

test("a card is shared by this pool and all else", () => {
  const gauge = cardGauge(card, pool);
  assert.deepEqual(wordsOf(gauge), [
    ["this pool", 10],
    ["all else", 30],
    ["free", 60],
  ]);
  assert.equal(gauge.note, "of 100 GiB");
  assert.deepEqual(
    gauge.parts.map((part) => shareOf(part, gauge)),
    [0.1, 0.3, 0.6],
  );
});

test("figures that were taken one after the other never add up to more than there is", () => {
  const gauge = cardGauge({ ...card, free_nbytes: 95 * GIB }, pool);
  assert.deepEqual(wordsOf(gauge), [
    ["this pool", 5],
    ["all else", 0],
    ["free", 95],
  ]);
});

test("a pool without a limit is as long as what it holds", () => {
  const gauge = poolGauge(pool);
  assert.deepEqual(wordsOf(gauge), [
    ["used", 8],
    ["held free", 2],
  ]);
  assert.equal(gauge.note, "no limit");
  assert.equal(gauge.nbytes, 10 * GIB);
});

test("a pool with a limit says what is left", () => {
  const gauge = poolGauge({
    ...pool,
    limit_nbytes: 16 * GIB,
    pinned_nbytes: 64 * 1024 ** 2,
  });
  assert.deepEqual(wordsOf(gauge).at(-1), ["left", 6]);
  assert.equal(gauge.note, "limit 16 GiB, pinned on the host 64 MiB");
});

test("an empty pool is an empty bar", () => {
  const gauge = poolGauge({ ...pool, used_nbytes: 0, total_nbytes: 0 });
  assert.deepEqual(
    gauge.parts.map((part) => shareOf(part, gauge)),
    [0, 0],
  );
});
