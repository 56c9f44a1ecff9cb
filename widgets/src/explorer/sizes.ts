// How large folders are, and the chunks of arrays, as far as they were counted.
import type { Part } from "../kernel/requests.ts";
import { formatBytes, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import type { Explorer } from "./explorer.ts";
import { CHUNKS, type Spot } from "./rows.ts";

/** Chunks that are counted when an array is opened; more only when somebody asks. */
const MAX_UNASKED = 200_000;

export interface Size {
  nkeys: number;
  nbytes: number;
  /** Whether all keys were counted; if not, it is at least so large. */
  complete: boolean;
  /** When, in milliseconds since 1970. */
  countedAt: number;
  /** Whether the level was loaded again since. */
  isOld: boolean;
  /** Whether it comes from a snapshot, and was not counted here. */
  isKept: boolean;
}

export class Sizes {
  /** Of folders, by their prefix. */
  readonly known = new Map<string, Size>();
  /** Of all chunks of an array, by its prefix. */
  readonly chunks = new Map<string, Size>();
  /** The moment that the snapshot is of, in milliseconds since 1970, once it was asked. */
  asOf: number | null = null;
  private readonly explorer: Explorer;
  /** Whether there is a snapshot to ask. */
  private readonly isKept: boolean;

  constructor(explorer: Explorer, isKept = false) {
    this.explorer = explorer;
    this.isKept = isKept;
  }

  /** What was counted for a row; of a key, whose size is listed, nothing. */
  of({ level, child }: Spot): Size | undefined {
    if (child === CHUNKS) return this.chunks.get(level.prefix);
    return level.isFolder(child) ? this.known.get(level.keyOf(child)) : undefined;
  }

  isRunning({ level, child }: Spot): boolean {
    const { tasks } = this.explorer;
    if (child === CHUNKS) return tasks.has(chunkTask(level.prefix));
    return level.isFolder(child) && tasks.has(sizeTask(level.keyOf(child)));
  }

  /** Count how large rows are; without a row, the whole store. */
  async countRows(spots: Spot[]): Promise<void> {
    if (!spots.length) await this.count([""]);
    for (const spot of spots) {
      const { level, child } = spot;
      if (child === CHUNKS) await this.countChunks(level.prefix);
      else if (child < 0 || level.isFolder(child)) {
        await this.count([this.explorer.keyOf(spot)]);
      }
    }
  }

  /** Count what lies below prefixes; what was counted when one is stopped stays. */
  async count(prefixes: string[]): Promise<void> {
    for (const prefix of prefixes) {
      await this.countOne(prefix).catch((error) => this.explorer.fail(error));
    }
    this.explorer.rearranged();
  }

  /** Count the chunks of an array that was opened, unless that is known, or takes long. */
  countUnasked(prefix: string): void {
    if (this.chunks.get(prefix)?.isOld ?? true) void this.countChunks(prefix, MAX_UNASKED);
  }

  /** Show what the snapshot knows of a level, where nothing was counted yet. */
  async lookUp(prefix: string): Promise<void> {
    if (!this.isKept) return;
    const { channel, tasks } = this.explorer;
    const found = new Map<string, Size>();
    const work = async (signal: AbortSignal) => {
      const onPart = ({ names }: Part<"known_sizes">, columns: DataView[]) => {
        for (const [child, size] of childrenOf(prefix, names, columns)) {
          found.set(child, size);
        }
      };
      const total = await channel.call("known_sizes", { prefix }, { signal, onPart });
      if (!total) return;
      found.set(prefix, sizeOf(total.nkeys, total.nbytes));
      this.asOf = total.as_of;
      for (const [key, size] of found) {
        if (this.known.get(key)?.isKept === false) continue;
        size.complete = total.complete;
        size.countedAt = total.as_of;
        size.isKept = true;
        this.known.set(key, size);
      }
      this.explorer.rearranged();
    };
    // Not told: it is done before anybody reads that it is under way.
    await tasks
      .run(`known ${prefix}`, "", work)
      .catch((error) => this.explorer.fail(error));
  }

  /** Mark what may be true no longer: below a prefix, and of all that it lies in. */
  age(prefix: string): void {
    for (const counted of [this.known, this.chunks]) {
      for (const [known, size] of counted) {
        if (known.startsWith(prefix) || prefix.startsWith(known)) size.isOld = true;
      }
    }
  }

  private async countChunks(prefix: string, most = Number.POSITIVE_INFINITY) {
    const { channel, tasks } = this.explorer;
    const name = chunkTask(prefix);
    const label = `Counting the chunks of ${visible(prefix) || "the root"}`;
    const work = async (signal: AbortSignal) => {
      const keep = ({ present, nbytes }: Part<"chunk_count">, complete = false) => {
        this.chunks.set(prefix, sizeOf(present, nbytes, complete));
        if (!complete && present > most) tasks.stop(name);
        this.explorer.changed();
      };
      const path = prefix.slice(0, -1);
      const onPart = (part: Part<"chunk_count">) => keep(part);
      keep(await channel.call("chunk_count", { path }, { signal, onPart }), true);
    };
    await tasks.run(name, label, work).catch((error) => this.explorer.fail(error));
  }

  private async countOne(prefix: string): Promise<void> {
    const { channel, tasks } = this.explorer;
    const where = prefix === "" ? "the whole store" : visible(prefix);
    const fresh = new Map<string, Size>();
    const take = (counted: string, size: Size) => {
      fresh.set(counted, size);
      // What a snapshot says stays until more was counted.
      const kept = this.known.get(counted);
      if (!kept?.isKept || size.nkeys >= kept.nkeys) this.known.set(counted, size);
    };
    await tasks.run(sizeTask(prefix), `Sizing ${where}`, async (signal) => {
      const onPart = (part: Part<"sizes">, columns: DataView[]) => {
        take(prefix, sizeOf(part.nkeys, part.nbytes));
        for (const child of childrenOf(prefix, part.names, columns)) take(...child);
        const sofar = `${formatCounted(part.nkeys, "key")}, ${formatBytes(part.nbytes)}`;
        tasks.tell(sizeTask(prefix), `Sizing ${where}: ${sofar} so far`);
      };
      const total = await channel.call("sizes", { prefix }, { signal, onPart });
      fresh.set(prefix, sizeOf(total.nkeys, total.nbytes));
      for (const [counted, size] of fresh) {
        size.complete = true;
        this.known.set(counted, size);
      }
    });
  }
}

/** What a part says of each child of a prefix. */
function childrenOf(
  prefix: string,
  names: string[],
  [nkeys, nbytes]: DataView[],
): [string, Size][] {
  return names.map((name, row) => {
    const at = row * 8;
    const size = sizeOf(
      nkeys?.getFloat64(at, true) ?? 0,
      nbytes?.getFloat64(at, true) ?? 0,
    );
    return [`${prefix}${name}/`, size];
  });
}

function sizeOf(nkeys: number, nbytes: number, complete = false): Size {
  return { nkeys, nbytes, complete, countedAt: Date.now(), isOld: false, isKept: false };
}

function sizeTask(prefix: string): string {
  return `sizes ${prefix}`;
}

function chunkTask(prefix: string): string {
  return `chunks ${prefix}`;
}
