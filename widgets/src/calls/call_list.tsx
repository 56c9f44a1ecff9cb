// The list of calls: filters, the stretch of time, and one row with a bar for each call.
import { useMemo, useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { formatCount, formatCounted } from "../text/numbers.ts";
import { type Call, filtered, kindOf } from "./calls.ts";
import { Details } from "./details.tsx";
import { lastBurst, type Span, spanOf, totalsOf, within } from "./figures.ts";
import type { Live } from "./live.ts";
import { Overview } from "./overview.tsx";
import { Pick } from "./pick.tsx";
import { Waterfall } from "./waterfall.tsx";

type Zoom = "burst" | "all" | "1" | "10" | "30" | "own";

const ZOOMS: [Zoom, string][] = [
  ["burst", "latest burst"],
  ["1", "last 1 s"],
  ["10", "last 10 s"],
  ["30", "last 30 s"],
  ["all", "all"],
];

interface CallListProps {
  channel: Channel;
  live: Live;
}

export function CallList({ channel, live }: CallListProps) {
  const [methods, setMethods] = useState<ReadonlySet<string>>(new Set());
  const [text, setText] = useState("");
  const [errorsOnly, setErrorsOnly] = useState(false);
  const [zoom, setZoom] = useState<Zoom>("burst");
  const [own, setOwn] = useState<Span>([0, 1]);
  const [selected, setSelected] = useState<Call | null>(null);

  const byStart = useMemo(
    () => [...live.calls].sort((a, b) => a.clock - b.clock || a.number - b.number),
    [live.calls],
  );
  const whole = useMemo(() => spanOf(byStart), [byStart]);
  const span = useMemo(() => zoomed(zoom, byStart, whole, own), [zoom, byStart, own]);
  const rows = useMemo(
    () => filtered(within(byStart, span), { methods, text, errorsOnly }),
    [byStart, span, methods, text, errorsOnly],
  );
  const choose = (next: Span | null) => {
    if (next) setOwn(next);
    setZoom(next ? "own" : "all");
  };

  if (live.calls.length === 0) return live.ready ? <NoCalls /> : null;
  return (
    <div class="zs-calls-list">
      <div class="zs-bar zs-calls-tools">
        <Chips calls={live.calls} methods={methods} onChange={setMethods} />
        <span class="zs-spacer" />
        <input
          class="zs-input zs-calls-search"
          type="search"
          placeholder="key contains…"
          aria-label="Show calls whose key contains"
          data-lm-suppress-shortcuts="true"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.stopPropagation()}
        />
        <button
          type="button"
          class="zs-button"
          aria-pressed={errorsOnly}
          onClick={() => setErrorsOnly(!errorsOnly)}
        >
          Errors only
        </button>
        <Pick
          label="in view"
          value={zoom}
          options={zoom === "own" ? [...ZOOMS, ["own", "chosen span"]] : ZOOMS}
          onChange={setZoom}
        />
      </div>
      <Overview calls={byStart} whole={whole} span={span} onChoose={choose} />
      {rows.length > 0 ? (
        <Waterfall
          rows={rows}
          span={span}
          origin={span[0]}
          selected={selected}
          onSelect={setSelected}
          onZoom={choose}
        />
      ) : (
        <p class="zs-calls-none zs-muted">
          None of {formatCounted(byStart.length, "call")} passes these filters.{" "}
          <button
            type="button"
            class="zs-button"
            onClick={() => {
              setMethods(new Set());
              setText("");
              setErrorsOnly(false);
              setZoom("all");
            }}
          >
            Show all
          </button>
        </p>
      )}
      {selected ? (
        <Details channel={channel} call={selected} onClose={() => setSelected(null)} />
      ) : null}
    </div>
  );
}

function zoomed(zoom: Zoom, byStart: Call[], whole: Span, own: Span): Span {
  if (zoom === "all") return whole;
  if (zoom === "own") return own;
  if (zoom === "burst") return lastBurst(byStart);
  return [Math.max(whole[0], whole[1] - Number(zoom)), whole[1]];
}

interface ChipsProps {
  calls: Call[];
  methods: ReadonlySet<string>;
  onChange: (methods: ReadonlySet<string>) => void;
}

/** The methods, with their colours and counts: a legend that filters. */
function Chips({ calls, methods, onChange }: ChipsProps) {
  const counts = useMemo(() => totalsOf(calls).methods, [calls]);
  const toggle = (method: string) => {
    const next = new Set(methods);
    if (!next.delete(method)) next.add(method);
    onChange(next);
  };
  return (
    <fieldset class="zs-calls-chips" aria-label="Show only these methods">
      {[...counts].map(([method, count]) => (
        <button
          key={method}
          type="button"
          class="zs-calls-chip"
          aria-pressed={methods.has(method)}
          onClick={() => toggle(method)}
        >
          <span class={`zs-calls-mark zs-kind-${kindOf(method)}`} aria-hidden="true" />
          {method} <span class="zs-muted">{formatCount(count)}</span>
        </button>
      ))}
    </fieldset>
  );
}

function NoCalls() {
  return (
    <div class="zs-calls-empty">
      <p>
        <b>No calls yet.</b> Use the store that is watched, and its calls appear here:
      </p>
      <pre class="zs-source">
        {`await store.get("ocean/zarr.json")           # one call
zarr.open(zstore.as_zarr(store))["temp"][:]  # as many as zarr makes

with monitor.recording("my slice"):          # kept, to compare
    ...`}
      </pre>
    </div>
  );
}
