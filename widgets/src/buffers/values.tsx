// The values of a buffer in a table, page by page.
import { useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Pages } from "../parts/pages.tsx";
import { Problem } from "../parts/problem.tsx";
import { formatCount } from "../text/numbers.ts";
import { itemsizeOf, splitLens } from "./lenses.ts";

const COLUMNS = 8;
const PAGE = COLUMNS * 64;

interface ValuesProps {
  channel: Channel;
  /** Which buffer: its number. */
  value: number;
  dtype: string;
  nbytes: number;
  height: number;
}

export function Values({ channel, value, dtype, nbytes, height }: ValuesProps) {
  const count = Math.floor(nbytes / itemsizeOf(splitLens(dtype)[0]));
  const [start, setStart] = useState(0);
  const [shown, setShown] = useState<string[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    channel
      .call("buffer_values", { dtype, start, count: PAGE, value }, { signal: stop.signal })
      .then((values) => {
        setShown(values);
        setError(null);
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    return () => stop.abort();
  }, [channel, value, dtype, start, attempt]);

  if (error !== null) {
    return <Problem error={error} onRetry={() => setAttempt(attempt + 1)} />;
  }
  if (count === 0)
    return <p class="zs-muted">There is no value of this type in the buffer.</p>;
  const rows = Array.from({ length: Math.ceil((shown?.length ?? 0) / COLUMNS) }, (_, row) =>
    (shown ?? []).slice(row * COLUMNS, (row + 1) * COLUMNS),
  );
  return (
    <div class="zs-buffers-values">
      <div
        class="zs-box zs-buffers-scroll"
        style={{ height: `${height}px` }}
        tabIndex={0}
        role="region"
        aria-label="Values of the buffer"
        data-lm-suppress-shortcuts="true"
      >
        <table>
          <tbody>
            {rows.map((row, at) => (
              <tr key={start + at * COLUMNS}>
                <th scope="row" class="zs-number zs-muted">
                  {formatCount(start + at * COLUMNS)}
                </th>
                {row.map((value, column) => (
                  <td key={column} class="zs-number zs-mono">
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pages start={start} page={PAGE} count={count} what="values" onStart={setStart} />
    </div>
  );
}
