// Asks for slices, one at a time: while a slider moves, the picture follows as it can.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import type { ArrayFacts, SliceResult, Wanted } from "./requests.ts";

export type Numbers = Float32Array | Float64Array | Uint8Array;

export interface Shown {
  facts: ArrayFacts;
  /** null: the array has no element. */
  slice: SliceResult | null;
  numbers: Numbers;
}

interface State {
  shown: Shown | null;
  busy: boolean;
  error: unknown;
}

// A request that is younger is waited for: else a moving slider would never show anything.
const PATIENCE_MS = 400;

/** The slice that is wanted; the one before stays until it is there. */
export function useSlice(channel: Channel, path: string, wanted: Wanted) {
  const [state, setState] = useState<State>({ shown: null, busy: true, error: null });
  const run = useRef({ since: 0, next: null as Wanted | null, timer: 0 });

  const ask = useCallback(
    async (request: Wanted, signal: AbortSignal) => {
      run.current.since = performance.now();
      run.current.next = null;
      setState((before) => ({ ...before, busy: true }));
      try {
        const shown = await fetchSlice(channel, path, request, signal);
        if (signal.aborted) return;
        run.current.since = 0;
        setState({ shown, busy: run.current.next !== null, error: null });
        if (run.current.next) ask(run.current.next, signal);
      } catch (error) {
        if (error instanceof Stopped || signal.aborted) return;
        run.current.since = 0;
        setState((before) => ({ ...before, busy: false, error }));
      }
    },
    [channel, path],
  );

  const life = useRef(new AbortController());
  useEffect(() => {
    life.current = new AbortController();
    setState({ shown: null, busy: true, error: null });
    run.current.since = 0;
    return () => {
      clearTimeout(run.current.timer);
      life.current.abort();
    };
  }, [channel, path]);
  useEffect(() => {
    const { since } = run.current;
    clearTimeout(run.current.timer);
    const { signal } = life.current;
    if (!since) {
      ask(wanted, signal);
      return;
    }
    run.current.next = wanted;
    const age = performance.now() - since;
    const wait = Math.max(0, PATIENCE_MS - age);
    run.current.timer = window.setTimeout(() => {
      if (run.current.next) ask(run.current.next, signal);
    }, wait);
  }, [ask, wanted]);

  const retry = () => ask(wanted, life.current.signal);
  return { ...state, retry };
}

async function fetchSlice(
  channel: Channel,
  path: string,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Shown | null> {
  let facts: ArrayFacts | null = null;
  let content = new Uint8Array(0);
  const result = await channel.call(
    "slice",
    { path, ...wanted },
    {
      slot: "slice",
      signal,
      onPart: (part, [piece]) => {
        if (part.kind === "array") facts = part;
        else {
          if (part.offset === 0) content = new Uint8Array(part.total);
          if (piece)
            content.set(
              new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength),
              part.offset,
            );
        }
      },
    },
  );
  if (!facts) return null;
  const slice = result.kind === "empty" ? null : result;
  return { facts, slice, numbers: numbersIn(content, slice?.column) };
}

function numbersIn(content: Uint8Array<ArrayBuffer>, column?: string): Numbers {
  if (column === "float32") return new Float32Array(content.buffer);
  return column === "float64" ? new Float64Array(content.buffer) : content;
}
