// What the same calls would take and cost on an object store, under assumptions one can see.
import { useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatSeconds } from "../text/numbers.ts";
import { useAnswer, useSettled } from "./answer.ts";
import type { RecordingSummary } from "./calls.ts";
import { choices, Pick } from "./pick.tsx";

interface Found {
  seconds: number;
  cost: number;
  rows: [string, string][];
  /** How the time and the cost are calculated. */
  rules: [string, string];
}

declare module "../kernel/requests.ts" {
  interface Requests {
    estimate_calls: {
      args: {
        source: number;
        latency: number;
        bandwidth: number;
        connections: number;
        price_get: number;
        price_put: number;
        price_out: number;
      };
      part: never;
      result: Found;
    };
  }
}

const FIELDS: [label: string, unit: string, initial: number][] = [
  ["latency", "ms", 30],
  ["bandwidth of a connection", "MB/s", 90],
  ["connections", "at once", 16],
  ["1,000 reads (GET, HEAD)", "$", 0.0004],
  ["1,000 writes, lists", "$", 0.005],
  ["1 GB read", "$", 0.09],
];
const INITIAL = FIELDS.map(([, , initial]) => String(initial));

interface EstimateProps {
  channel: Channel;
  recordings: RecordingSummary[];
  version: number;
}

export function EstimateForm({ channel, recordings, version }: EstimateProps) {
  const [source, setSource] = useState(0);
  const [fields, setFields] = useState(INITIAL);
  const settled = useSettled(fields, 250);
  const quiet = useSettled(version, 500);
  const number = (at: number) => Number.parseFloat(settled[at] ?? "") || 0;
  const { answer, error, retry } = useAnswer(
    channel,
    "estimate_calls",
    {
      source,
      latency: number(0) / 1000,
      bandwidth: number(1) * 1e6,
      connections: Math.floor(number(2)),
      price_get: number(3),
      price_put: number(4),
      price_out: number(5),
    },
    source === 0 ? quiet : 0,
  );

  return (
    <div class="zs-calls-columns">
      <fieldset class="zs-calls-form">
        <legend>On an object store, assuming</legend>
        {FIELDS.map(([label, unit], at) => (
          <label key={label}>
            <span>{label}</span>
            <input
              class="zs-input zs-number"
              type="number"
              min="0"
              step="any"
              data-lm-suppress-shortcuts="true"
              value={fields[at]}
              onInput={({ currentTarget }) =>
                setFields(fields.with(at, currentTarget.value))
              }
              onKeyDown={(event) => event.stopPropagation()}
            />
            <span class="zs-muted">{unit}</span>
          </label>
        ))}
        <p class="zs-muted">
          Defaults: a bucket in the same region; S3 Standard, us-east-1, 2024, read from the
          internet (within the region a GB costs nothing).{" "}
          <button type="button" class="zs-button" onClick={() => setFields(INITIAL)}>
            Defaults
          </button>
        </p>
      </fieldset>
      <div aria-live="polite">
        <Pick
          label="the calls of"
          value={source}
          options={choices(recordings, "the whole trace")}
          onChange={setSource}
        />
        {error ? (
          <Problem error={error} onRetry={retry} />
        ) : answer ? (
          <Result found={answer.result} />
        ) : null}
      </div>
    </div>
  );
}

function Result({ found: { seconds, cost, rows, rules } }: { found: Found }) {
  return (
    <>
      <div class="zs-calls-verdict">
        <div title={rules[0]}>
          <strong>{formatSeconds(seconds)}</strong>
          <span class="zs-muted">would be waited</span>
        </div>
        <div title={rules[1]}>
          <strong>{dollars(cost)}</strong>
          <span class="zs-muted">once; {dollars(cost * 1000)} for 1,000 times</span>
        </div>
      </div>
      <table class="zs-table">
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="zs-number">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details class="zs-muted">
        <summary>How it is calculated</summary>
        {rules.map((rule) => (
          <p key={rule}>{rule}</p>
        ))}
      </details>
    </>
  );
}

function dollars(amount: number): string {
  const format = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
  return `$ ${format.format(amount)}`;
}
