// A search through the store. Its hits are a level of their own, shown in place of the tree.
import { type Channel, Stopped } from "../kernel/channel.ts";
import { formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { KEY, Level, PREFIX } from "./level.ts";
import type { Tasks } from "./tasks.ts";

const NAME = "search";

export class Search {
  /** What is looked for; empty: the tree is shown. */
  text = "";
  /** The hits; their names are keys relative to where the search began. */
  level = new Level("");
  private seen = 0;
  private end: "found all" | "found many" | "stopped" = "stopped";

  private readonly channel: Channel;
  private readonly tasks: Tasks;
  private readonly onChange: () => void;

  constructor(channel: Channel, tasks: Tasks, onChange: () => void) {
    this.channel = channel;
    this.tasks = tasks;
    this.onChange = onChange;
  }

  get isRunning(): boolean {
    return this.tasks.has(NAME);
  }

  /** What was found, as a line. */
  get summary(): string {
    const hits = formatCounted(this.level.names.length, "hit");
    const where = visible(this.level.prefix) || "the whole store";
    const seen = `${formatCounted(this.seen, "key")} seen`;
    const found = `${hits} for “${visible(this.text)}” in ${where}`;
    if (this.isRunning) return `${found}, ${seen} so far`;
    if (this.end === "found all") return `${found}, ${seen}`;
    return this.end === "found many"
      ? `The first ${found}, ${seen}`
      : `${found}, ${seen} until it was stopped`;
  }

  async start(prefix: string, text: string): Promise<void> {
    const level = new Level(prefix);
    Object.assign(this, { text, level, seen: 0, end: "stopped" });
    level.loadingSince = performance.now();
    this.onChange();
    try {
      await this.tasks.run(NAME, "Searching", (signal) => this.run(level, signal));
    } catch (error) {
      level.error = error;
    }
    level.loadingSince = null;
    this.onChange();
  }

  stop(): void {
    this.tasks.stop(NAME);
  }

  /** Go back to the tree. */
  close(): void {
    if (!this.text) return;
    this.stop();
    this.text = "";
    this.onChange();
  }

  private async run(level: Level, signal: AbortSignal): Promise<void> {
    const { prefix } = level;
    const end = await this.channel.call(
      "search",
      { prefix, text: this.text },
      {
        signal,
        onPart: ({ keys, nbytes, seen }) => {
          keys.forEach((key, at) => {
            const isFolder = key.endsWith("/");
            level.names.push(key.slice(prefix.length, isFolder ? -1 : undefined));
            level.kinds.push(isFolder ? PREFIX : KEY);
            level.nbytes.push(nbytes[at] ?? Number.NaN);
            level.modified.push(Number.NaN);
          });
          this.seen = seen;
          this.tasks.tell(NAME, this.summary);
          this.onChange();
        },
      },
    );
    if (signal.aborted) throw new Stopped();
    this.seen = end.seen;
    this.end = end.complete ? "found all" : "found many";
  }
}
