// Python code that reads what is selected.
import type { Selected } from "./selected.ts";

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Z}]/u;
const NAMED = new Map([
  ["\\", "\\\\"],
  ['"', '\\"'],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** A text as a Python literal: exactly the same text, and nothing in it that is not seen. */
export function pythonLiteral(text: string): string {
  return `"${[...text].map(literalOf).join("")}"`;
}

function literalOf(character: string): string {
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  if (character === " " || !UNSEEN.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Code for a cell, in which `store` is what the explorer shows. */
export function snippetOf(selected: Selected): string {
  const { key, kind, node } = selected;
  const path = key.replace(/\/$/, "");
  if (kind === "key") return `value = await store.get(${pythonLiteral(key)})`;
  if (node) {
    const call = node === "array" ? "open_array" : "open_group";
    const place = path ? `, path=${pythonLiteral(path)}` : "";
    return `import zarr, zstore\n\n${node} = zarr.${call}(zstore.as_zarr(store)${place}, mode="r")`;
  }
  const place = pythonLiteral(key);
  return `async for entries in store.list_entries(${place}):\n    print(*entries, sep="\\n")`;
}

/** Code that reads several at once. */
export function snippetOfAll(all: Selected[]): string {
  const [first] = all;
  if (!first) return "";
  if (all.length === 1) return snippetOf(first);
  if (all.some(({ kind }) => kind !== "key")) return all.map(snippetOf).join("\n\n");
  const keys = all.map(({ key }) => `    ${pythonLiteral(key)},\n`).join("");
  return `keys = [\n${keys}]\nvalues = await store.get_many(keys)`;
}
