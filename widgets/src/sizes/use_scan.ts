// The count of the store: starts by itself where that costs nothing, stops, goes on.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import type { ScanStatus } from "./requests.ts";

export interface Scan {
  /** Undefined until the kernel has said. */
  status: ScanStatus | undefined;
  error: unknown;
  /** Begin, or go on after a stop or an error. */
  go: () => void;
  /** Forget what is known, and begin anew. */
  restart: () => void;
  pause: () => void;
}

export function useScan(channel: Channel): Scan {
  const [status, setStatus] = useState<ScanStatus>();
  const [error, setError] = useState<unknown>();
  const closing = useRef(new AbortController());

  const fail = (problem: unknown) => {
    if (problem instanceof Stopped) return;
    setError(problem);
    setStatus((known) =>
      known?.state === "scanning" ? { ...known, state: "stopped" } : known,
    );
  };
  // What was counted since the last part.
  const failScan = (problem: unknown) => {
    fail(problem);
    if (problem instanceof Stopped) return;
    const { signal } = closing.current;
    channel.call("size_status", {}, { signal }).then(setStatus, () => {});
  };
  const watch = (restart: boolean) => {
    setError(undefined);
    const { signal } = closing.current;
    channel
      .call("scan", { restart }, { slot: "scan", signal, onPart: setStatus })
      .then(setStatus, failScan);
  };
  const ask = () => {
    setError(undefined);
    const { signal } = closing.current;
    channel.call("size_status", {}, { signal }).then(({ starts, ...known }) => {
      setStatus(known);
      if (starts) watch(false);
      else if (known.problem !== null) setError(new Error(known.problem));
    }, fail);
  };
  useEffect(() => {
    closing.current = new AbortController();
    ask();
    return () => closing.current.abort();
  }, [channel]);

  return {
    status,
    error,
    // Somebody may have mended a damaged snapshot.
    go: () => (status === undefined || status.damaged ? ask() : watch(false)),
    restart: () => watch(true),
    pause: () => {
      channel.call("pause_scan", {}, { signal: closing.current.signal }).catch(fail);
    },
  };
}
