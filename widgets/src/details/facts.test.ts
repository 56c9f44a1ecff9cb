import assert from "node:assert/strict";
import { test } from "node:test";
import { exactBytes, presentText, ratioText, shapeText, spanText } from "./facts.ts";
import type { ArrayFacts } from "./requests.ts";

const ARRAY: ArrayFacts = {
  shape: ["24", "90"],
  names: null,
  dtype: "float32",
  itemsize: 4,
  chunk_shape: ["12", "90"],
  shard_shape: null,
  chunk_nbytes: 4320,
  nchunks: 2,
  codecs: [],
  fill_value: null,
  order: "C",
  size: 2160,
  nbytes: 8640,
};

test("a shape is its lengths, and that of a scalar says so", () => {
  assert.equal(shapeText(["24", "1,440"]), "24 × 1,440");
  assert.equal(shapeText([]), "a single value");
});

test("a size says its exact bytes when they do not show", () => {
  assert.equal(exactBytes(412, "en"), "412 B");
  assert.equal(exactBytes(1_503_238_553, "en"), "1.4 GiB (1,503,238,553 bytes)");
});

test("the ratio counts only the chunks that are there", () => {
  const all = { count: 2, nbytes: 2160, chunks: true };
  assert.equal(ratioText(ARRAY, all), "4 times smaller than uncompressed");
  assert.equal(ratioText(ARRAY, { ...all, count: 1 }), "2 times smaller than uncompressed");
  assert.equal(ratioText(ARRAY, { ...all, nbytes: 8640 }), "as large as uncompressed");
  assert.equal(
    ratioText(ARRAY, { ...all, nbytes: 17_280 }),
    "2 times larger than uncompressed",
  );
});

test("there is no ratio of nothing, or of an unknown size", () => {
  assert.equal(ratioText(ARRAY, { count: 0, nbytes: 0, chunks: true }), null);
  assert.equal(
    ratioText({ ...ARRAY, nbytes: null }, { count: 1, nbytes: 9, chunks: true }),
    null,
  );
});

test("chunks that are nearly all there are not said to be all there", () => {
  assert.equal(presentText(1_471, 1_472), "1,471 of 1,472 (99.9%)");
  assert.equal(presentText(999_999, 1_000_000), "999,999 of 1,000,000 (99.9%)");
  assert.equal(presentText(2, 2), "2 of 2");
  assert.equal(presentText(0, 2), "0 of 2");
});

test("a part of a value is told from the whole", () => {
  assert.equal(spanText(0, 412, 412), "412 B");
  assert.equal(spanText(0, 65_536, 1_503_238_553), "first 64 KiB of 1.4 GiB");
  assert.equal(spanText(65_536, 70_000, 70_000), "bytes 65,536 to 70,000 of 68.4 KiB");
});
