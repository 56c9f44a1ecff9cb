// The stream of calls, as state of the view: what came, what is shown, pause and clear.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { type Call, decode, kept, type News, type WatchPart } from "./calls.ts";

const NO_NEWS: News = { recordings: [], running: [] };

interface Shown {
  calls: Call[];
  ncalls: number;
  nopen: number;
  news: News;
  /** Another number after each change of the calls. */
  version: number;
}

export interface Live extends Shown {
  /** Whether the first answer came. */
  ready: boolean;
  paused: boolean;
  error: unknown;
  togglePause: () => void;
  clear: () => void;
  retry: () => void;
}

const NOTHING: Shown = { calls: [], ncalls: 0, nopen: 0, news: NO_NEWS, version: 0 };

/** Collects what comes, and draws at most once a frame. */
export function useLive(channel: Channel): Live {
  const latest = useRef<Shown>(NOTHING);
  const count = useRef(0);
  const frame = useRef(0);
  const frozen = useRef(false);
  const [shown, setShown] = useState<Shown>(NOTHING);
  const [paused, setPaused] = useState(false);
  const [ready, setReady] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  const draw = () => {
    if (frame.current) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      const { calls, version, ...rest } = latest.current;
      setShown((before) => (frozen.current ? { ...before, ...rest } : latest.current));
    });
  };
  const change = (next: Partial<Shown>) => {
    latest.current = { ...latest.current, ...next };
    draw();
  };
  const take = (part: WatchPart, buffers: DataView[]) => {
    setReady(true);
    if (part.reset) change({ calls: [], version: latest.current.version + 1 });
    if (part.news) change({ news: part.news });
    if (part.ncalls !== undefined) change({ ncalls: part.ncalls, nopen: part.nopen ?? 0 });
    if (!part.keys) return;
    const more = decode(part, buffers[0], count.current);
    count.current += more.length;
    const { calls, version } = latest.current;
    change({ calls: kept(calls, more), version: version + 1 });
  };

  useEffect(() => {
    const abort = new AbortController();
    latest.current = { ...NOTHING, version: latest.current.version + 1 };
    setError(null);
    channel
      .call("watch", {}, { signal: abort.signal, onPart: take })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    return () => {
      abort.abort();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [channel, attempt]);

  return {
    ...shown,
    ready,
    paused,
    error,
    togglePause: () => {
      frozen.current = !paused;
      setPaused(!paused);
      draw();
    },
    clear: () => {
      change({ calls: [], version: latest.current.version + 1 });
      if (paused) setShown({ ...latest.current });
    },
    retry: () => setAttempt((before) => before + 1),
  };
}
