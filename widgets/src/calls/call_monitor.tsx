// The monitor of calls: listens while it is shown, and hands the calls to its tabs.
import { useMemo, useState } from "preact/hooks";
import type { ViewProps } from "../parts/mount.tsx";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { formatBytes, formatCount, formatCounted, formatSeconds } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { CallList } from "./call_list.tsx";
import { Charts } from "./charts.tsx";
import { ChunkHeat } from "./chunk_heat.tsx";
import { Compare } from "./compare.tsx";
import { EstimateForm } from "./estimate.tsx";
import { ExportMenu } from "./export.tsx";
import { totalsOf } from "./figures.ts";
import { type Live, useLive } from "./live.ts";

const TABS = [
  { id: "calls", label: "Calls" },
  { id: "charts", label: "Charts" },
  { id: "chunks", label: "Chunks" },
  { id: "compare", label: "Compare" },
  { id: "estimate", label: "Estimate" },
];

export function CallMonitor({ model, channel }: ViewProps) {
  const live = useLive(channel);
  const [tab, setTab] = useState("calls");
  const { calls, news } = live;
  return (
    <div class="zs-calls" style={{ height: `${model.get("height")}px` }}>
      <Header title={model.get("title")} live={live} />
      {live.error ? <Problem error={live.error} onRetry={live.retry} /> : null}
      <Tabs label="Views of the calls" tabs={TABS} active={tab} onChange={setTab}>
        {tab === "calls" ? <CallList channel={channel} live={live} /> : null}
        {tab === "charts" ? <Charts calls={calls} /> : null}
        {tab === "chunks" ? (
          <ChunkHeat
            channel={channel}
            recordings={news.recordings}
            version={live.version}
          />
        ) : null}
        {tab === "compare" ? (
          <Compare channel={channel} recordings={news.recordings} />
        ) : null}
        {tab === "estimate" ? (
          <EstimateForm
            channel={channel}
            recordings={news.recordings}
            version={live.version}
          />
        ) : null}
      </Tabs>
      <Status busy={live.nopen > 0 || news.running.length > 0}>{statusOf(live)}</Status>
      <ExportMenu channel={channel} recordings={news.recordings} />
    </div>
  );
}

function statusOf({ calls, paused, ncalls, nopen, news }: Live): string {
  const parts = [formatCounted(ncalls, "call")];
  if (calls.length === 0 && ncalls > 0) parts.push("view cleared");
  else if (calls.length < ncalls - nopen)
    parts.push(`the last ${formatCount(calls.length)} shown`);
  if (nopen > 0) parts.push(`${formatCount(nopen)} in flight`);
  if (paused) parts.push("view paused, calls are still recorded");
  if (news.running.length > 0)
    parts.push(
      `recording ${news.running.map((label) => `“${visible(label)}”`).join(", ")}`,
    );
  return parts.join(" · ");
}

function Header({ title, live }: { title: string; live: Live }) {
  const totals = useMemo(() => totalsOf(live.calls), [live.calls]);
  const secondsText = (seconds: number) =>
    live.calls.length > 0 ? formatSeconds(seconds) : "\u2013";
  const figures: [string, string][] = [
    ["read", formatBytes(totals.nbytesOut)],
    ["written", formatBytes(totals.nbytesIn)],
    ["errors", formatCount(totals.nerrors)],
    ["p50", secondsText(totals.p50)],
    ["p95", secondsText(totals.p95)],
    ["p99", secondsText(totals.p99)],
    ["in flight", formatCount(live.nopen)],
  ];
  return (
    <header class="zs-toolbar zs-calls-header">
      <span class="zs-calls-title" title={title}>
        {title}
      </span>
      <dl class="zs-figures zs-calls-figures">
        {figures.map(([name, value]) => (
          <div
            key={name}
            class={name === "errors" && totals.nerrors ? "zs-calls-alarm" : ""}
          >
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        class="zs-button"
        aria-pressed={live.paused}
        onClick={live.togglePause}
      >
        {live.paused ? "Paused" : "Pause"}
      </button>
      <button type="button" class="zs-button" onClick={live.clear}>
        Clear
      </button>
    </header>
  );
}
