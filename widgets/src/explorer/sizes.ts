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
}

export class Sizes {
  /** Of folders, by their prefix. */
  readonly known = new Map<string, Size>();
  /** Of all chunks of an array, by its prefix. */
  readonly chunks = new Map<string, Size>();
  private readonly explorer: Explorer;

  constructor(explorer: Explorer) {
    this.explorer = explorer;
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
    const children = new Set<string>();
    await tasks.run(sizeTask(prefix), `Sizing ${where}`, async (signal) => {
      const onPart = (part: Part<"sizes">, columns: DataView[]) => {
        this.known.set(prefix, sizeOf(part.nkeys, part.nbytes));
        this.takeChildren(prefix, part.names, columns, children);
        const sofar = `${formatCounted(part.nkeys, "key")}, ${formatBytes(part.nbytes)}`;
        tasks.tell(sizeTask(prefix), `Sizing ${where}: ${sofar} so far`);
      };
      const total = await channel.call("sizes", { prefix }, { signal, onPart });
      this.known.set(prefix, sizeOf(total.nkeys, total.nbytes));
      for (const counted of [prefix, ...children]) {
        const size = this.known.get(counted);
        if (size) size.complete = true;
      }
    });
  }

  private takeChildren(
    prefix: string,
    names: string[],
    [nkeys, nbytes]: DataView[],
    children: Set<string>,
  ): void {
    names.forEach((name, row) => {
      const child = `${prefix}${name}/`;
      const at = row * 8;
      children.add(child);
      this.known.set(
        child,
        sizeOf(nkeys?.getFloat64(at, true) ?? 0, nbytes?.getFloat64(at, true) ?? 0),
      );
    });
  }
}

function sizeOf(nkeys: number, nbytes: number, complete = false): Size {
  return { nkeys, nbytes, complete, countedAt: Date.now(), isOld: false };
}

function sizeTask(prefix: string): string {
  return `sizes ${prefix}`;
}

function chunkTask(prefix: string): string {
  return `chunks ${prefix}`;
}
