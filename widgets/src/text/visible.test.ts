import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { visible } from "./visible.ts";

// What zstore.display.visible says for each, so that a name is the same wherever it stands.
const path = new URL("../../../tests/names.json", import.meta.url);
const cases: [string, string][] = JSON.parse(readFileSync(path, "utf8"));

test("names are shown as in Python", async (t) => {
  assert.ok(cases.length >= 46);
  for (const [name, shown] of cases) {
    await t.test(shown.slice(0, 60), () => assert.equal(visible(name), shown));
  }
});

test("no raw control, bidirectional or invisible character is left", () => {
  for (let code = 0; code < 0x3100; code += 1) {
    const shown = visible(`a${String.fromCodePoint(code)}b`);
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u);
  }
});

test("a long text takes no time", () => {
  const start = performance.now();
  for (const text of ["a", "\u202e", "\u0301", "a\u0301\u0301\u0301\u0301"]) {
    visible(text.repeat(50_000));
  }
  assert.ok(performance.now() - start < 2_000);
});
