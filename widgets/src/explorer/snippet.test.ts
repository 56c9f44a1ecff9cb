import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileNameOf } from "./saving.ts";
import type { Selected } from "./selected.ts";
import { pythonLiteral, snippetOf, snippetOfAll } from "./snippet.ts";

const NAMES = [
  "plain/key",
  "quotes \" and ' and \\",
  "line\nfeed\ttab\r",
  "\u202egnp.exe",
  "nul\u0000bell\u0007",
  "ümläut 日本 😀",
  "\u00a0space",
  "\u{e0001}tag",
  "{braces} %s $HOME",
];

test("a literal means the same text to Python, and hides nothing", () => {
  const literals = NAMES.map(pythonLiteral);
  for (const literal of literals) assert.doesNotMatch(literal, /[\p{C}\p{Zl}\p{Zp}]/u);
  const code = `import json; print(json.dumps([${literals.join(", ")}]))`;
  const python = process.env.PYTHON ?? "python3";
  const read = JSON.parse(execFileSync(python, ["-c", code], { encoding: "utf-8" }));
  assert.deepEqual(read, NAMES);
});

const one = (key: string, node: Selected["node"] = null): Selected => ({
  key,
  kind: key.endsWith("/") ? "prefix" : "key",
  nbytes: null,
  node,
});

test("code reads what is selected", () => {
  assert.equal(snippetOf(one("a/b")), 'value = await store.get("a/b")');
  assert.match(snippetOf(one("a/", "array")), /open_array\(.*path="a", mode="r"\)/);
  assert.match(snippetOf(one("a/")), /list_entries\("a\/"\)/);
});

test("several keys are read at once", () => {
  const code = snippetOfAll([one("a"), one("b")]);
  assert.equal(
    code,
    'keys = [\n    "a",\n    "b",\n]\nvalues = await store.get_many(keys)',
  );
  assert.match(snippetOfAll([one("a"), one("g/", "group")]), /get\("a"\)[\s\S]*open_group/);
  assert.equal(snippetOfAll([]), "");
});

test("a file is named plainly", () => {
  assert.equal(fileNameOf("a/b/c.json"), "c.json");
  assert.equal(fileNameOf("a/.zarray"), "zarray");
  assert.equal(fileNameOf("a/\u202egnp.exe"), "_gnp.exe");
  assert.equal(fileNameOf("a/..."), "value");
  assert.equal(fileNameOf("x".repeat(300)).length, 100);
});
