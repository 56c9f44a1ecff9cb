// Which folders are groups and arrays: asked only for those on screen, and remembered.
import { type Channel, Stopped } from "../kernel/channel.ts";
import { sentenceOf } from "../parts/problem.tsx";
import type { Format, NodeSummary } from "./requests.ts";

const AT_ONCE = 64;
const PATIENCE_MS = 60;

export interface Wanted {
  prefix: string;
  /** The format of the level, which its children most likely have. */
  parent: Format | null;
}

export class Nodes {
  /** By prefix; null: neither a group nor an array. */
  readonly known = new Map<string, NodeSummary | null>();
  private wanted: Wanted[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly channel: Channel;
  private readonly onChange: () => void;

  constructor(channel: Channel, onChange: () => void) {
    this.channel = channel;
    this.onChange = onChange;
  }

  /** Ask for those that are not known; what was wanted before is wanted no more. */
  want(wanted: Wanted[]): void {
    const unknown = wanted.filter(({ prefix }) => !this.known.has(prefix));
    if (sameAs(unknown, this.wanted)) return;
    this.wanted = unknown;
    clearTimeout(this.timer);
    // While the list is scrolled, nobody reads what flies by.
    if (unknown.length) this.timer = setTimeout(() => void this.ask(unknown), PATIENCE_MS);
  }

  forget(prefix: string): void {
    for (const known of [...this.known.keys()]) {
      if (known.startsWith(prefix)) this.known.delete(known);
    }
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async ask(wanted: Wanted[]): Promise<void> {
    const parents = new Set(wanted.map(({ parent }) => parent));
    try {
      for (const parent of parents) {
        const prefixes = wanted
          .filter((each) => each.parent === parent)
          .map(({ prefix }) => prefix);
        for (let from = 0; from < prefixes.length; from += AT_ONCE) {
          await this.askSome(prefixes.slice(from, from + AT_ONCE), parent);
        }
      }
    } catch (error) {
      if (error instanceof Stopped) return;
      // The rows stay folders, which is what they are at least; opening one tells more.
      for (const { prefix } of wanted) {
        if (!this.known.has(prefix)) this.known.set(prefix, problemOf(error));
      }
      this.onChange();
    }
  }

  private async askSome(prefixes: string[], parent: Format | null): Promise<void> {
    const found = await this.channel.call("nodes", { prefixes, parent }, { slot: "nodes" });
    prefixes.forEach((prefix, at) => {
      this.known.set(prefix, found[at] ?? null);
    });
    this.onChange();
  }
}

function problemOf(error: unknown): NodeSummary {
  return { kind: "unknown", problem: sentenceOf(error) };
}

function sameAs(a: Wanted[], b: Wanted[]): boolean {
  return a.length === b.length && a.every((each, at) => each.prefix === b[at]?.prefix);
}
