// What the reader has chosen of an array, and what follows from a further choice.
import type { ArrayFacts, SliceResult, Wanted } from "./requests.ts";

export type Form = "image" | "picture" | "line";

/** How a slice is drawn. */
export function formOf(axes: readonly number[]): Form {
  return axes.length === 3 ? "image" : axes.length === 2 ? "picture" : "line";
}

/** Which forms an array can have. */
export function formsOf(facts: ArrayFacts): Form[] {
  const { shape, dtype } = facts;
  const colours = shape.at(-1) ?? 0;
  const forms: Form[] = [];
  if (shape.length >= 3 && dtype === "uint8" && (colours === 3 || colours === 4))
    forms.push("image");
  if (shape.length >= 2) forms.push("picture");
  if (shape.length >= 1) forms.push("line");
  return forms;
}

/** The axes of another form, as near as can be to those that are shown. */
export function axesOf(form: Form, axes: readonly number[], ndim: number): number[] {
  if (form === "image") return [ndim - 3, ndim - 2, ndim - 1];
  if (form === "line") return [axes[1] ?? axes[0] ?? 0];
  const last = axes.length > 1 ? (axes[1] ?? 0) : (axes[0] ?? 0);
  const other = axes.length > 1 ? axes[0] : [...Array(ndim).keys()].findLast(isOther);
  function isOther(axis: number) {
    return axis !== last;
  }
  return other === undefined ? [last] : other < last ? [other, last] : [last, other];
}

/** Show `axis` at a place of the picture; the axis that was there changes places with it. */
export function withAxis(axes: readonly number[], place: number, axis: number): number[] {
  const before = axes[place];
  return axes.map((each, at) =>
    at === place ? axis : each === axis && before !== undefined ? before : each,
  );
}

/** The same slice at another place along one of the other axes. */
export function withIndex(slice: SliceResult, wanted: Wanted, axis: number, at: number) {
  const index = [...(wanted.index ?? slice.index)];
  index[axis] = at;
  return { ...wanted, axes: wanted.axes ?? slice.axes, index };
}

/** The axes that have a slider: those that are not shown and have more than one place. */
export function otherAxes(facts: ArrayFacts, axes: readonly number[]): number[] {
  return facts.shape.flatMap((length, axis) =>
    length > 1 && !axes.includes(axis) ? [axis] : [],
  );
}

/** Whether the whole length of each axis is shown. */
export function isWhole(facts: ArrayFacts, slice: SliceResult): boolean {
  return slice.axes.every(
    (axis, at) =>
      slice.window[2 * at] === 0 && slice.window[2 * at + 1] === facts.shape[axis],
  );
}

/** "every 4th sample along lat", or nothing if all are shown. */
export function stepsText(names: readonly string[], slice: SliceResult): string {
  const parts = slice.steps.flatMap((step, at) =>
    step > 1 ? [`every ${ordinal(step)} along ${names[at]}`] : [],
  );
  return parts.join(", ");
}

/** "2nd", "3rd", "11th". */
export function ordinal(count: number): string {
  const tens = count % 100;
  const last = tens >= 11 && tens <= 13 ? 0 : count % 10;
  return `${count}${["th", "st", "nd", "rd"][last] ?? "th"}`;
}
