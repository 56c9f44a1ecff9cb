// How large folders are, as far as they were counted.
import type { Channel } from "../kernel/channel.ts";
import type { Part } from "../kernel/requests.ts";
import { formatBytes, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import type { Tasks } from "./tasks.ts";

export interface Size {
  nkeys: number;
  nbytes: number;
  /** Whether all keys were counted; if not, it is at least so large. */
  complete: boolean;
}

/** Sizes of folders by their prefix. */
export class Sizes {
  readonly known = new Map<string, Size>();
  private readonly channel: Channel;
  private readonly tasks: Tasks;

  constructor(channel: Channel, tasks: Tasks) {
    this.channel = channel;
    this.tasks = tasks;
  }

  isRunning(prefix: string): boolean {
    return this.tasks.has(taskOf(prefix));
  }

  /** Count what lies below a prefix; what was counted when it is stopped stays. */
  async count(prefix: string): Promise<void> {
    const where = prefix === "" ? "the whole store" : visible(prefix);
    const children = new Set<string>();
    await this.tasks.run(taskOf(prefix), `Sizing ${where}`, async (signal) => {
      const onPart = (part: Part<"sizes">, columns: DataView[]) => {
        this.known.set(prefix, { ...part, complete: false });
        this.takeChildren(prefix, part.names, columns, children);
        const sofar = `${formatCounted(part.nkeys, "key")}, ${formatBytes(part.nbytes)}`;
        this.tasks.tell(taskOf(prefix), `Sizing ${where}: ${sofar} so far`);
      };
      const total = await this.channel.call("sizes", { prefix }, { signal, onPart });
      this.known.set(prefix, { ...total, complete: true });
      for (const child of children) {
        const size = this.known.get(child);
        if (size) size.complete = true;
      }
    });
  }

  /** Forget what is no longer true below a prefix, and of all that it lies in. */
  forget(prefix: string): void {
    for (const known of [...this.known.keys()]) {
      if (known.startsWith(prefix) || prefix.startsWith(known)) this.known.delete(known);
    }
  }

  private takeChildren(
    prefix: string,
    names: string[],
    [nkeys, nbytes]: DataView[],
    children: Set<string>,
  ): void {
    names.forEach((name, row) => {
      const child = `${prefix}${name}/`;
      children.add(child);
      this.known.set(child, {
        nkeys: nkeys?.getFloat64(row * 8, true) ?? 0,
        nbytes: nbytes?.getFloat64(row * 8, true) ?? 0,
        complete: false,
      });
    });
  }
}

function taskOf(prefix: string): string {
  return `sizes ${prefix}`;
}
