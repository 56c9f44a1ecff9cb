import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explorer } from "./explorer.ts";
import { type Size, Sizes } from "./sizes.ts";

const counted = (): Size => ({
  nkeys: 1,
  nbytes: 3,
  complete: true,
  countedAt: 0,
  isOld: false,
});

test("a size is old when something at, below or above it was loaded again", () => {
  const sizes = new Sizes({} as Explorer);
  for (const prefix of ["", "a/", "a/b/", "a/b/c/", "a/bc/", "d/"]) {
    sizes.known.set(prefix, counted());
  }
  sizes.chunks.set("a/b/", counted()).set("d/", counted());
  sizes.age("a/b/");
  const old = [...sizes.known].filter(([, { isOld }]) => isOld).map(([prefix]) => prefix);
  assert.deepEqual(old, ["", "a/", "a/b/", "a/b/c/"]);
  assert.deepEqual(
    [...sizes.chunks.values()].map(({ isOld }) => isOld),
    [true, false],
  );
});
