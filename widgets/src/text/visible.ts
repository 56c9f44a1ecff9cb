// How a name from a store is shown: what would not be seen, or would mislead, as an escape.
// The twin of zstore/display/names.py; tests/names.json holds the cases for both.

const PLAIN = /^[ -~]*$/;
const MARK = /\p{M}/u;
// Marks in a row that still make one character; more climb over the lines above.
const MOST_MARKS = 4;
// Controls, formats (bidirectional and zero width among them), surrogates, private use,
// unassigned, and separators but the plain space, which is let through below.
const ACTING = /[\p{C}\p{Z}]/u;
// Shown as nothing at all, and yet no format characters: fillers, blanks and selectors.
const INVISIBLE =
  /[\u034f]|[\u115f\u1160\u2800\u3164\uffa0]|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;

const SHORT = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escaped(character: string): string {
  const short = SHORT.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Return `text` as a person may see it. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  let shown = "";
  // The start counts as too many: there is nothing that a mark could belong to.
  let marks = MOST_MARKS;
  for (const character of text) {
    marks = MARK.test(character) ? marks + 1 : 0;
    const hidden =
      (character !== " " && ACTING.test(character)) || INVISIBLE.test(character);
    shown += hidden || marks > MOST_MARKS ? escaped(character) : character;
    // Nor can a mark belong to an escape.
    if (hidden) marks = MOST_MARKS;
  }
  return shown;
}
