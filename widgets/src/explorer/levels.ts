// How the levels of the tree come from the kernel: page by page, as they are opened, and anew.
import { Stopped } from "../kernel/channel.ts";
import type { Part } from "../kernel/requests.ts";
import { visible } from "../text/visible.ts";
import type { Explorer } from "./explorer.ts";
import { Level, nameOf, prefixesOf } from "./level.ts";
import type { NodeSummary } from "./requests.ts";
import { CHUNKS, type Spot } from "./rows.ts";

const PAGE = 200_000;

export class Levels {
  /** What lies at the top of the store, and all levels below that were opened. */
  root = new Level("");
  private readonly explorer: Explorer;

  constructor(explorer: Explorer) {
    this.explorer = explorer;
  }

  /** Load the next page of a level, or the first; false if it was stopped or failed. */
  load(level: Level, options: { fresh?: boolean; label?: string } = {}): Promise<boolean> {
    const loaded = this.loadPage(level, options);
    level.loaded = loaded;
    return loaded;
  }

  /** Try again what failed. */
  retry(level: Level): void {
    const { search } = this.explorer;
    if (level === search.level) void search.start(level.prefix, search.text);
    else void this.load(level);
  }

  async open(spot: Spot): Promise<void> {
    const { level, child } = spot;
    if (!this.explorer.canOpen(spot)) return;
    if (child === CHUNKS) {
      await this.openChunks(level);
      return;
    }
    const known = level.children.get(child);
    if (known) {
      known.isOpen = true;
      this.explorer.rearranged();
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
        this.stopLoading(inner);
        level.children.delete(child);
      }
    }
    this.explorer.rearranged();
  }

  toggle(spot: Spot): void {
    if (this.explorer.isOpen(spot)) this.fold(spot);
    else void this.open(spot);
  }

  stopLoading(level: Level): void {
    this.explorer.tasks.stop(taskOf(level));
  }

  /** Ask again for what lies below a prefix; what is open stays so, and shown meanwhile. */
  async refresh(prefix: string): Promise<void> {
    const { nodes, search, sizes } = this.explorer;
    const level = this.explorer.levelOf(prefix);
    if (!level || level === search.level) return;
    nodes.forget(prefix);
    sizes.age(prefix);
    await this.reload(level, true);
  }

  /** Open the tree at a key or prefix and select it. */
  async reveal(key: string): Promise<void> {
    const { explorer } = this;
    explorer.filterBy("");
    await this.root.loaded;
    for (const prefix of prefixesOf(key)) {
      const spot = await this.lookFor(prefix);
      if (!spot) break;
      if (spot.level.isChunk(spot.child)) spot.level.areChunksOpen = true;
      await this.open(spot);
    }
    const folder = key.endsWith("/") ? key : `${key}/`;
    const find = () => explorer.spotOf(folder);
    const spot = find() ?? (await this.lookFor(key)) ?? find();
    if (!spot) {
      explorer.tell(`There is no ${visible(key)}.`);
      return;
    }
    if (spot.level.isChunk(spot.child)) spot.level.areChunksOpen = true;
    explorer.update();
    explorer.selection.select(spot);
    explorer.selection.scrollTo(spot);
  }

  private learn(level: Level, node: NodeSummary | null): void {
    level.node = node;
    if (level.inChunks) return;
    this.explorer.nodes.known.set(level.prefix, node);
    if (node?.kind === "array") this.explorer.sizes.countUnasked(level.prefix);
  }

  private async loadPage(level: Level, { fresh = false, label = "" }): Promise<boolean> {
    const { channel, tasks } = this.explorer;
    level.error = null;
    level.loadingSince = performance.now();
    this.explorer.rearranged();
    if (!level.inChunks && level.cursor === "") {
      void this.explorer.sizes.lookUp(level.prefix);
    }
    const args = { prefix: level.prefix, after: level.cursor, limit: PAGE };
    const flags = { in_chunks: level.inChunks, fresh };
    let isDone = false;
    try {
      isDone = await tasks.run(taskOf(level), label, async (signal) => {
        const onPart = ({ names }: Part<"level">, columns: DataView[]) => {
          level.add(names, columns);
          this.explorer.rearranged();
        };
        const options = { signal, onPart };
        const end = await channel.call("level", { ...args, ...flags }, options);
        level.more = end.more;
        level.cursor = end.cursor;
        this.learn(level, end.node);
      });
      if (!isDone) level.error = new Stopped("stopped before all of it was listed");
    } catch (error) {
      level.error = error;
    }
    level.loadingSince = null;
    this.explorer.rearranged();
    return isDone;
  }

  private async reload(level: Level, fresh = false): Promise<void> {
    const after = new Level(level.prefix, level.inChunks);
    const label = `Loading ${visible(level.prefix) || "the root"} again`;
    if (!(await this.load(after, { fresh, label }))) {
      level.error = after.error;
      this.explorer.rearranged();
      return;
    }
    const { explorer } = this;
    explorer.selection.remember();
    after.isOpen = level.isOpen;
    after.areChunksOpen = level.areChunksOpen;
    for (const [child, inner] of level.children) {
      const place = after.find(level.names[child] ?? "", true);
      if (place >= 0) after.children.set(place, inner);
    }
    if (level === this.root) this.root = after;
    else {
      const spot = explorer.spotOf(level.prefix);
      spot?.level.children.set(spot.child, after);
    }
    explorer.update();
    for (const inner of [...after.children.values()]) {
      if (inner.isOpen) await this.reload(inner);
    }
    explorer.changed();
  }

  private async openChunks(level: Level): Promise<void> {
    level.areChunksOpen = true;
    const child = level.chunkFolder;
    if (child >= 0) await this.open({ level, child });
    this.explorer.rearranged();
  }

  /** Find a key or prefix, by more pages of the level that it lies in if need be. */
  private async lookFor(key: string): Promise<Spot | null> {
    const { explorer } = this;
    const level = explorer.levelOf(prefixesOf(key).at(-1) ?? "");
    while (level && !explorer.spotOf(key) && level.more && level.cursor < nameOf(key)) {
      if (!(await this.load(level))) break;
    }
    return explorer.spotOf(key);
  }
}

function taskOf({ prefix }: Level): string {
  return `level ${prefix}`;
}
