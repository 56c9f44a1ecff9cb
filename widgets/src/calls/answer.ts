// One request as state of a component: asked again when its arguments change.
import { useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import type { Arguments, Part, RequestName, Result } from "../kernel/requests.ts";

export interface Answer<N extends RequestName> {
  result: Result<N>;
  parts: Part<N>[];
  buffers: DataView[];
}

/** The last answer stays until the next one is there; null arguments ask nothing. */
export function useAnswer<N extends RequestName>(
  channel: Channel,
  name: N,
  args: Arguments<N> | null,
  version: unknown = 0,
): { answer: Answer<N> | null; error: unknown; retry: () => void } {
  const [answer, setAnswer] = useState<Answer<N> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!args) return;
    const abort = new AbortController();
    const parts: Part<N>[] = [];
    const buffers: DataView[] = [];
    channel
      .call(name, args, {
        slot: name,
        signal: abort.signal,
        onPart: (part, more) => {
          parts.push(part);
          buffers.push(...more);
        },
      })
      .then((result) => {
        setAnswer({ result, parts, buffers });
        setError(null);
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    return () => abort.abort();
  }, [channel, attempt, JSON.stringify(args), version]);
  return { answer, error, retry: () => setAttempt((before) => before + 1) };
}

/** `value`, but only once it has been the same for `milliseconds`. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
