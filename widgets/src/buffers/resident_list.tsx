// The values of a strip or of a cell, by their keys, a page at a time.
import { useEffect, useId, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Name } from "../parts/name.tsx";
import { Pages } from "../parts/pages.tsx";
import { Problem } from "../parts/problem.tsx";
import { formatBytes, formatCount } from "../text/numbers.ts";
import { stepped } from "./cells.ts";
import type { Resident } from "./requests.ts";

/** Which values are listed: those of a strip, from one on. */
export interface Listed {
  strip: number;
  /** Whether they share one piece of memory. */
  shared: boolean;
  first: number;
  count: number;
}

interface ResidentListProps {
  channel: Channel;
  map: number;
  listed: Listed;
  onPick: (resident: Resident) => void;
}

const PAGE = 100;

export function ResidentList({ channel, map, listed, onPick }: ResidentListProps) {
  const uid = useId();
  const [start, setStart] = useState(0);
  const [rows, setRows] = useState<Resident[]>([]);
  const [at, setAt] = useState(0);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const stop = new AbortController();
    const { strip, first } = listed;
    const count = Math.min(PAGE, listed.count - start);
    channel
      .call(
        "memory_values",
        { map, strip, start: first + start, count },
        { slot: "residents", signal: stop.signal },
      )
      .then((found) => {
        setRows(found);
        setAt(0);
        setError(null);
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    return () => stop.abort();
  }, [channel, map, listed, start]);

  if (error !== null) return <Problem error={error} />;
  if (listed.count === 0) return null;
  return (
    <div class="zs-buffers-residents">
      <div
        class="zs-box zs-buffers-rows"
        role="listbox"
        aria-label="Values in memory"
        aria-activedescendant={rows.length > 0 ? `${uid}-${at}` : undefined}
        tabIndex={0}
        data-lm-suppress-shortcuts="true"
        onKeyDown={(event) => {
          const next = stepped(at, event.key, rows.length);
          const row = rows[at];
          if (next !== null) {
            setAt(next);
            document.getElementById(`${uid}-${next}`)?.scrollIntoView({ block: "nearest" });
          } else if (row && (event.key === "Enter" || event.key === " ")) onPick(row);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {rows.map((row, number) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: it has the focus for them
          <div
            key={row.at}
            id={`${uid}-${number}`}
            role="option"
            class="zs-buffers-row"
            aria-selected={number === at}
            onClick={() => {
              setAt(number);
              onPick(row);
            }}
          >
            <Name>{row.key}</Name>
            {listed.shared ? (
              <span
                class="zs-number zs-muted zs-buffers-at"
                title="where in the slab it starts"
              >
                {`at ${formatCount(row.offset)}`}
              </span>
            ) : null}
            <span class="zs-number" title={`${formatCount(row.nbytes)} bytes`}>
              {formatBytes(row.nbytes)}
            </span>
          </div>
        ))}
      </div>
      <Pages
        start={start}
        page={PAGE}
        count={listed.count}
        what="values"
        onStart={setStart}
      />
    </div>
  );
}
