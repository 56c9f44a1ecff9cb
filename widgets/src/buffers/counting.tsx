// The values of a buffer counted: as which type, how far, and what came of it.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { formatBytes, formatCount, formatSeconds } from "../text/numbers.ts";
import { Histogram } from "./histogram.tsx";
import { itemsizeOf, joinLens, LENSES, splitLens } from "./lenses.ts";
import type { Counted } from "./requests.ts";

interface CountingProps {
  channel: Channel;
  /** Which buffer: its number. */
  value: number;
  dtype: string;
  onDevice: boolean;
  onLens: (dtype: string) => void;
  children: preact.ComponentChildren;
}

// Said once a page: later counts find the kernels compiled.
let compiled = false;

export function Counting(props: CountingProps) {
  const { channel, value, dtype, onDevice, onLens, children } = props;
  const [lens, bigEndian] = splitLens(dtype);
  const [counted, setCounted] = useState<Counted | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [stop, setStop] = useState<AbortController | null>(null);

  const count = useCallback(() => {
    const controller = new AbortController();
    setStop(controller);
    setError(null);
    channel
      .call(
        "buffer_statistics",
        { dtype, value },
        { slot: "statistics", signal: controller.signal, onPart: setCounted },
      )
      .then(() => {
        if (onDevice) compiled = true;
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      })
      .finally(() => setStop(null));
    return () => controller.abort();
  }, [channel, value, dtype, onDevice]);
  useEffect(count, [count]);

  const partial = counted !== null && !counted.complete;
  return (
    <>
      <div class="zs-toolbar">
        <label class="zs-field">
          <span class="zs-muted">Seen as</span>
          <select
            class="zs-select"
            value={lens}
            onChange={(event) => onLens(joinLens(event.currentTarget.value, bigEndian))}
          >
            {LENSES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class={`zs-field${itemsizeOf(lens) === 1 ? " zs-muted" : ""}`}>
          <input
            type="checkbox"
            checked={bigEndian}
            disabled={itemsizeOf(lens) === 1}
            onChange={(event) => onLens(joinLens(lens, event.currentTarget.checked))}
          />
          big-endian
        </label>
        {counted?.rest ? (
          <span class="zs-muted">{`${counted.rest} bytes at the end fill no value`}</span>
        ) : null}
      </div>
      {error === null ? null : <Problem error={error} onRetry={count} />}
      <div class="zs-buffers-body">
        {children}
        <div class="zs-buffers-side">
          <Summary counted={counted} />
          {counted && counted.histogram.length > 0 ? <Histogram counted={counted} /> : null}
        </div>
      </div>
      <Status busy={stop !== null} onStop={stop === null ? undefined : () => stop.abort()}>
        {statusOf(counted, stop !== null, onDevice)}
        {partial && stop === null ? (
          <button type="button" class="zs-button" onClick={count}>
            Count all
          </button>
        ) : null}
      </Status>
    </>
  );
}

function statusOf(counted: Counted | null, busy: boolean, onDevice: boolean): string {
  if (counted === null && busy && onDevice && !compiled)
    return "Counting … the first count on a device compiles its kernels";
  if (counted === null) return busy ? "Counting …" : "Stopped before anything was counted.";
  const total = formatCount(counted.count);
  if (counted.complete) {
    if (!onDevice) return `${total} values counted`;
    const seconds = formatSeconds(counted.seconds);
    return `${total} values counted on the device in ${seconds}; ${formatBytes(counted.host_nbytes)} came to the host`;
  }
  const done = `${formatCount(counted.counted)} of ${total} values`;
  if (busy && counted.counted === counted.count)
    return `Making the histogram of ${total} values`;
  return busy ? `Counting: ${done}` : `Stopped at ${done}: the figures are of these.`;
}

function Summary({ counted }: { counted: Counted | null }) {
  const rows: [string, string][] = [
    ["values", counted ? formatCount(counted.count) : "…"],
    ["minimum", counted?.minimum ?? "–"],
    ["mean", counted?.mean ?? "–"],
    ["maximum", counted?.maximum ?? "–"],
    ["zeros", counted ? formatCount(counted.zeros) : "…"],
    ["not a number", counted ? formatCount(counted.nan) : "…"],
    ["infinite", counted ? formatCount(counted.infinite) : "…"],
  ];
  return (
    <table class="zs-table zs-buffers-summary">
      <caption class="zs-muted">Statistics</caption>
      <tbody>
        {rows.map(([label, value]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td class="zs-number">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
