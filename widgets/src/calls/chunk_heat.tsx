// Which chunks of an array the code touched: how often, in which order, and which twice.
import { useEffect, useMemo, useState } from "preact/hooks";
import { ChunkGridCanvas, StepLegend } from "../arrays/chunk_grid.tsx";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatCount, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { useAnswer, useSettled } from "./answer.ts";
import { joined, type RecordingSummary } from "./calls.ts";
import { type Cell, firstAxes, gridOf, type Touches, touchesOf } from "./heat.ts";
import { choices, Pick } from "./pick.tsx";

interface SeenArray {
  path: string;
  shape: string;
  stored: string;
}

interface HeatResult {
  what: "chunk" | "shard";
  words: string;
  counts: number[];
  ntouched: number;
}

type Direction = "read" | "written";
const DIRECTIONS: [Direction, string][] = [
  ["read", "read"],
  ["written", "written"],
];

declare module "../kernel/requests.ts" {
  interface Requests {
    arrays_seen: { args: { source: number }; part: never; result: SeenArray[] };
    chunk_heat: {
      args: { path: string; source: number; direction: Direction };
      part: { offset: number; total: number };
      result: HeatResult;
    };
  }
}

interface ChunkHeatProps {
  channel: Channel;
  recordings: RecordingSummary[];
  /** Changes with each batch of calls. */
  version: number;
}

export function ChunkHeat({ channel, recordings, version }: ChunkHeatProps) {
  const [source, setSource] = useState(0);
  const [picked, setPicked] = useState("");
  const [direction, setDirection] = useState<Direction>("read");
  const quiet = useSettled(version, 400);
  const changed = source === 0 ? quiet : 0;
  // Metadata are read again only on demand, or while there is no array to show.
  const [none, setNone] = useState(true);
  const seen = useAnswer(channel, "arrays_seen", { source }, none ? changed : 0);
  const arrays = seen.answer?.result ?? [];
  useEffect(() => setNone(arrays.length === 0), [arrays.length]);
  const array = arrays.find(({ path }) => path === picked) ?? arrays[0];
  const heat = useAnswer(
    channel,
    "chunk_heat",
    array ? { path: array.path, source, direction } : null,
    changed,
  );
  const { answer } = heat;
  const touches = useMemo(() => {
    if (!answer) return null;
    const { counts, ntouched } = answer.result;
    return touchesOf(joined(answer.buffers), counts, ntouched);
  }, [answer]);
  const error = seen.error ?? heat.error;
  const refresh = () => {
    seen.retry();
    heat.retry();
  };

  return (
    <div class="zs-calls-heat">
      <div class="zs-bar">
        {array ? (
          <Pick
            label="array"
            value={array.path}
            options={arrays.map(({ path, shape }) => [
              path,
              `${visible(path) || "/"}  (${shape})`,
            ])}
            onChange={setPicked}
          />
        ) : null}
        <Pick
          label="that was"
          value={direction}
          options={DIRECTIONS}
          onChange={setDirection}
        />
        {recordings.length > 0 ? (
          <Pick
            label="by"
            value={source}
            options={choices(recordings, "all calls")}
            onChange={setSource}
          />
        ) : null}
        <button type="button" class="zs-button" onClick={refresh}>
          Refresh
        </button>
      </div>
      {error ? <Problem error={error} onRetry={refresh} /> : null}
      {seen.answer && !array ? <NoArrays /> : null}
      {array && answer && touches ? (
        <Heat array={array} result={answer.result} touches={touches} />
      ) : null}
    </div>
  );
}

interface HeatProps {
  array: SeenArray;
  result: HeatResult;
  touches: Touches;
}

