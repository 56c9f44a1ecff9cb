// Text of a value, so that it is seen as it is.
import { visible } from "../text/visible.ts";

const BREAK = /\r\n|\n|\r/;

/** One text for all lines, and how many there are. Tabs stay; other controls are escapes. */
export function shownLines(text: string): { text: string; count: number } {
  const lines = text.split(BREAK);
  // The end of the last line is not a further line.
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  const shown = lines.map((line) => line.split("\t").map(visible).join("\t"));
  return { text: shown.join("\n"), count: lines.length };
}

/** The numbers beside the lines, as one text. */
export function lineNumbers(first: number, count: number): string {
  return Array.from({ length: count }, (_, at) => first + at).join("\n");
}
