// One level of the tree: what lies directly below a prefix, in columns.
import type { NodeSummary } from "./requests.ts";

export const KEY = 0;
export const PREFIX = 1;
export const CHUNK = 2;
export const CHUNK_PREFIX = 3;

export class Level {
  readonly prefix: string;
  /** Whether it is a folder of chunks: nothing in it is a node. */
  readonly inChunks: boolean;

  readonly names: string[] = [];
  readonly kinds: number[] = [];
  /** Of values; NaN where not known. */
  readonly nbytes: number[] = [];
  /** In milliseconds; NaN where not known. */
  readonly modified: number[] = [];

  /** When the request under way was sent, as `performance.now()`; null: none is. */
  loadingSince: number | null = null;
  /** Settled when the request under way is. */
  loaded: Promise<unknown> = Promise.resolve();
  error: unknown = null;
  more = false;
  cursor = "";
  node: NodeSummary | null = null;

  isOpen = true;
  areChunksOpen = false;
  /** Levels below, by their place in the columns, open or not. */
  readonly children = new Map<number, Level>();

  /** Places of the entries that are shown, in their order. */
  order: number[] = [];
  /** Places of the chunks, which one row stands for, and how many there are unfiltered. */
  chunks: number[] = [];
  chunkTotal = 0;

  constructor(prefix: string, inChunks = false) {
    this.prefix = prefix;
    this.inChunks = inChunks;
  }

  /** Take a part of an answer. */
  add(names: string[], [kinds, nbytes, modified]: DataView[]): void {
    if (!kinds || !nbytes || !modified) return;
    for (let row = 0; row < names.length; row += 1) {
      this.names.push(names[row] ?? "");
      this.kinds.push(kinds.getUint8(row));
      this.nbytes.push(nbytes.getFloat64(row * 8, true));
      this.modified.push(modified.getFloat64(row * 8, true));
    }
  }

  isFolder(child: number): boolean {
    const kind = this.kinds[child];
    return kind === PREFIX || kind === CHUNK_PREFIX;
  }

  isChunk(child: number): boolean {
    const kind = this.kinds[child];
    return kind === CHUNK || kind === CHUNK_PREFIX;
  }

  /** The key of an entry; of a folder with its "/". */
  keyOf(child: number): string {
    return `${this.prefix}${this.names[child]}${this.isFolder(child) ? "/" : ""}`;
  }

  /** Where a name stands in the columns; -1 if it is not loaded. */
  find(name: string, folder: boolean): number {
    let at = this.names.indexOf(name);
    // A store that is no file system can hold a value and a folder of one name.
    while (at >= 0 && this.isFolder(at) !== folder) at = this.names.indexOf(name, at + 1);
    return at;
  }

  /** The one folder that all chunks lie in, which need not be shown itself; or -1. */
  get chunkFolder(): number {
    const only = this.chunkTotal === 1 ? this.chunks[0] : undefined;
    return only !== undefined && this.isFolder(only) ? only : -1;
  }
}

/** Where a key or prefix stands at or below a level, as far as that is loaded. */
export function find(level: Level, key: string): { level: Level; child: number } | null {
  const isFolder = key.endsWith("/");
  const child = level.find(
    key.slice(level.prefix.length, isFolder ? -1 : undefined),
    isFolder,
  );
  if (child >= 0) return { level, child };
  for (const inner of level.children.values()) {
    if (!key.startsWith(inner.prefix) || key === inner.prefix) continue;
    const found = find(inner, key);
    if (found) return found;
  }
  return null;
}

/** The parts of a key or prefix that are levels: "a/b/c" gives "a/", "a/b/". */
export function prefixesOf(key: string): string[] {
  const prefixes: string[] = [];
  for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1)) {
    prefixes.push(key.slice(0, at + 1));
  }
  return key.endsWith("/") ? prefixes.slice(0, -1) : prefixes;
}

/** The last segment of a key or prefix. */
export function nameOf(key: string): string {
  const path = key.endsWith("/") ? key.slice(0, -1) : key;
  return path.slice(path.lastIndexOf("/") + 1);
}
