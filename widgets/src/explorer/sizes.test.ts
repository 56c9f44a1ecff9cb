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
  isKept: false,
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

/** Columns as the kernel sends them. */
const columns = (...values: number[][]) =>
  values.map((column) => new DataView(new Float64Array(column).buffer));

type Answer = { names: string[]; nkeys: number[]; nbytes: number[] };

/** An explorer whose kernel answers with one part, and then with a result. */
function explorerOf(parts: Record<string, Answer>, result: object | null): Explorer {
  const tasks = {
    run: async (_name: string, _label: string, work: (signal: AbortSignal) => unknown) => {
      await work(new AbortController().signal);
      return true;
    },
    tell: () => {},
  };
  const channel = {
    call: async (
      name: string,
      _args: object,
      { onPart }: { onPart: (part: object, columns: DataView[]) => void },
    ) => {
      const part = parts[name];
      if (part) {
        const total = { nkeys: part.nkeys[0], nbytes: part.nbytes[0] };
        onPart({ names: part.names, ...total }, columns(part.nkeys, part.nbytes));
      }
      return result;
    },
  };
  const nothing = () => {};
  return {
    channel,
    tasks,
    rearranged: nothing,
    changed: nothing,
    fail: (error: unknown) => {
      throw error;
    },
  } as unknown as Explorer;
}

const KEPT = { names: ["b", "c"], nkeys: [5, 7], nbytes: [50, 70] };
const TOTAL = { nkeys: 12, nbytes: 120, complete: true, as_of: 1000 };

test("what a snapshot knows of a level is known with its moment", async () => {
  const sizes = new Sizes(explorerOf({ known_sizes: KEPT }, TOTAL), true);
  await sizes.lookUp("a/");
  assert.deepEqual(
    [...sizes.known].map(([prefix, { nkeys, nbytes }]) => [prefix, nkeys, nbytes]),
    [
      ["a/b/", 5, 50],
      ["a/c/", 7, 70],
      ["a/", 12, 120],
    ],
  );
  const size = sizes.known.get("a/b/");
  assert.equal(size?.countedAt, 1000);
  assert.ok(size?.isKept && size.complete);
  assert.equal(sizes.asOf, 1000);
});

test("of a partial snapshot every size is a least one", async () => {
  const told = { ...TOTAL, complete: false };
  const sizes = new Sizes(explorerOf({ known_sizes: KEPT }, told), true);
  await sizes.lookUp("");
  assert.equal(sizes.known.get("b/")?.complete, false);
});

test("without a snapshot nothing is asked", async () => {
  const sizes = new Sizes(explorerOf({ known_sizes: KEPT }, TOTAL));
  await sizes.lookUp("");
  assert.equal(sizes.known.size, 0);
});

test("where the snapshot is not written yet nothing is known", async () => {
  const sizes = new Sizes(explorerOf({}, null), true);
  await sizes.lookUp("");
  assert.equal(sizes.known.size, 0);
  assert.equal(sizes.asOf, null);
});

test("what was counted here stays", async () => {
  const sizes = new Sizes(explorerOf({ known_sizes: KEPT }, TOTAL), true);
  sizes.known.set("b/", counted());
  await sizes.lookUp("");
  assert.deepEqual(sizes.known.get("b/"), counted());
  assert.equal(sizes.known.get("c/")?.nbytes, 70);
});

test("what a snapshot says stays until as much was counted, or all", async () => {
  const seen: (number | undefined)[] = [];
  const fewer = { names: ["b"], nkeys: [2], nbytes: [20] };
  const explorer = explorerOf({ known_sizes: KEPT, sizes: fewer }, TOTAL);
  const sizes = new Sizes(explorer, true);
  await sizes.lookUp("");
  explorer.tasks.tell = () => seen.push(sizes.known.get("b/")?.nkeys);
  await sizes.count([""]);
  assert.deepEqual(seen, [5]);
  const { nkeys, nbytes, complete, isKept } = sizes.known.get("b/") ?? counted();
  assert.deepEqual(
    { nkeys, nbytes, complete, isKept },
    {
      nkeys: 2,
      nbytes: 20,
      complete: true,
      isKept: false,
    },
  );
});
