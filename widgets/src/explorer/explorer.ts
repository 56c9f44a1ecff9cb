// The state of an explorer, and what can be done with it. Draws nothing.
import { type Channel, Stopped } from "../kernel/channel.ts";
import { formatCount, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { find, Level, nameOf, PREFIX, prefixesOf } from "./level.ts";
import { Nodes, type Wanted } from "./nodes.ts";
import { arrange, type Sort, type SortKey } from "./order.ts";
import type { NodeSummary } from "./requests.ts";
import { CHUNKS, flatten, type Row, type Rows, type Spot, TAIL } from "./rows.ts";
import { Search } from "./search.ts";
import type { Selected } from "./selected.ts";
import { Selection } from "./selection.ts";
import { Sizes } from "./sizes.ts";
import { Tasks } from "./tasks.ts";

export const PAGE = 200_000;
/** Chunks that are counted when an array is opened; more only when somebody asks. */
const MAX_UNASKED = 200_000;

export interface ChunkCount {
  present: number;
  nbytes: number;
  complete: boolean;
}

export class Explorer {
  readonly channel: Channel;
  readonly tasks: Tasks;
  readonly nodes: Nodes;
  readonly sizes: Sizes;
  readonly search: Search;
  readonly selection: Selection;
  /** By the prefix of the array. */
  readonly chunkCounts = new Map<string, ChunkCount>();

  root: Level;
  rows: Rows;
  sort: Sort = { key: "name", descending: false };
  /** What stands in the box: names to look for, or a path to go to. */
  filter = "";
  /** What the reader was last told, as of a copied key. */
  notice = "";

  private readonly listeners = new Set<() => void>();
  private frame = 0;
  private isStale = false;
  private calmUntil = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(channel: Channel) {
    const changed = () => this.changed();
    this.channel = channel;
    this.tasks = new Tasks(changed);
    this.nodes = new Nodes(channel, changed);
    this.sizes = new Sizes(channel, this.tasks);
    this.search = new Search(channel, this.tasks, () => this.rearranged());
    this.root = new Level("");
    this.rows = flatten(this.root);
    this.selection = new Selection(this);
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.tasks.stopAll();
    this.nodes.close();
    this.selection.close();
  }

  /** Draw once for all that changes until the next frame. */
  changed(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.isStale && performance.now() >= this.calmUntil) this.update();
      else if (this.isStale) this.rearranged();
      for (const listener of this.listeners) listener();
    });
  }

  /** As `changed`, when there are other rows, or in another order. */
  rearranged(): void {
    this.isStale = true;
    const wait = this.calmUntil - performance.now();
    if (wait <= 0) this.changed();
    else this.timer ??= setTimeout(() => this.calm(), wait);
  }

  /** What is shown: the tree, or what a search found. */
  get top(): Level {
    return this.search.text ? this.search.level : this.root;
  }

  /** Make the rows anew, at once. */
  update(): void {
    const start = performance.now();
    this.isStale = false;
    const filter = this.search.text || this.filter.startsWith("/") ? "" : this.filter;
    const sizeOf = (level: Level, child: number) => this.nbytesOf({ level, child });
    arrange(this.top, this.sort, sizeOf, filter);
    this.rows = flatten(this.top);
    this.selection.restore();
    // A long list that is still growing leaves the page time for other things.
    const end = performance.now();
    this.calmUntil = end + 3 * (end - start);
  }

  // ------------------------------------------------------------------- what is known

  keyOf({ level, child }: Spot): string {
    return child >= 0 ? level.keyOf(child) : level.prefix;
  }

  /** Bytes of a row, as far as they are known; NaN if not. */
  nbytesOf({ level, child }: Spot): number {
    if (child === CHUNKS) return this.chunkCounts.get(level.prefix)?.nbytes ?? Number.NaN;
    if (child < 0) return Number.NaN;
    if (!level.isFolder(child)) return level.nbytes[child] ?? Number.NaN;
    return this.sizes.known.get(level.keyOf(child))?.nbytes ?? Number.NaN;
  }

  nodeOf({ level, child }: Spot): NodeSummary | null {
    if (child < 0 || level.inChunks || level.kinds[child] !== PREFIX) return null;
    return this.nodes.known.get(level.keyOf(child)) ?? null;
  }

  isOpen({ level, child }: Spot): boolean {
    if (child === CHUNKS) return level.areChunksOpen;
    return level.children.get(child)?.isOpen ?? false;
  }

  canOpen({ level, child }: Spot): boolean {
    return child === CHUNKS || (child >= 0 && level.isFolder(child));
  }

  /** The level that a prefix was loaded into, if it was. */
  levelOf(prefix: string): Level | null {
    if (prefix === this.top.prefix) return this.top;
    const spot = this.spotOf(prefix);
    return spot?.level.children.get(spot.child) ?? null;
  }

  /** Where a key or prefix is, if the level that it lies in is loaded. */
  spotOf(key: string): Spot | null {
    return find(this.top, key);
  }

  /** The row that a row lies below; null: the store itself. */
  parentOf({ level, child }: Spot): Spot | null {
    if (child >= 0 && level.isChunk(child)) return { level, child: CHUNKS };
    const spot = level.prefix ? this.spotOf(level.prefix) : null;
    return spot?.level.isChunk(spot.child) && spot.level.chunkFolder === spot.child
      ? { level: spot.level, child: CHUNKS }
      : spot;
  }

  /** What the panes beside the tree are told. */
  get selected(): Selected {
    const { active, typed } = this.selection;
    if (typed) return { key: typed, kind: "key", nbytes: null, node: null };
    return this.selectedAt(active ?? { level: this.root, child: TAIL });
  }

  selectedAt(spot: Spot): Selected {
    const key = this.keyOf(spot);
    const isPrefix = key === "" || key.endsWith("/");
    const nbytes = spot.child >= 0 ? this.nbytesOf(spot) : Number.NaN;
    const node = spot.child >= 0 ? this.nodeOf(spot) : spot.level.node;
    return {
      key,
      kind: isPrefix ? "prefix" : "key",
      nbytes: Number.isNaN(nbytes) ? null : nbytes,
      node: kindOf(node),
      modified: spot.level.modified[spot.child] ?? null,
    };
  }

  // ----------------------------------------------------------------------- the tree

  /** Load the next page of a level, or the first; false if it was stopped or failed. */
  load(level: Level, options: { fresh?: boolean; label?: string } = {}): Promise<boolean> {
    const loaded = this.loadPage(level, options);
    level.loaded = loaded;
    return loaded;
  }

  /** Try again what failed. */
  retry(level: Level): void {
    if (level === this.search.level) void this.search.start(level.prefix, this.search.text);
    else void this.load(level);
  }

  async open(spot: Spot): Promise<void> {
    const { level, child } = spot;
    if (!this.canOpen(spot)) return;
    if (child === CHUNKS) {
      await this.openChunks(level);
      return;
    }
    const known = level.children.get(child);
    if (known) {
      known.isOpen = true;
      this.rearranged();
      await known.loaded;
      return;
    }
    const inner = new Level(level.keyOf(child), level.inChunks || level.isChunk(child));
    level.children.set(child, inner);
    await this.load(inner);
  }

  fold(spot: Spot): void {
    const { level, child } = spot;
    if (child === CHUNKS) level.areChunksOpen = false;
    else {
      const inner = level.children.get(child);
      if (!inner) return;
      if (inner.loadingSince === null) inner.isOpen = false;
      else {
        // Nobody waits for it any more; opened again, it starts anew.
        this.tasks.stop(`level ${inner.prefix}`);
        level.children.delete(child);
      }
    }
    this.rearranged();
  }

  toggle(spot: Spot): void {
    if (this.isOpen(spot)) this.fold(spot);
    else void this.open(spot);
  }

  stopLoading(level: Level): void {
    this.tasks.stop(`level ${level.prefix}`);
  }

  /** Ask again for what lies below a prefix; what is open stays so, and shown meanwhile. */
  async refresh(prefix: string): Promise<void> {
    const level = this.levelOf(prefix);
    if (!level || level === this.search.level) return;
    this.nodes.forget(prefix);
    this.sizes.forget(prefix);
    for (const known of [...this.chunkCounts.keys()]) {
      if (known.startsWith(prefix)) this.chunkCounts.delete(known);
    }
    await this.reload(level, true);
  }

  /** Open the tree at a key or prefix and select it. */
  async reveal(key: string): Promise<void> {
    this.filterBy("");
    await this.root.loaded;
    for (const prefix of prefixesOf(key)) {
      const spot = await this.lookFor(prefix);
      if (!spot) break;
      if (spot.level.isChunk(spot.child)) spot.level.areChunksOpen = true;
      await this.open(spot);
    }
    const folder = key.endsWith("/") ? key : `${key}/`;
    const spot = this.spotOf(folder) ?? (await this.lookFor(key)) ?? this.spotOf(folder);
    if (!spot) {
      this.tell(`There is no ${visible(key)}.`);
      return;
    }
    if (spot.level.isChunk(spot.child)) spot.level.areChunksOpen = true;
    this.update();
    this.selection.select(spot);
    this.selection.scrollTo(spot);
  }

  async countChunks(level: Level, most = Number.POSITIVE_INFINITY): Promise<void> {
    const { prefix } = level;
    const name = `chunks ${prefix}`;
    await this.tasks
      .run(
        name,
        `Counting the chunks of ${visible(prefix) || "the root"}`,
        async (signal) => {
          const keep = (count: { present: number; nbytes: number }, complete: boolean) => {
            this.chunkCounts.set(prefix, { ...count, complete });
            if (!complete && count.present > most) this.tasks.stop(name);
            this.changed();
          };
          const path = prefix.slice(0, -1);
          const onPart = (part: { present: number; nbytes: number }) => keep(part, false);
          keep(await this.channel.call("chunk_count", { path }, { signal, onPart }), true);
        },
      )
      .catch((error) => this.fail(error));
  }

  // ------------------------------------------------------------------ what is asked for

  /** Ask what the rows on screen are. */
  look(rows: Row[]): void {
    const wanted: Wanted[] = [];
    for (const { level, child } of rows) {
      if (child < 0 || level.inChunks || level.kinds[child] !== PREFIX) continue;
      const parent = level.node?.format ?? null;
      wanted.push({ prefix: level.keyOf(child), parent });
    }
    this.nodes.want(wanted);
  }

  /** Count how large rows are; without a row, the whole store. */
  async size(spots: Spot[]): Promise<void> {
    if (!spots.length) await this.countAll([""]);
    for (const spot of spots) {
      if (spot.child === CHUNKS) await this.countChunks(spot.level);
      else if (spot.child < 0 || spot.level.isFolder(spot.child)) {
        await this.countAll([this.keyOf(spot)]);
      }
    }
  }

  async countAll(prefixes: string[]): Promise<void> {
    for (const prefix of prefixes) {
      await this.sizes.count(prefix).catch((error) => this.fail(error));
    }
    this.rearranged();
  }

  sortBy(key: SortKey, descending = key !== "name"): void {
    this.sort = { key, descending };
    this.rearranged();
  }

  filterBy(text: string): void {
    this.filter = text;
    if (text !== this.search.text) this.search.close();
    this.rearranged();
  }

  /** Say something in the status line. */
  tell(notice: string): void {
    this.notice = notice;
    this.changed();
  }

  fail(error: unknown): void {
    if (error instanceof Stopped) return;
    this.tell(`⚠ ${visible(error instanceof Error ? error.message : String(error))}`);
  }

  /** What the status line says when nothing is under way. */
  get summary(): string {
    if (this.notice) return this.notice;
    if (this.search.text) return this.search.summary;
    if (this.root.error !== null && !this.root.names.length) return "Nothing is listed.";
    if (!this.root.names.length)
      return this.root.loadingSince === null ? "Empty." : "Loading…";
    const rows = formatCounted(this.rows.count, "row");
    const chosen = this.selection.keys.size;
    return chosen > 1 ? `${rows} · ${formatCount(chosen)} selected` : rows;
  }

  // --------------------------------------------------------------------------- inside

  private calm(): void {
    this.timer = undefined;
    this.changed();
  }

  private learn(level: Level, node: NodeSummary | null): void {
    level.node = node;
    if (level.inChunks) return;
    this.nodes.known.set(level.prefix, node);
    if (node?.kind === "array" && !this.chunkCounts.has(level.prefix)) {
      void this.countChunks(level, MAX_UNASKED);
    }
  }

  private async loadPage(level: Level, { fresh = false, label = "" }): Promise<boolean> {
    level.error = null;
    level.loadingSince = performance.now();
    this.rearranged();
    const args = { prefix: level.prefix, after: level.cursor, limit: PAGE };
    const flags = { in_chunks: level.inChunks, fresh };
    let isDone = false;
    try {
      isDone = await this.tasks.run(`level ${level.prefix}`, label, async (signal) => {
        const onPart = ({ names }: { names: string[] }, columns: DataView[]) => {
          level.add(names, columns);
          this.rearranged();
        };
        const options = { signal, onPart };
        const end = await this.channel.call("level", { ...args, ...flags }, options);
        level.more = end.more;
        level.cursor = end.cursor;
        this.learn(level, end.node);
      });
      if (!isDone) level.error = new Stopped("stopped before all of it was listed");
    } catch (error) {
      level.error = error;
    }
    level.loadingSince = null;
    this.rearranged();
    return isDone;
  }

  private async reload(level: Level, fresh = false): Promise<void> {
    const after = new Level(level.prefix, level.inChunks);
    const label = `Loading ${visible(level.prefix) || "the root"} again`;
    if (!(await this.load(after, { fresh, label }))) {
      level.error = after.error;
      this.rearranged();
      return;
    }
    this.selection.remember();
    after.isOpen = level.isOpen;
    after.areChunksOpen = level.areChunksOpen;
    for (const [child, inner] of level.children) {
      const place = after.find(level.names[child] ?? "", true);
      if (place >= 0) after.children.set(place, inner);
    }
    if (level === this.root) this.root = after;
    else {
      const spot = this.spotOf(level.prefix);
      spot?.level.children.set(spot.child, after);
    }
    this.update();
    for (const inner of [...after.children.values()]) {
      if (inner.isOpen) await this.reload(inner);
    }
    this.changed();
  }

  private async openChunks(level: Level): Promise<void> {
    level.areChunksOpen = true;
    const child = level.chunkFolder;
    if (child >= 0) await this.open({ level, child });
    this.rearranged();
  }

  /** Find a key or prefix, by more pages of the level that it lies in if need be. */
  private async lookFor(key: string): Promise<Spot | null> {
    const level = this.levelOf(prefixesOf(key).at(-1) ?? "");
    while (level && !this.spotOf(key) && level.more && level.cursor < nameOf(key)) {
      if (!(await this.load(level))) break;
    }
    return this.spotOf(key);
  }
}

function kindOf(node: NodeSummary | null): "group" | "array" | null {
  return node && node.kind !== "unknown" ? node.kind : null;
}
