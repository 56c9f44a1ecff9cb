// The grid of an array's chunks: which are stored, and how large each is.
import { useMemo, useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { formatBytes, formatCount, formatShare } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { axisOptions, Choice, type Option } from "./choice.tsx";
import { withAxis } from "./choices.ts";
import {
  type Axes,
  type Cells,
  chunksIn,
  firstChunk,
  foldChunks,
  type Layout,
  layoutOf,
} from "./chunk_blocks.ts";
import { ChunkGridCanvas, StepLegend, Swatch } from "./chunk_grid.tsx";
import { axisName, keyOf } from "./chunk_keys.ts";
import type { GridFacts } from "./requests.ts";
import { PlaceSlider } from "./slice_controls.tsx";
import { type Chunks, useChunks } from "./use_chunks.ts";

interface ChunkMapProps {
  channel: Channel;
  /** Where the array lies, "" for the root. */
  path: string;
  /** Told of the key of a chunk that was picked. */
  onOpen: (key: string) => void;
}

/** Shows the chunks of an array, from a listing alone. */
export function ChunkMap({ channel, path, onOpen }: ChunkMapProps) {
  const { grid, chunks, state, error, stop, again } = useChunks(channel, path);
  const listing = state === "listing";
  return (
    <div class="zs-chunks" aria-busy={listing}>
      {error ? <Problem error={error} onRetry={again} /> : null}
      {grid ? (
        <ChunkPicture key={grid.path} {...{ grid, chunks, listing, onOpen }} />
      ) : null}
      {error ? null : (
        <Status busy={listing} onStop={listing ? stop : undefined}>
          {listing
            ? `Listing: ${formatCount(chunks.flat.length)} chunks so far`
            : state === "done"
              ? "Made from a listing of the keys; no chunk was read."
              : "Stopped: there may be more than is shown."}
        </Status>
      )}
      {state === "stopped" && !error ? (
        <button type="button" class="zs-button" onClick={again}>
          List again
        </button>
      ) : null}
    </div>
  );
}

type Colouring = "size" | "presence";
const COLOURINGS: readonly Option[] = [
  ["size", "stored bytes"],
  ["presence", "present or missing"],
];

interface MapProps {
  grid: GridFacts;
  chunks: Chunks;
  listing: boolean;
  onOpen: (key: string) => void;
}

function ChunkPicture({ grid, chunks, listing, onOpen }: MapProps) {
  const [shown, setShown] = useState(() => firstAxes(grid.counts));
  const [index, setIndex] = useState(() => grid.counts.map(() => 0));
  const [colouring, setColouring] = useState<Colouring>("size");
  const axes: Axes = { counts: grid.counts, shown, index };
  const layout = useMemo(
    () => layoutOf(shown.map((axis) => grid.counts[axis] ?? 1)),
    [grid, shown],
  );
  const cells = useMemo(
    () => foldChunks(chunks.flat, chunks.nbytes, axes, layout),
    [chunks, layout, index],
  );
  const largest = useMemo(() => largestOf(chunks.nbytes), [chunks]);
  const folded = layout.block[0] * layout.block[1] > 1;
  const bySize = colouring === "size" && !folded;
  const valueOfCell = useMemo(
    () => (row: number, column: number) =>
      cellValue(cells, layout, row, column, bySize ? largest : null),
    [cells, layout, largest, bySize],
  );
  const labelOf = (row: number, column: number) =>
    cellLabel(grid, axes, layout, cells, row, column, listing);
  const others = grid.counts.flatMap((count, axis) =>
    count > 1 && !shown.includes(axis) ? [axis] : [],
  );
  const total = grid.counts.reduce((product, each) => product * each, 1);
  const missing = listing
    ? "missing, or not listed yet"
    : "missing: readers get the fill value";
  const word = grid.sharded ? "shards" : "chunks";
  if (total === 0) return <p class="zs-muted">The array has no element, and no chunk.</p>;
  return (
    <>
      <p class="zs-chunks-summary">
        <strong>
          {`${listing ? "At least " : ""}${formatCount(chunks.flat.length)} of ${formatCount(total)} ${word} present`}
        </strong>
        <span class="zs-muted">{summaryOf(grid, chunks, total)}</span>
      </p>
      <div class="zs-bar">
        {grid.counts.length > 1
          ? ["Rows", "Columns"].map((role, place) => (
              <Choice
                key={role}
                label={role}
                value={shown[place] ?? 0}
                options={axisOptions(grid, grid.counts)}
                onChoose={(axis) => setShown(withAxis(shown, place, Number(axis)))}
              />
            ))
          : null}
        {folded ? null : (
          <Choice
            label="Colour"
            value={colouring}
            options={COLOURINGS}
            onChoose={(value) => setColouring(value as Colouring)}
          />
        )}
      </div>
      {others.map((axis) => (
        <PlaceSlider
          key={axis}
          name={axisName(grid, axis)}
          count={grid.counts[axis] ?? 1}
          at={index[axis] ?? 0}
          onAt={(at) => setIndex(index.map((each, other) => (other === axis ? at : each)))}
        />
      ))}
      <ChunkGridCanvas
        counts={layout.cells}
        valueOf={valueOfCell}
        labelOf={labelOf}
        label={`Map of the ${word} of ${visible(grid.title) || "the array"}`}
        onPick={(row, column) => {
          if (chunksIn(layout, row, column) > 0)
            onOpen(keyOf(grid, firstChunk(layout, axes, row, column)));
        }}
      />
      {folded ? (
        <>
          <StepLegend ends={["few present", "all present"]} missing="none present" />
          <p class="zs-muted">
            {`Each cell stands for ${layout.block[0]} × ${layout.block[1]} ${word}.`}
          </p>
        </>
      ) : bySize ? (
        <StepLegend ends={["0 B", formatBytes(largest)]} missing={missing} />
      ) : (
        <PresenceLegend missing={missing} />
      )}
    </>
  );
}

function PresenceLegend({ missing }: { missing: string }) {
  return (
    <div class="zs-legend">
      <span class="zs-legend-entry">
        <Swatch step={4} /> present
      </span>
      <span class="zs-legend-entry">
        <Swatch step={null} /> {missing}
      </span>
    </div>
  );
}

/** The first two axes that have more than one chunk. */
function firstAxes(counts: readonly number[]): number[] {
  const all = counts.map((_, axis) => axis);
  const long = all.filter((axis) => (counts[axis] ?? 1) > 1);
  const short = all.filter((axis) => (counts[axis] ?? 1) <= 1);
  return [...long, ...short].slice(0, 2).sort((a, b) => a - b);
}

function cellValue(
  cells: Cells,
  layout: Layout,
  row: number,
  column: number,
  largest: number | null,
): number | null {
  const at = row * layout.cells[1] + column;
  const present = cells.present[at] ?? 0;
  if (!present) return null;
  if (largest !== null) return (cells.nbytes[at] ?? 0) / (largest || 1);
  const all = chunksIn(layout, row, column);
  return all > 1 ? present / all : 0.8;
}

function cellLabel(
  grid: GridFacts,
  axes: Axes,
  layout: Layout,
  cells: Cells,
  row: number,
  column: number,
  listing: boolean,
): string {
  const at = row * layout.cells[1] + column;
  const all = chunksIn(layout, row, column);
  const [present = 0, nbytes = 0] = [cells.present[at], cells.nbytes[at]];
  if (!all) return "past the last chunk";
  const key = keyOf(grid, firstChunk(layout, axes, row, column));
  if (all > 1)
    return `${formatCount(present)} of ${formatCount(all)} present, ${formatBytes(nbytes)}\nfrom ${key}`;
  if (!present) return `${key}\n${listing ? "not listed yet" : "missing"}`;
  const whole = grid.nbytes_of_chunk;
  const share = whole ? `, ${formatShare(nbytes / whole)} of ${formatBytes(whole)}` : "";
  return `${key}\n${formatBytes(nbytes)}${share}`;
}

function summaryOf(grid: GridFacts, chunks: Chunks, total: number): string {
  const stored = chunks.nbytes.reduce((sum, each) => sum + each, 0);
  const share = formatShare(chunks.flat.length / total);
  const shape =
    grid.stored_shape.map((each) => formatCount(each)).join(" × ") || "one element";
  return `${share} · ${formatBytes(stored)} stored · each of ${shape}`;
}

function largestOf(numbers: Float64Array): number {
  return numbers.reduce((largest, each) => Math.max(largest, each), 0);
}
