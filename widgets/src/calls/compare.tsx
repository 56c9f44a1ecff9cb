// Two recordings side by side: words, figures, and both waterfalls on one scale.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { sharpContext, useTheme, useWidth, variable } from "../arrays/canvas.ts";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatCounted, formatSeconds } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { type Answer, useAnswer } from "./answer.ts";
import { kindOf, numbersOf, type RecordingSummary } from "./calls.ts";
import { choices, Pick } from "./pick.tsx";

declare module "../kernel/requests.ts" {
  interface Requests {
    compare_recordings: {
      args: { first: number; second: number };
      part: { methods: string[] };
      result: { words: string; rows: [string, string, string, string][] };
    };
  }
}

interface Bars {
  methods: string[];
  /** Columns: start, seconds, place in `methods`. */
  numbers: Float64Array;
}

interface CompareProps {
  channel: Channel;
  recordings: RecordingSummary[];
}

export function Compare({ channel, recordings }: CompareProps) {
  const [picked, setPicked] = useState([0, 0]);
  // Until somebody chooses: the last two.
  const pair = picked.map(
    (wanted, side) =>
      recordings.find(({ number }) => number === wanted) ?? recordings.at(side - 2),
  );
  const [first, second] = pair;
  const ready = recordings.length > 1 && first && second;
  const { answer, error, retry } = useAnswer(
    channel,
    "compare_recordings",
    ready ? { first: first.number, second: second.number } : null,
  );
  const bars = useMemo(() => (answer ? barsOf(answer) : []), [answer]);
  if (!ready) return <NoRecordings one={recordings.length === 1} />;

  const longest = Math.max(1e-6, ...bars.map(lengthOf));
  return (
    <div>
      <div class="zs-bar">
        {pair.map((each, side) => (
          <Pick
            key={`${side}`}
            label={"AB"[side] ?? ""}
            value={each?.number ?? 0}
            options={choices(recordings)}
            onChange={(number) => {
              const numbers = pair.map((each) => each?.number ?? 0);
              setPicked(numbers.with(side, number));
            }}
          />
        ))}
      </div>
      {error ? <Problem error={error} onRetry={retry} /> : null}
      <p class="zs-calls-words" role="status">
        {answer?.result.words}
      </p>
      <div class="zs-calls-pair">
        {[first, second].map(({ label, ncalls }, side) => (
          <figure key={`${side}`}>
            <figcaption>
              <b>{"AB"[side]}</b> {visible(label)}{" "}
              <span class="zs-muted">
                {formatCounted(ncalls, "call")}, 0 to {formatSeconds(longest)}
              </span>
            </figcaption>
            <Picture
              bars={bars[side]}
              longest={longest}
              label={`Waterfall of ${formatCounted(ncalls, "call")}`}
            />
          </figure>
        ))}
      </div>
      <table class="zs-table">
        <thead>
          <tr>
            {["figure", "A", "B", "difference"].map((name, at) => (
              <th key={name} scope="col" class={at ? "zs-number" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer?.result.rows.map(([name, ...values]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, at) => (
                <td key={`${at}`} class="zs-number">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function barsOf({ parts, buffers }: Answer<"compare_recordings">): Bars[] {
  return parts.map(({ methods }, side) => ({ methods, numbers: numbersOf(buffers[side]) }));
}

function lengthOf({ numbers }: Bars): number {
  const count = numbers.length / 3;
  const ends = numbers
    .subarray(0, count)
    .map((start, at) => start + (numbers[count + at] ?? 0));
  return ends.reduce((a, b) => Math.max(a, b), 0);
}

const HEIGHT = 64;

interface PictureProps {
  bars: Bars | undefined;
  longest: number;
  label: string;
}

function Picture({ bars, longest, label }: PictureProps) {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(place);
  const theme = useTheme();
  useEffect(() => {
    const { current } = canvas;
    if (!current || !bars || !width) return;
    const { methods, numbers } = bars;
    const context = sharpContext(current, width, HEIGHT);
    const count = numbers.length / 3;
    const step = Math.min(8, HEIGHT / Math.max(1, count));
    const colours = methods.map((method) =>
      variable(current, `--zs-kind-${kindOf(method)}`),
    );
    if (!context) return;
    for (let at = 0; at < count; at++) {
      const x = ((numbers[at] ?? 0) / longest) * width;
      const length = ((numbers[count + at] ?? 0) / longest) * width;
      context.fillStyle = colours[numbers[2 * count + at] ?? 0] ?? "gray";
      context.fillRect(x, at * step, Math.max(1.5, length), Math.max(1, step * 0.8));
    }
  }, [bars, longest, width, theme]);
  return (
    <div ref={place} class="zs-calls-picture">
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}

function NoRecordings({ one }: { one: boolean }) {
  return (
    <div class="zs-calls-empty">
      <p>
        <b>{one ? "One recording; two compare." : "No recordings yet."}</b> A recording
        keeps the calls of a piece of code:
      </p>
      <pre class="zs-source">
        {`with monitor.recording("one chunk at a time"):
    ...
with monitor.recording("all at once"):
    ...`}
      </pre>
    </div>
  );
}
