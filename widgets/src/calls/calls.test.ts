import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Call,
  decode,
  endingOf,
  filtered,
  joined,
  kept,
  kindOf,
  MAX_CALLS,
} from "./calls.ts";

const call = (number: number, fields: Partial<Call> = {}): Call => ({
  number,
  clock: number,
  seconds: 0.5,
  method: "get",
  outcome: "ok",
  key: `k${number}`,
  nkeys: 1,
  range: "",
  nbytesIn: 0,
  nbytesOut: 10,
  nitems: 0,
  ...fields,
});

test("columns become calls, also from the middle of a message", () => {
  const columns = [
    [1, 2],
    [0.1, 0.2],
    [0, 1],
    [2, 3],
    [1, 5],
    [0, 7],
    [9, 0],
    [0, 4],
  ];
  const numbers = Float64Array.from(columns.flat());
  const message = new Uint8Array(numbers.byteLength + 3);
  message.set(new Uint8Array(numbers.buffer), 3);
  const part = {
    names: ["get", "list", "ok", "missing"],
    keys: ["a", "b"],
    ranges: ["0:4", ""],
  };
  const calls = decode(part, new DataView(message.buffer, 3), 7);
  assert.deepEqual(calls[1], {
    number: 8,
    clock: 2,
    seconds: 0.2,
    method: "list",
    outcome: "missing",
    nkeys: 5,
    nbytesIn: 7,
    nbytesOut: 0,
    nitems: 4,
    key: "b",
    range: "",
  });
  assert.equal(calls[0]?.range, "0:4");
});

test("a part that is cut short gives no calls that are not there", () => {
  assert.deepEqual(decode({ keys: ["a"] }, undefined, 0), []);
});

test("only the last calls are kept", () => {
  const many = Array.from({ length: MAX_CALLS }, (_, at) => call(at));
  const all = kept(many, [call(MAX_CALLS), call(MAX_CALLS + 1)]);
  assert.equal(all.length, MAX_CALLS);
  assert.equal(all[0]?.number, 2);
  assert.equal(all.at(-1)?.number, MAX_CALLS + 1);
});

test("pieces that are cut anywhere are joined", () => {
  const bytes = new Uint8Array(Float64Array.from([1, 2, 3]).buffer);
  const pieces = [bytes.slice(0, 5), bytes.slice(5)].map(
    (each) => new DataView(each.buffer),
  );
  assert.deepEqual([...joined(pieces)], [1, 2, 3]);
});

test("methods have the colour of what they do", () => {
  const methods = ["get_many", "getsize", "getsize_prefix", "set", "scan", "clear", "x"];
  assert.deepEqual(methods.map(kindOf), [
    "read",
    "look",
    "list",
    "write",
    "list",
    "delete",
    "other",
  ]);
});

test("filters are joined by and", () => {
  const calls = [
    call(1, { key: "Ocean/a" }),
    call(2, { key: "ocean/b", outcome: "KeyError" }),
    call(3, { key: "wind", outcome: "missing" }),
    call(4, { method: "list" }),
  ];
  const numbers = (methods: string[], text: string, errorsOnly: boolean) =>
    filtered(calls, { methods: new Set(methods), text, errorsOnly }).map((c) => c.number);
  assert.deepEqual(numbers([], "", false), [1, 2, 3, 4]);
  assert.deepEqual(numbers([], "OCEAN", false), [1, 2]);
  assert.deepEqual(numbers([], "", true), [2]);
  assert.deepEqual(numbers(["list"], "", false), [4]);
  assert.deepEqual(numbers(["list"], "ocean", false), []);
});

test("what is none of ours is an error", () => {
  assert.deepEqual(["ok", "missing", "stopped", "__proto__"].map(endingOf), [
    "ok",
    "missing",
    "stopped",
    "error",
  ]);
});
