// The level that is shown, asked for anew as the count goes on: one request at a time.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { type Level, levelOf } from "./level.ts";
import type { BoxRow, By } from "./requests.ts";

const MAX_BOXES = 2000;

export interface Levels {
  level: Level | undefined;
  error: unknown;
  retry: () => void;
}

export function useLevel(
  channel: Channel,
  path: string,
  by: By,
  version: number | undefined,
): Levels {
  const [level, setLevel] = useState<Level>();
  const [error, setError] = useState<unknown>();
  const [answers, setAnswers] = useState(0);
  const asked = useRef<string | undefined>(undefined);
  const shown = useRef<string | undefined>(undefined);

  useEffect(() => {
    if (version === undefined) return;
    const what = `${by} ${path}`;
    // A later version of the same waits, or a fast count would never be shown.
    if (asked.current === what || shown.current === `${version} ${what}`) return;
    asked.current = what;
    const rows: BoxRow[] = [];
    const onPart = (part: BoxRow[]) => {
      rows.push(...part);
    };
    channel
      .call("boxes", { path, limit: MAX_BOXES, by }, { slot: "boxes", onPart })
      .then(
        (totals) => {
          setLevel(levelOf(path, by, rows, totals));
          setError(undefined);
        },
        (problem) => {
          if (!(problem instanceof Stopped)) setError(problem);
        },
      )
      .finally(() => {
        if (asked.current !== what) return;
        asked.current = undefined;
        shown.current = `${version} ${what}`;
        setAnswers((count) => count + 1);
      });
  }, [channel, path, by, version, answers]);

  const retry = () => {
    shown.current = undefined;
    setError(undefined);
    setAnswers((count) => count + 1);
  };
  return { level, error, retry };
}
