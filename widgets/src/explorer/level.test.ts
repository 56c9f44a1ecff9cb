import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CHUNK,
  CHUNK_PREFIX,
  find,
  KEY,
  Level,
  nameOf,
  PREFIX,
  prefixesOf,
} from "./level.ts";
import { arrange, type Sort } from "./order.ts";
import { CHUNKS, flatten, type Rows, TAIL } from "./rows.ts";

const BY_NAME: Sort = { key: "name", descending: false };

function column(values: number[]): DataView {
  return new DataView(new Float64Array(values).buffer);
}

/** A level of entries: "a/" is a folder, "#0" a chunk, "#c/" a folder of chunks. */
function levelOf(prefix: string, entries: string[], nbytes: number[] = []): Level {
  const level = new Level(prefix);
  const kinds = entries.map((entry) =>
    entry.startsWith("#")
      ? entry.endsWith("/")
        ? CHUNK_PREFIX
        : CHUNK
      : entry.endsWith("/")
        ? PREFIX
        : KEY,
  );
  const sizes = entries.map((_, at) => nbytes[at] ?? Number.NaN);
  const names = entries.map((entry) => entry.replace(/^#|\/$/g, ""));
  const columns = [
    new DataView(Uint8Array.from(kinds).buffer),
    column(sizes),
    column(entries.map((_, at) => 1000 - at)),
  ];
  level.add(names, columns);
  return level;
}

function shown(root: Level, sort = BY_NAME, filter = ""): [Rows, string[]] {
  arrange(root, sort, (level, child) => level.nbytes[child] ?? Number.NaN, filter);
  const rows = flatten(root);
  const texts: string[] = [];
  for (let at = 0; at < rows.count; at += 1) {
    const row = rows.at(at);
    if (!row) continue;
    const name =
      row.child === CHUNKS
        ? "(chunks)"
        : row.child === TAIL
          ? "(tail)"
          : row.level.names[row.child];
    texts.push(" ".repeat(row.depth) + name);
  }
  return [rows, texts];
}

test("a key is told by its parts", () => {
  assert.deepEqual(prefixesOf("a/b/c"), ["a/", "a/b/"]);
  assert.deepEqual(prefixesOf("a/b/"), ["a/"]);
  assert.deepEqual(prefixesOf("a"), []);
  assert.equal(nameOf("a/b/"), "b");
  assert.equal(nameOf("a/b"), "b");
});

test("folders come first, and numbers in their order", () => {
  const [, texts] = shown(levelOf("", ["b10", "b9", "z/", "A"]));
  assert.deepEqual(texts, ["z", "A", "b9", "b10"]);
});

test("sizes go both ways, and what is not known comes last", () => {
  const level = () => levelOf("", ["a", "b", "c", "d"], [2, Number.NaN, 3, 1]);
  assert.deepEqual(shown(level(), { key: "size", descending: false })[1], [
    "d",
    "a",
    "c",
    "b",
  ]);
  assert.deepEqual(shown(level(), { key: "size", descending: true })[1], [
    "c",
    "a",
    "d",
    "b",
  ]);
  assert.deepEqual(shown(level(), { key: "time", descending: false })[1], [
    "d",
    "c",
    "b",
    "a",
  ]);
});

test("long levels of numbers are in the order of the numbers", () => {
  const names = Array.from({ length: 30_000 }, (_, at) => `${at}`).sort();
  const [rows, texts] = shown(levelOf("", names));
  assert.equal(rows.count, 30_000);
  assert.deepEqual(texts.slice(0, 3), ["0", "1", "2"]);
  assert.equal(texts.at(-1), "29999");
});

test("open folders split the list where they stand", () => {
  const root = levelOf("", ["a/", "b/", "k"]);
  root.children.set(0, levelOf("a/", ["x", "y"]));
  const [rows, texts] = shown(root);
  assert.deepEqual(texts, ["a", " x", " y", "b", "k"]);
  for (let at = 0; at < rows.count; at += 1) {
    const row = rows.at(at);
    assert.ok(row);
    assert.equal(rows.indexOf(row), at);
  }
  const b = rows.at(3);
  assert.deepEqual([b?.position, b?.siblings], [2, 3]);
  assert.equal(rows.at(5), null);
  assert.equal(rows.at(-1), null);
});

test("a closed folder keeps what was loaded to itself", () => {
  const root = levelOf("", ["a/"]);
  const inner = levelOf("a/", ["x"]);
  root.children.set(0, inner);
  inner.isOpen = false;
  assert.deepEqual(shown(root)[1], ["a"]);
});

test("the filter keeps what leads to a match", () => {
  const root = levelOf("", ["a/", "b/", "k"]);
  root.children.set(0, levelOf("a/", ["Temp", "salt"]));
  assert.deepEqual(shown(root, BY_NAME, "temp")[1], ["a", " Temp"]);
  assert.deepEqual(shown(root, BY_NAME, "nothing")[1], ["(tail)"]);
});

test("chunks are one row after the metadata", () => {
  const root = levelOf("a/", [".zarray", "#0.0", "#0.1"]);
  assert.deepEqual(shown(root)[1], [".zarray", "(chunks)"]);
  root.areChunksOpen = true;
  assert.deepEqual(shown(root)[1], [".zarray", "(chunks)", " 0.0", " 0.1"]);
});

test("a single folder of chunks is not shown itself", () => {
  const root = levelOf("a/", ["#c/", "zarr.json"]);
  root.areChunksOpen = true;
  root.children.set(0, levelOf("a/c/", ["0/", "1/"]));
  assert.deepEqual(shown(root)[1], ["zarr.json", "(chunks)", " 0", " 1"]);
});

test("a level that is empty, loading, failed or longer says so at its end", () => {
  assert.deepEqual(shown(levelOf("", []))[1], ["(tail)"]);
  const level = levelOf("", ["a"]);
  assert.deepEqual(shown(level)[1], ["a"]);
  level.more = true;
  assert.deepEqual(shown(level)[1], ["a", "(tail)"]);
});

test("a key is found where it is loaded", () => {
  const root = levelOf("", ["a", "a/"]);
  const inner = levelOf("a/", ["x", "__proto__"]);
  root.children.set(1, inner);
  assert.deepEqual(find(root, "a"), { level: root, child: 0 });
  assert.deepEqual(find(root, "a/"), { level: root, child: 1 });
  assert.deepEqual(find(root, "a/__proto__"), { level: inner, child: 1 });
  assert.equal(find(root, "a/none"), null);
  assert.equal(find(root, "b/x"), null);
});

test("a million rows are a few segments", () => {
  const names = Array.from({ length: 1_000_000 }, (_, at) => `k${at + 1_000_000}`);
  const root = levelOf("", names);
  const [rows] = shownCount(root);
  assert.equal(rows.count, 1_000_000);
  const last = rows.at(999_999);
  assert.ok(last);
  assert.equal(rows.indexOf(last), 999_999);
});

function shownCount(root: Level): [Rows] {
  arrange(root, BY_NAME, () => Number.NaN);
  return [flatten(root)];
}
