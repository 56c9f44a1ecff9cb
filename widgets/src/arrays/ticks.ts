// Round numbers along an axis.

import type { ColourScale } from "./colours.ts";

const STEPS = [1, 2, 5, 10];

/** Round numbers from `low` to `high`, about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= 0.75 * rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high * (1 + 1e-12); at += 1) {
    // 3 * 0.1 is not 0.3; and no minus zero.
    ticks.push(Number((at * step).toPrecision(12)) + 0);
    if (ticks.length > 100) break;
  }
  return ticks;
}

/** Round places from the first to the last index. */
export function indexTicks(first: number, last: number, count: number): number[] {
  const ticks = niceTicks(first, last, count).filter(Number.isInteger);
  return ticks.length ? ticks : [first];
}

/** Round numbers on a scale; powers of ten on a logarithmic one that has several. */
export function scaleTicks(scale: ColourScale, count: number): number[] {
  const { least, largest } = scale;
  if (scale.kind !== "log") return niceTicks(least, largest, count);
  const powers = indexTicks(Math.log10(least), Math.log10(largest), count);
  const ticks = powers.map((power) => 10 ** power).filter((tick) => tick >= least);
  return ticks.length > 1
    ? ticks
    : niceTicks(least, largest, count).filter((tick) => tick > 0);
}
