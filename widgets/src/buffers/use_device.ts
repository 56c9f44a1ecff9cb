// The state of the device, and its figures once a second while somebody looks.
import type { RefObject } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import type { DeviceStatus, Figures } from "./requests.ts";

const EVERY_MS = 1_000;
// A store of very many values takes its time to be added up.
const LEAST_REST = 10;

export interface Device {
  status: DeviceStatus | null;
  error: unknown;
  /** Ask again what is known: the store may use the device now. */
  ask: () => void;
  /** Look again: something was installed, or the device is back. */
  refresh: () => void;
}

export function useDevice(channel: Channel): Device {
  const [status, setStatus] = useState<DeviceStatus | null>(null);
  const [error, setError] = useState<unknown>(null);
  const look = useCallback(
    (again: boolean) => {
      const stop = new AbortController();
      setError(null);
      channel
        .call(
          "device_status",
          { refresh: again },
          { slot: "device", signal: stop.signal, onPart: setStatus },
        )
        .then(setStatus)
        .catch((reason: unknown) => {
          if (!(reason instanceof Stopped)) setError(reason);
        });
      return () => stop.abort();
    },
    [channel],
  );
  useEffect(() => look(false), [look]);
  return { status, error, ask: () => look(false), refresh: () => look(true) };
}

/** The figures of a device in use; asked for only while `box` is seen. */
export function useFigures(
  channel: Channel,
  active: boolean,
  box: RefObject<HTMLElement | null>,
): { figures: Figures | null; error: unknown } {
  const [figures, setFigures] = useState<Figures | null>(null);
  const [error, setError] = useState<unknown>(null);
  const seen = useSeen(box);
  useEffect(() => {
    if (!active || !seen) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // One after the other: a device that is slow to answer is not asked twice.
    const ask = () => {
      const asked = performance.now();
      channel
        .call("device_figures", {}, { signal: stop.signal })
        .then((found) => {
          setFigures(found);
          setError(null);
        })
        .catch((reason: unknown) => {
          if (!(reason instanceof Stopped)) setError(reason);
        })
        .finally(() => {
          const rest = LEAST_REST * (performance.now() - asked);
          if (!stop.signal.aborted) timer = setTimeout(ask, Math.max(EVERY_MS, rest));
        });
    };
    ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [channel, active, seen]);
  return { figures, error };
}

/** Whether a box is on the screen, in a page that is looked at. */
export function useSeen(box: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  const [awake, setAwake] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setAwake(!document.hidden);
    document.addEventListener("visibilitychange", changed);
    const observer = new IntersectionObserver((entries) =>
      setNear(entries.at(-1)?.isIntersecting ?? false),
    );
    if (box.current) observer.observe(box.current);
    return () => {
      document.removeEventListener("visibilitychange", changed);
      observer.disconnect();
    };
  }, [box]);
  return near && awake;
}
