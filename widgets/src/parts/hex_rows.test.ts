import assert from "node:assert/strict";
import test from "node:test";
import { formatCharacters, formatHex, formatOffset, parseOffset } from "./hex_rows.ts";

test("a row shows its bytes in two groups of eight", () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, at) => at * 16);
  assert.equal(formatHex(bytes), "00 10 20 30 40 50 60 70  80 90 a0 b0 c0 d0 e0 f0");
  assert.equal(formatHex(bytes.slice(0, 3)), "00 10 20");
});

test("what cannot be printed is a dot", () => {
  assert.equal(formatCharacters(new TextEncoder().encode("a\n\u202e<")), "a····<");
});

test("offsets have the digits of the last one", () => {
  assert.equal(formatOffset(16, 100), "00000010");
  assert.equal(formatOffset(16, 2 ** 40), "0000000010");
});

test("an offset is hexadecimal unless it says otherwise", () => {
  assert.equal(parseOffset("0x1F"), 31);
  assert.equal(parseOffset(" 1f "), 31);
  assert.equal(parseOffset("=31"), 31);
  assert.equal(parseOffset("xyz"), null);
  assert.equal(parseOffset("-1"), null);
});