function Heat({ array, result, touches }: HeatProps) {
  const { what, counts, words } = result;
  const ndim = counts.length;
  const shape = counts.join();
  const n = touches.touches.length;
  const [axes, setAxes] = useState<[number, number]>(firstAxes(counts));
  const [until, setUntil] = useState(n);
  useEffect(() => setAxes(firstAxes(counts)), [array.path, shape]);
  useEffect(() => setUntil(n), [touches]);
  const valid = axes.every((axis) => axis < ndim) ? axes : firstAxes(counts);
  const shown = Math.min(until, n);
  const grid = useMemo(() => gridOf(touches, valid, shown), [touches, ...valid, shown]);
  const shareOf = useMemo(() => {
    const { cells, most } = grid;
    return (row: number, column: number) => {
      const cell = cells.get(row * grid.counts[1] + column);
      return cell ? cell.touches / Math.max(2, most) : null;
    };
  }, [grid]);
  const labelOf = (row: number, column: number) => {
    const cell = grid.cells.get(row * grid.counts[1] + column);
    return cell ? cellText(cell, what) : `${what} not touched`;
  };
  return (
    <>
      <p class="zs-calls-words" role="status">
        {words} <span class="zs-muted">· {array.stored}</span>
      </p>
      {ndim > 2 ? <Axes counts={counts} axes={valid} onChange={setAxes} /> : null}
      {n > 0 ? (
        <div class="zs-calls-chunks">
          <ChunkGridCanvas
            counts={grid.counts}
            valueOf={shareOf}
            labelOf={labelOf}
            palette="heat"
            label={`${what}s of ${visible(array.path)}: ${words}`}
            maxHeight={220}
          />
          <div>
            <StepLegend
              palette="heat"
              ends={["once", `${formatCount(Math.max(2, grid.most))} times`]}
              missing="not touched"
            />
            <label class="zs-field">
              <span class="zs-muted">in order, the first</span>
              <input
                type="range"
                min="0"
                max={n}
                value={shown}
                data-lm-suppress-shortcuts="true"
                onInput={({ currentTarget }) => setUntil(Number(currentTarget.value))}
                onKeyDown={(event) => event.stopPropagation()}
              />
              <span class="zs-number">
                {formatCount(shown)} of {formatCount(n)}
              </span>
            </label>
            {Math.max(...grid.block) > 1 ? (
              <p class="zs-muted">
                One cell stands for {grid.block[0]} × {grid.block[1]} {what}s.
              </p>
            ) : null}
          </div>
        </div>
      ) : null}
    </>
  );
}

interface AxesProps {
  counts: number[];
  axes: [number, number];
  onChange: (axes: [number, number]) => void;
}

/** Which two axes are shown; the chunks along the others fall on each other. */
function Axes({ counts, axes, onChange }: AxesProps) {
  const options = counts.map((count, axis): [number, string] => [
    axis,
    `axis ${axis} (${formatCount(count)})`,
  ]);
  const [down, across] = axes;
  return (
    <div class="zs-bar">
      <Pick
        label="down"
        value={down}
        options={options}
        onChange={(axis) => onChange([axis, axis === across ? down : across])}
      />
      <Pick
        label="across"
        value={across}
        options={options}
        onChange={(axis) => onChange([axis === down ? across : down, axis])}
      />
      <span class="zs-muted">the other axes are added up</span>
    </div>
  );
}

function cellText(cell: Cell, what: string): string {
  const head =
    cell.nchunks === 1
      ? `${what} (${cell.index.join(", ")})`
      : `${formatCounted(cell.nchunks, what)}, first (${cell.index.join(", ")})`;
  const lines = [
    head,
    `touched ${formatCounted(cell.touches, "time")}, first as number ${formatCount(cell.order)}`,
  ];
  if (cell.repeats > 0)
    lines.push(`the same bytes again: ${formatCounted(cell.repeats, "time")}`);
  if (cell.missing > 0) lines.push("not stored: readers get the fill value");
  return lines.join("\n");
}

function NoArrays() {
  return (
    <div class="zs-calls-empty">
      <p>
        <b>No array in these calls yet.</b> Read a slice of one, and see the chunks it hits:
      </p>
      <pre class="zs-source">{`group = zarr.open_group(zstore.as_zarr(store), mode="r")
group["temp"][10:20, :]`}</pre>
    </div>
  );
}
