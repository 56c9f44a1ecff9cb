import assert from "node:assert/strict";
import { test } from "node:test";
import { colourScale, gradientOf, pixelsOf, rgbOf } from "./colours.ts";

/** OKLab lightness of a colour from 0 to 255 each: the way back. */
function lightnessOf([red = 0, green = 0, blue = 0]: ArrayLike<number> & Iterable<number>) {
  const linear = (part: number) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

test("white, black and grey have no hue", () => {
  assert.deepEqual(rgbOf(1, 0, 0), [255, 255, 255]);
  assert.deepEqual(rgbOf(0, 0, 0), [0, 0, 0]);
});

test("the sequential scale grows lighter by even steps", () => {
  const { table } = colourScale("linear", 0, 1);
  const lightness = Array.from({ length: 16 }, (_, at) =>
    lightnessOf([...table.subarray(51 * at, 51 * at + 3)]),
  );
  for (let at = 1; at < lightness.length; at += 1) {
    const step = (lightness[at] ?? 0) - (lightness[at - 1] ?? 0);
    assert.ok(step > 0.03 && step < 0.06, `step ${at} is ${step}`);
  }
});

test("the diverging scale is lightest in the middle, which is zero", () => {
  const scale = colourScale("diverging", -1, 4);
  assert.equal(scale.shareOf(0), 0.5);
  assert.equal(scale.least, -4);
  const at = (index: number) => lightnessOf([...scale.table.subarray(3 * index)]);
  assert.ok(at(127) > 0.94 && at(0) < 0.5 && at(255) < 0.5);
});

test("numbers have their place on a linear scale", () => {
  const scale = colourScale("linear", 10, 20);
  assert.deepEqual([10, 15, 20, 25].map(scale.shareOf), [0, 0.5, 1, 1]);
  assert.ok(Number.isNaN(scale.shareOf(Number.NaN)));
  assert.equal(scale.shareOf(Number.POSITIVE_INFINITY), 1);
  assert.equal(scale.valueAt(0.5), 15);
});

test("a scale over the largest numbers does not overflow", () => {
  const scale = colourScale("linear", -Number.MAX_VALUE, Number.MAX_VALUE);
  assert.equal(scale.shareOf(0), 0.5);
});

test("where all values are one, they lie in the middle", () => {
  const scale = colourScale("linear", 7, 7);
  assert.equal(scale.shareOf(7), 0.5);
  assert.ok(Number.isNaN(scale.shareOf(Number.NaN)));
});

test("a log scale has no place for what is not positive", () => {
  const scale = colourScale("log", -5, 100, 1);
  assert.equal(scale.shareOf(10), 0.5);
  assert.ok(Number.isNaN(scale.shareOf(0)));
  assert.ok(Math.abs(scale.valueAt(0.5) - 10) < 1e-9);
});

test("without a positive number a log scale is a linear one", () => {
  assert.equal(colourScale("log", -5, -1, null).kind, "linear");
});

test("what is not a number is see-through, and fill has a colour of its own", () => {
  const scale = colourScale("linear", 0, 1);
  const pixels = pixelsOf([0, Number.NaN, -9], scale, -9, [1, 2, 3]);
  assert.deepEqual([...pixels.subarray(0, 4)], [...scale.table.subarray(0, 3), 255]);
  assert.deepEqual([...pixels.subarray(4)], [0, 0, 0, 0, 1, 2, 3, 255]);
});

test("a gradient names colours only", () => {
  const gradient = gradientOf(colourScale("linear", 0, 1).table);
  assert.match(gradient, /^linear-gradient\(to right, (rgb\(\d+ \d+ \d+\)(, )?)+\)$/);
});
