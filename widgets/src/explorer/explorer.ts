// The state of an explorer: what is known, and the rows that are made of it. Draws nothing.
import { type Channel, Stopped } from "../kernel/channel.ts";
import { sentenceOf } from "../parts/problem.tsx";
import { formatAsOf, formatCount, formatCounted } from "../text/numbers.ts";
import { find, type Level, PREFIX } from "./level.ts";
import { Levels } from "./levels.ts";
import { Nodes, type Wanted } from "./nodes.ts";
import { arrange, type Sort, type SortKey } from "./order.ts";
import type { NodeSummary } from "./requests.ts";
import { CHUNKS, flatten, type Row, type Rows, type Spot, TAIL } from "./rows.ts";
import { Search } from "./search.ts";
import type { Selected } from "./selected.ts";
import { Selection } from "./selection.ts";
import { Sizes } from "./sizes.ts";
import { Tasks } from "./tasks.ts";

export class Explorer {
  readonly channel: Channel;
  readonly tasks: Tasks;
  readonly levels: Levels;
  readonly nodes: Nodes;
  readonly sizes: Sizes;
  readonly search: Search;
  readonly selection: Selection;

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

  constructor(channel: Channel, hasSnapshot = false) {
    const changed = () => this.changed();
    this.channel = channel;
    this.tasks = new Tasks(changed);
    this.nodes = new Nodes(channel, changed);
    this.sizes = new Sizes(this, hasSnapshot);
    this.levels = new Levels(this);
    this.search = new Search(channel, this.tasks, () => this.rearranged());
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

  get root(): Level {
    return this.levels.root;
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
    const focus = this.selection.index;
    arrange(this.top, this.sort, sizeOf, filter);
    this.rows = flatten(this.top);
    this.selection.restore(focus);
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
    const counted = this.sizes.of({ level, child });
    return counted?.nbytes ?? level.nbytes[child] ?? Number.NaN;
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
    this.tell(`⚠ ${sentenceOf(error)}`);
  }

  /** What the status line says when nothing is under way. */
  get summary(): string {
    if (this.notice) return this.notice;
    if (this.search.text) return this.search.summary;
    if (this.root.error !== null && !this.root.names.length) return "Nothing is listed.";
    if (!this.root.names.length)
      return this.root.loadingSince === null ? "Empty." : "Loading…";
    const told = [formatCounted(this.rows.count, "row")];
    const chosen = this.selection.keys.size;
    if (chosen > 1) told.push(`${formatCount(chosen)} selected`);
    const { asOf } = this.sizes;
    if (asOf !== null) told.push(`sizes ${formatAsOf(asOf, Date.now())}`);
    return told.join(" · ");
  }

  // --------------------------------------------------------------------------- inside

  private calm(): void {
    this.timer = undefined;
    this.changed();
  }
}

function kindOf(node: NodeSummary | null): "group" | "array" | null {
  return node && node.kind !== "unknown" ? node.kind : null;
}
