// Rows on one clock, as in the network panel of a browser. Only those on the screen exist.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { windowOf } from "../list/window.ts";
import { Name } from "../parts/name.tsx";
import { formatBytes, formatCount, formatSeconds } from "../text/numbers.ts";
import { type Call, endingOf, endOf, kindOf } from "./calls.ts";
import { folded, type Group, type Span } from "./figures.ts";

interface WaterfallProps {
  /** In the order of their beginning. */
  rows: Call[];
  span: Span;
  /** What counts as 0 of the column of times. */
  origin: number;
  selected: Call | null;
  onSelect: (call: Call | null) => void;
  onZoom: (span: Span) => void;
}

const ROW = 22;
const FOLD_ABOVE = 2_000;
const GROUPS = 200;
const HEADINGS = ["time", "method", "key", "bytes", "duration", "outcome"];

type Row = Call | Group;
const isGroup = (row: Row | undefined): row is Group => row !== undefined && "calls" in row;

export function Waterfall(props: WaterfallProps) {
  const { rows: calls, span, origin, selected, onSelect, onZoom } = props;
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState(0);
  const [height, setHeight] = useState(240);
  const [cursor, setCursor] = useState(0);
  const rows: Row[] = useMemo(
    () => (calls.length > FOLD_ABOVE ? folded(calls, GROUPS) : calls),
    [calls],
  );
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setHeight(entry.contentRect.height);
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  const at = Math.min(cursor, rows.length - 1);
  const act = (row: Row | undefined) => {
    if (!row) return;
    if (isGroup(row)) onZoom([row.from, row.to]);
    else onSelect(row.number === selected?.number ? null : row);
  };
  const move = (to: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, to));
    setCursor(next);
    const row = rows[next];
    if (selected && row && !isGroup(row)) onSelect(row);
    const { current } = box;
    if (!current) return;
    if (next * ROW < current.scrollTop) current.scrollTop = next * ROW;
    const below = (next + 1) * ROW - current.clientHeight;
    if (below > current.scrollTop) current.scrollTop = below;
  };
  const page = Math.max(1, Math.floor(height / ROW) - 1);
  const keys = new Map<string, () => void>([
    ["ArrowDown", () => move(at + 1)],
    ["ArrowUp", () => move(at - 1)],
    ["PageDown", () => move(at + page)],
    ["PageUp", () => move(at - page)],
    ["Home", () => move(0)],
    ["End", () => move(rows.length - 1)],
    ["Enter", () => act(rows[at])],
    [" ", () => act(rows[at])],
    ["Escape", () => onSelect(null)],
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const run = keys.get(event.key);
    if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>("[data-place]");
    if (!row) return;
    const place = Number(row.dataset.place);
    setCursor(place);
    act(rows[place]);
  };

  const headings = new Map([["time", `at ${timeUnit(span)}`]]);
  if (rows !== calls) headings.set("key", "key (a row is many calls: click to see them)");
  const [first, last] = windowOf(scroll, height, ROW, rows.length);
  return (
    <div class="zs-calls-table">
      <div class="zs-calls-row zs-calls-head" aria-hidden="true">
        {HEADINGS.map((name) => (
          <span key={name} class={`zs-calls-cell zs-calls-cell-${name}`}>
            {headings.get(name) ?? name}
          </span>
        ))}
        <span class="zs-calls-cell zs-calls-scale">
          <span>0</span>
          <span>{formatSeconds((span[1] - span[0]) / 2)}</span>
          <span>{formatSeconds(span[1] - span[0])}</span>
        </span>
      </div>
      <div
        ref={box}
        class="zs-calls-rows"
        role="listbox"
        aria-label={
          rows === calls ? "Calls" : `${formatCount(calls.length)} calls, in groups`
        }
        aria-activedescendant={`zs-call-${at}`}
        tabIndex={0}
        data-lm-suppress-shortcuts="true"
        onKeyDown={onKeyDown}
        onClick={onClick}
        onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
      >
        <div class="zs-calls-all" style={{ height: `${rows.length * ROW}px` }}>
          {rows.slice(first, last).map((row, offset) => {
            const place = first + offset;
            const chosen = !isGroup(row) && row.number === selected?.number;
            return (
              <div
                key={isGroup(row) ? `g${place}` : row.number}
                id={`zs-call-${place}`}
                class={place === at ? "zs-calls-row zs-calls-at" : "zs-calls-row"}
                role="option"
                aria-selected={chosen}
                tabIndex={-1}
                data-place={place}
                aria-setsize={rows.length}
                aria-posinset={place + 1}
                style={{ transform: `translateY(${place * ROW}px)` }}
              >
                {isGroup(row) ? (
                  <GroupCells group={row} span={span} origin={origin} />
                ) : (
                  <CallCells call={row} span={span} origin={origin} />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const SIGNS = new Map([
  ["ok", "ok"],
  ["missing", "– missing"],
  ["stopped", "■ stopped"],
]);

interface CellsProps {
  span: Span;
  origin: number;
}

function CallCells({ call, span, origin }: CellsProps & { call: Call }) {
  const ending = endingOf(call.outcome);
  const nbytes = call.nbytesOut + call.nbytesIn;
  return (
    <>
      <Cell name="time">{offsetText(call.clock - origin, span)}</Cell>
      <Cell name="method">
        <span class={`zs-calls-mark zs-kind-${kindOf(call.method)}`} aria-hidden="true" />
        {call.method}
      </Cell>
      <Cell name="key">
        <Name>{call.key}</Name>
        {call.nkeys > 1 ? (
          <span class="zs-calls-more"> +{formatCount(call.nkeys - 1)} more</span>
        ) : null}
        {call.range ? <span class="zs-calls-more"> [{call.range}]</span> : null}
      </Cell>
      <Cell name="bytes">{amountOf(call, nbytes)}</Cell>
      <Cell name="duration">{formatSeconds(call.seconds)}</Cell>
      <Cell name="outcome" kind={`zs-calls-is-${ending}`}>
        {SIGNS.get(call.outcome) ?? `✕ ${call.outcome}`}
      </Cell>
      <Bar
        span={span}
        from={call.clock}
        to={endOf(call)}
        kind={`zs-kind-${kindOf(call.method)} zs-calls-bar-${ending}`}
      />
    </>
  );
}

function amountOf(call: Call, nbytes: number): string {
  if (nbytes > 0) return formatBytes(nbytes);
  return call.nitems > 0 ? `${formatCount(call.nitems)} names` : "";
}

function GroupCells({ group, span, origin }: CellsProps & { group: Group }) {
  const { calls, from, to, nerrors } = group;
  const kinds = new Set(calls.map((call) => kindOf(call.method)));
  return (
    <>
      <Cell name="time">{offsetText(from - origin, span)}</Cell>
      <Cell name="method">{formatCount(calls.length)} calls</Cell>
      <Cell name="key">
        <Name>{calls[0]?.key ?? ""}</Name>
        <span class="zs-calls-more"> … </span>
        <Name>{calls.at(-1)?.key ?? ""}</Name>
      </Cell>
      <Cell name="bytes">{formatBytes(group.nbytes)}</Cell>
      <Cell name="duration">{formatSeconds(to - from)}</Cell>
      <Cell name="outcome" kind={nerrors > 0 ? "zs-calls-is-error" : "zs-calls-is-ok"}>
        {nerrors > 0 ? `✕ ${formatCount(nerrors)} errors` : "ok"}
      </Cell>
      <Bar
        span={span}
        from={from}
        to={to}
        kind={`zs-kind-${kinds.size === 1 ? [...kinds][0] : "other"}`}
      />
    </>
  );
}

interface CellProps {
  name: string;
  kind?: string;
  children: preact.ComponentChildren;
}

function Cell({ name, kind = "", children }: CellProps) {
  return <span class={`zs-calls-cell zs-calls-cell-${name} ${kind}`}>{children}</span>;
}

interface BarProps {
  span: Span;
  from: number;
  to: number;
  kind: string;
}

function Bar({ span, from, to, kind }: BarProps) {
  const share = (when: number) =>
    100 * Math.min(1, Math.max(0, (when - span[0]) / (span[1] - span[0])));
  return (
    <span class="zs-calls-track" aria-hidden="true">
      <span
        class={`zs-calls-bar ${kind}`}
        style={{ left: `${share(from)}%`, width: `${share(to) - share(from)}%` }}
      />
    </span>
  );
}

/** Time since `origin`, in the unit of `timeUnit`; finer for short spans. */
function offsetText(seconds: number, [from, to]: Span): string {
  const length = to - from;
  const [scale, digits] =
    length >= 10 ? [1, 2] : length >= 1 ? [1e3, 0] : length >= 0.01 ? [1e3, 1] : [1e3, 3];
  return `${seconds < 0 ? "\u2212" : "+"}${(Math.abs(seconds) * scale).toFixed(digits)}`;
}

const timeUnit = ([from, to]: Span) => (to - from >= 10 ? "s" : "ms");
