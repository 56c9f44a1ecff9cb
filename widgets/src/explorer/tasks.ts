// What an explorer has under way: named, so that the status line can say it, and stoppable.
import { Stopped } from "../kernel/channel.ts";

export interface Task {
  /** One task of a name at a time; a new one stops the one before. */
  name: string;
  label: string;
  since: number;
  stop: () => void;
}

export class Tasks {
  private readonly running = new Map<string, Task>();
  private readonly onChange: () => void;

  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  /** The one that was started last, of those that the reader was told of. */
  get latest(): Task | null {
    return [...this.running.values()].filter((task) => task.label).at(-1) ?? null;
  }

  has(name: string): boolean {
    return this.running.has(name);
  }

  /** Say anew what a task does. */
  tell(name: string, label: string): void {
    const task = this.running.get(name);
    if (!task) return;
    task.label = label;
    this.onChange();
  }

  stop(name: string): void {
    this.running.get(name)?.stop();
  }

  stopAll(): void {
    for (const task of [...this.running.values()]) task.stop();
  }

  /** Run work to its end; false if it was stopped. What it throws is passed on. */
  async run(
    name: string,
    label: string,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    this.stop(name);
    const control = new AbortController();
    const task: Task = {
      name,
      label,
      since: performance.now(),
      stop: () => control.abort(),
    };
    this.running.set(name, task);
    this.onChange();
    try {
      await work(control.signal);
      return true;
    } catch (error) {
      if (error instanceof Stopped) return false;
      throw error;
    } finally {
      if (this.running.get(name) === task) this.running.delete(name);
      this.onChange();
    }
  }
}
