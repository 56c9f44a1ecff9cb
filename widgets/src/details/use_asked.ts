// Something that the kernel is asked for when it is shown, and let go of when it is not.
import { useEffect, useState } from "preact/hooks";
import { Stopped } from "../kernel/channel.ts";

// Who runs along the rows of the tree asks only for the one where they stop.
const SETTLE_MS = 50;

export interface Asked<T> {
  value: T | null;
  error: unknown;
  retry: () => void;
}

type Ask<T> = (signal: AbortSignal, show: (value: T) => void) => Promise<T>;

/**
 * Ask again whenever `what` changes; `ask` may show values before the last one.
 * null asks for nothing.
 */
export function useAsked<T>(what: readonly unknown[], ask: Ask<T> | null): Asked<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setValue(null);
    setError(null);
    if (ask === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask(stop.signal, (early) => !stop.signal.aborted && setValue(early)).then(
        (answer) => !stop.signal.aborted && setValue(answer),
        (reason: unknown) => {
          if (!(reason instanceof Stopped)) setError(reason);
        },
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [...what, attempt]);
  return { value, error, retry: () => setAttempt((before) => before + 1) };
}
