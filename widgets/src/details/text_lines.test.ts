import assert from "node:assert/strict";
import { test } from "node:test";
import { lineNumbers, shownLines } from "./text_lines.ts";

test("lines of all systems are lines, and the last may end", () => {
  assert.deepEqual(shownLines("a\r\nb\rc\n"), { text: "a\nb\nc", count: 3 });
  assert.deepEqual(shownLines("a\n\n"), { text: "a\n", count: 2 });
  assert.deepEqual(shownLines(""), { text: "", count: 1 });
});

test("tabs stay, and what would act is an escape", () => {
  assert.equal(shownLines("a\tb\u001b[31m\u202e").text, "a\tb\\x1b[31m\\u202e");
});

test("line numbers go on where the part before ended", () => {
  assert.equal(lineNumbers(8, 3), "8\n9\n10");
});
