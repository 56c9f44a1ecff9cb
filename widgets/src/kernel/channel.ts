// Requests to the kernel, over the custom messages of a widget.
//
// An answer may come in parts, an error comes back as an error, and a request that nobody
// waits for any more is cancelled. See zstore_widgets/channel for the other end.
import type { AnyModel } from "@anywidget/types";
import type { Arguments, Part, RequestName, Result } from "./requests.ts";

/** What the kernel could not do, as a sentence for the reader. */
export class KernelError extends Error {
  constructor(kind: string, message: string) {
    super(message);
    this.name = kind;
  }
}

/** What a request ends with when somebody stopped it. */
export class Stopped extends Error {
  override name = "Stopped";
}

export interface CallOptions<N extends RequestName> {
  /** Requests of one slot follow each other: a new one ends the one before. */
  slot?: string;
  signal?: AbortSignal;
  onPart?: (part: Part<N>, buffers: DataView[]) => void;
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
  onPart: ((part: unknown, buffers: DataView[]) => void) | undefined;
  answered: boolean;
}

interface Reply {
  rpc: "part" | "result" | "error";
  id: number;
  value?: unknown;
  type?: string;
  message?: string;
}

/** Whether the kernel answers: it may compute a cell, or be gone. */
export type Connection = "fresh" | "answering" | "waiting" | "gone";

// A store may be slow: whether the kernel is, a greeting tells.
const ASK_AGAIN_AFTER_MS = 500;
const WAITING_AFTER_MS = 1_000;
const GONE_AFTER_MS = 15_000;

export class Channel {
  private readonly pending = new Map<number, Pending>();
  private readonly slots = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  // Several views and browser tabs share one model, and every answer reaches all of them.
  private readonly base = Math.floor(Math.random() * 2 ** 31) * 2 ** 20;
  private count = 0;
  private everAnswered = false;
  private greeting = false;
  private readonly model: AnyModel;
  connection: Connection = "fresh";

  constructor(model: AnyModel) {
    this.model = model;
    model.on("msg:custom", this.receive);
  }

  /** Ask the kernel; resolves with the result, after all parts were given to `onPart`. */
  call<N extends RequestName>(
    name: N,
    args: Arguments<N>,
    options: CallOptions<N> = {},
  ): Promise<Result<N>> {
    const { signal, slot } = options;
    this.count += 1;
    const id = this.base + this.count;
    return new Promise<Result<N>>((resolve, reject) => {
      if (signal?.aborted) return reject(new Stopped());
      const pending: Pending = {
        resolve: resolve as (value: unknown) => void,
        reject,
        onPart: options.onPart as Pending["onPart"],
        answered: false,
      };
      this.pending.set(id, pending);
      if (slot !== undefined) this.take(slot, id);
      signal?.addEventListener("abort", () => this.stop(id), { once: true });
      try {
        this.model.send({ rpc: "call", id, name, args });
      } catch (error) {
        this.pending.delete(id);
        return reject(error);
      }
      if (name === "hello") {
        setTimeout(() => this.judge(id, "waiting"), WAITING_AFTER_MS);
        setTimeout(() => this.judge(id, "gone"), GONE_AFTER_MS);
      } else {
        setTimeout(() => this.askAgain(id), ASK_AGAIN_AFTER_MS);
      }
    });
  }

  /** Call `listener` when `connection` changes; returns how to stop that. */
  onConnection(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.model.off("msg:custom", this.receive);
    for (const [id, { reject }] of this.pending) {
      this.cancel(id);
      reject(new Stopped());
    }
    this.pending.clear();
  }

  private take(slot: string, id: number): void {
    const before = this.slots.get(slot);
    this.slots.set(slot, id);
    if (before !== undefined) this.stop(before);
  }

  private stop(id: number): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    this.cancel(id);
    pending.reject(new Stopped());
  }

  /** Tell the kernel to stop; one that was shut down has nothing left to stop. */
  private cancel(id: number): void {
    try {
      this.model.send({ rpc: "cancel", id });
    } catch {
      // The comm is closed ("Cannot send").
    }
  }

  private readonly receive = (reply: Reply, buffers: DataView[]): void => {
    this.everAnswered = true;
    this.say("answering");
    const pending = this.pending.get(reply.id);
    if (!pending) return;
    pending.answered = true;
    if (reply.rpc === "part") {
      pending.onPart?.(reply.value, buffers);
      return;
    }
    this.pending.delete(reply.id);
    if (reply.rpc === "result") pending.resolve(reply.value);
    else
      pending.reject(new KernelError(reply.type ?? "Error", reply.message ?? "no reason"));
  };

  /** Ask whether the kernel is there, if a request was not answered at all. */
  private askAgain(id: number): void {
    if (this.pending.get(id)?.answered !== false || this.greeting) return;
    this.greeting = true;
    this.call("hello", {})
      .catch(() => {})
      .finally(() => {
        this.greeting = false;
      });
  }

  /** A greeting that waited so long means that the kernel is busy, or was never there. */
  private judge(id: number, late: "waiting" | "gone"): void {
    if (this.pending.get(id)?.answered !== false) return;
    if (late === "waiting" || !this.everAnswered) this.say(late);
  }

  private say(connection: Connection): void {
    if (connection === this.connection) return;
    this.connection = connection;
    for (const listener of this.listeners) listener();
  }
}
