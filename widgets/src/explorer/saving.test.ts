import assert from "node:assert/strict";
import { test } from "node:test";
import { fileNameOf } from "./saving.ts";

test("a file is named plainly", () => {
  assert.equal(fileNameOf("a/b/c.json"), "c.json");
  assert.equal(fileNameOf("a/.zarray"), "zarray");
  assert.equal(fileNameOf("a/\u202egnp.exe"), "_gnp.exe");
  assert.equal(fileNameOf("a/..."), "value");
  assert.equal(fileNameOf("x".repeat(300)).length, 100);
});
