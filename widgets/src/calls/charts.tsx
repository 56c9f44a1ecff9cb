// Three small charts: how long calls took, how many bytes came, how many ran at once.
import { useMemo } from "preact/hooks";
import { formatBytes, formatCount, formatCounted, formatSeconds } from "../text/numbers.ts";
import type { Call } from "./calls.ts";
import {
  type Bin,
  concurrency,
  lastBurst,
  latencyBins,
  niceCeil,
  overTime,
  totalsOf,
} from "./figures.ts";

const BINS = 60;

export function Charts({ calls }: { calls: Call[] }) {
  const byStart = useMemo(() => [...calls].sort((a, b) => a.clock - b.clock), [calls]);
  const span = useMemo(() => lastBurst(byStart), [byStart]);
  const totals = useMemo(() => totalsOf(calls), [calls]);
  const latency = useMemo(() => latencyBins(calls), [calls]);
  const recent = useMemo(
    () => byStart.filter((call) => call.clock >= span[0]),
    [byStart, span],
  );
  const rate = useMemo(() => {
    const width = (span[1] - span[0]) / BINS;
    const sums = overTime(recent, span, BINS, (call) => call.nbytesOut + call.nbytesIn);
    return sums.map((bin) => ({ ...bin, value: bin.value / width }));
  }, [recent, span]);
  const open = useMemo(() => concurrency(recent, span, BINS), [recent, span]);
  if (calls.length === 0) return <p class="zs-muted">No calls yet.</p>;

  const length = formatSeconds(span[1] - span[0]);
  const peak = open.reduce((most, bin) => Math.max(most, bin.value), 0);
  const fastest = rate.reduce((most, bin) => Math.max(most, bin.value), 0);
  return (
    <div class="zs-calls-charts">
      <Chart
        title="Latency"
        note={`all ${formatCounted(calls.length, "call")}, logarithmic`}
        summary={`Latency of ${formatCounted(calls.length, "call")}: half took at most ${formatSeconds(totals.p50)}, 95 percent at most ${formatSeconds(totals.p95)}, 99 percent at most ${formatSeconds(totals.p99)}.`}
        bins={latency}
        kind="zs-kind-read"
        valueText={formatCount}
        whole
        placeText={formatSeconds}
      />
      <Chart
        title="Bytes per second"
        note={`latest burst, ${length}`}
        summary={`Bytes per second in the latest burst of ${length}: at most ${formatBytes(fastest)}.`}
        bins={rate}
        kind="zs-kind-list"
        valueText={formatBytes}
        placeText={(when) => formatSeconds(Math.max(0, when - span[0]))}
      />
      <Chart
        title="In flight"
        note={`latest burst, ${length}`}
        summary={`Calls in flight in the latest burst of ${length}: at most ${formatCount(peak)} at once.`}
        bins={open}
        kind="zs-kind-write"
        valueText={formatCount}
        whole
        placeText={(when) => formatSeconds(Math.max(0, when - span[0]))}
      />
    </div>
  );
}

interface ChartProps {
  title: string;
  note: string;
  summary: string;
  bins: Bin[];
  kind: string;
  /** Values are whole numbers. */
  whole?: boolean;
  valueText: (value: number) => string;
  placeText: (place: number) => string;
}

const WIDTH = 280;
const HEIGHT = 120;

function Chart(props: ChartProps) {
  const { title, note, summary, bins, kind, whole, valueText, placeText } = props;
  const most = bins.reduce((most, bin) => Math.max(most, bin.value), 0);
  const top = whole && most <= 2 ? Math.max(1, most) : niceCeil(most);
  const step = WIDTH / Math.max(1, bins.length);
  const middle = bins[Math.floor(bins.length / 2)];
  return (
    <figure class="zs-calls-chart">
      <figcaption>
        <b>{title}</b> <span class="zs-muted">{note}</span>
      </figcaption>
      <div class="zs-calls-plot">
        <span class="zs-calls-top">{valueText(top)}</span>
        <span class="zs-calls-zero">0</span>
        <svg
          role="img"
          aria-label={summary}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          <line class="zs-calls-grid" x1="0" x2={WIDTH} y1="0.5" y2="0.5" />
          <line class="zs-calls-grid" x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
          <line
            class="zs-calls-grid"
            x1="0"
            x2={WIDTH}
            y1={HEIGHT - 0.5}
            y2={HEIGHT - 0.5}
          />
          {bins.map((bin, at) => (
            <rect
              key={bin.from}
              class={bin.value > 0 ? `zs-calls-column ${kind}` : "zs-calls-nothing"}
              x={at * step + step * 0.05}
              width={step * 0.9}
              y={HEIGHT * (1 - bin.value / top)}
              height={HEIGHT * (bin.value / top)}
            >
              <title>{`${placeText(bin.from)} to ${placeText(bin.to)}: ${valueText(bin.value)}`}</title>
            </rect>
          ))}
        </svg>
      </div>
      <div class="zs-calls-places zs-muted">
        <span>{placeText(bins[0]?.from ?? 0)}</span>
        <span>{bins.length > 2 && middle ? placeText(middle.from) : ""}</span>
        <span>{placeText(bins.at(-1)?.to ?? 0)}</span>
      </div>
    </figure>
  );
}
