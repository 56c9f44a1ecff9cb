// The values of an array: a slice as a heatmap, an image, a line, a table or one value.
import { useMemo, useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatBytes, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { Choice, type Option } from "./choice.tsx";
import { formOf, stepsText } from "./choices.ts";
import { axisName } from "./chunk_keys.ts";
import { ColourLegend } from "./colour_legend.tsx";
import { type ColourScale, colourScale, type ScaleKind } from "./colours.ts";
import { Heatmap } from "./heatmap.tsx";
import { LinePlot } from "./line_plot.tsx";
import type { SliceResult, Wanted } from "./requests.ts";
import { SliceControls } from "./slice_controls.tsx";
import { type Shown, useSlice } from "./use_slice.ts";
import { ValueTable } from "./value_table.tsx";
import { formatValue } from "./values.ts";

interface ArrayValueProps {
  channel: Channel;
  /** Where the array lies, "" for the root. */
  path: string;
}

/** Shows slices of an array, decoded by the kernel. */
export function ArrayValue({ channel, path }: ArrayValueProps) {
  const [chosen, setChosen] = useState<{ path: string; wanted: Wanted }>(NOTHING(path));
  // Choices for one array mean nothing to the next.
  const fresh = useMemo(() => NOTHING(path), [path]);
  const { wanted } = chosen.path === path ? chosen : fresh;
  const { shown, busy, error, retry } = useSlice(channel, path, wanted);
  return (
    <div class="zs-array" aria-busy={busy}>
      {error ? <Problem error={error} onRetry={retry} /> : null}
      {shown ? (
        <Slice
          key={shown.facts.path}
          shown={shown}
          wanted={wanted}
          busy={busy}
          onWant={(next) => setChosen({ path, wanted: next })}
        />
      ) : null}
      {busy && !shown ? (
        <p class="zs-array-waiting" role="status">
          <span class="zs-spinner" aria-hidden="true" /> Reading the array …
        </p>
      ) : null}
    </div>
  );
}

const NOTHING = (path: string) => ({ path, wanted: {} as Wanted });

interface SliceProps {
  shown: Shown;
  wanted: Wanted;
  busy: boolean;
  onWant: (wanted: Wanted) => void;
}

function Slice({ shown, wanted, busy, onWant }: SliceProps) {
  const { facts, slice } = shown;
  const [kind, setKind] = useState<ScaleKind>("linear");
  const [kept, setKept] = useState<ColourScale | null>(null);
  const [asTable, setAsTable] = useState<boolean | null>(null);
  const scale = useMemo(() => (slice ? scaleOf(slice, kind) : null), [slice, kind]);
  if (!slice)
    return (
      <p class="zs-muted">
        The array has no element: its shape is {facts.shape.join(" × ")}.
      </p>
    );
  const cells = slice.cells ?? null;
  const image = formOf(slice.axes) === "image";
  const drawable = image || (scale !== null && slice.axes.length > 0);
  const table = cells !== null && (!drawable || (asTable ?? true));
  const inForce = kept?.kind === scale?.kind && kept ? kept : scale;
  const onZoom = (window: number[]) =>
    onWant({ ...wanted, axes: slice.axes, index: slice.index, window });
  return (
    <>
      {facts.shape.length || facts.fields.length ? (
        <SliceControls facts={facts} slice={slice} wanted={wanted} onWant={onWant} />
      ) : null}
      <div class="zs-bar">
        {drawable && cells ? (
          <fieldset class="zs-segments">
            <legend class="zs-unseen">Table or picture</legend>
            <Press pressed={table} label="Table" onPress={() => setAsTable(true)} />
            <Press pressed={!table} label="Picture" onPress={() => setAsTable(false)} />
          </fieldset>
        ) : null}
        {drawable && !table && !image ? (
          <ScaleChooser
            {...{ slice, kind, kept: kept !== null }}
            onKind={(next) => {
              setKept(null);
              setKind(next);
            }}
            onKeep={(keep) => setKept(keep ? scale : null)}
          />
        ) : null}
      </div>
      {busy ? <div class="zs-array-busy zs-spinner" aria-hidden="true" /> : null}
      {table && cells ? <ValueTable facts={facts} slice={slice} cells={cells} /> : null}
      {!table && drawable ? (
        <Picture {...{ shown, slice, image, onZoom }} scale={inForce} />
      ) : null}
      {!table && !drawable ? <p class="zs-muted">{nothingToDraw(slice)}</p> : null}
      <Facts shown={shown} slice={slice} />
    </>
  );
}

interface PictureProps {
  shown: Shown;
  slice: SliceResult;
  image: boolean;
  scale: ColourScale | null;
  onZoom: (window: number[]) => void;
}

function Picture({ shown, slice, image, scale, onZoom }: PictureProps) {
  if (image) return <Heatmap shown={shown} slice={slice} scale={null} onZoom={onZoom} />;
  if (!scale) return null;
  if (slice.axes.length === 1)
    return <LinePlot shown={shown} slice={slice} scale={scale} onZoom={onZoom} />;
  return (
    <>
      <Heatmap shown={shown} slice={slice} scale={scale} onZoom={onZoom} />
      <ColourLegend scale={scale} slice={slice} />
    </>
  );
}

/** The scale of what is shown; where nothing has a place on it, one of no extent. */
function scaleOf(slice: SliceResult, kind: ScaleKind): ColourScale | null {
  if (slice.what === "text" || slice.what === "colour") return null;
  const { least, largest, positive } = slice;
  return colourScale(kind, least ?? 0, largest ?? 0, positive ?? null);
}

interface PressProps {
  pressed: boolean;
  label: string;
  onPress: () => void;
}

function Press({ pressed, label, onPress }: PressProps) {
  return (
    <button type="button" class="zs-button" aria-pressed={pressed} onClick={onPress}>
      {label}
    </button>
  );
}

interface ScaleChooserProps {
  slice: SliceResult;
  kind: ScaleKind;
  kept: boolean;
  onKind: (kind: ScaleKind) => void;
  onKeep: (keep: boolean) => void;
}

function ScaleChooser({ slice, kind, kept, onKind, onKeep }: ScaleChooserProps) {
  const plain = slice.base === "0";
  const options: Option[] = [
    ["linear", "linear"],
    ["log", "logarithmic", !plain || slice.positive === null],
  ];
  if (slice.axes.length === 2 && plain) options.push(["diverging", "diverging from 0"]);
  return (
    <>
      <Choice
        label="Scale"
        value={kind}
        options={options}
        onChoose={(value) => onKind(value as ScaleKind)}
      />
      <label class="zs-field" title="So that slices can be compared by their colours">
        <input
          type="checkbox"
          data-lm-suppress-shortcuts="true"
          checked={kept}
          onChange={(event) => onKeep(event.currentTarget.checked)}
        />
        keep the scale
      </label>
    </>
  );
}

/** What the numbers are, together, and what was read for them. */
function Facts({ shown, slice }: { shown: Shown; slice: SliceResult }) {
  const { facts } = shown;
  const names = slice.axes.map((axis) => visible(axisName(facts, axis)));
  const say = (value: number | null | undefined) =>
    value === null || value === undefined
      ? "–"
      : formatValue(value, { ...slice, column: "float32" });
  const steps = stepsText(names, slice);
  const numeric = slice.least !== undefined && slice.axes.length > 0;
  return (
    <div class="zs-array-facts">
      {numeric ? (
        <dl class="zs-figures">
          {statistics(slice, say).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="zs-number">{text}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      <p class="zs-muted">
        {visible(facts.dtype)}
        {slice.what === "complex" ? ", shown by its magnitude" : ""}
        {steps ? `; ${steps}` : ""}; read {formatCounted(slice.nchunks, "chunk")},{" "}
        {formatBytes(slice.nbytes)} decoded
      </p>
      {slice.cut ? (
        <p class="zs-banner" role="status">
          <span aria-hidden="true">⚠ </span>
          {slice.what === "text"
            ? "Only the first elements: choose a range above for others."
            : "Only a part: more than 64 MiB or 1,024 chunks are not read at once. " +
              "Choose a range above for another part."}
        </p>
      ) : null}
    </div>
  );
}

function statistics(
  slice: SliceResult,
  say: (value: number | null | undefined) => string,
): [string, string][] {
  const shown = slice.steps.some((step) => step > 1) ? " of samples" : "";
  const counts: [string, number | undefined][] = [
    ["NaN", slice.nans],
    ["fill value", slice.fills],
    ["infinite", slice.infinities],
  ];
  return [
    [`min${shown}`, say(slice.least)],
    [`mean${shown}`, say(slice.mean)],
    [`max${shown}`, say(slice.largest)],
    ...counts.flatMap(([name, count]): [string, string][] =>
      count ? [[name, count.toLocaleString()]] : [],
    ),
  ];
}

function nothingToDraw(slice: SliceResult): string {
  return slice.what === "text"
    ? "These elements are no numbers, and too many for a table: choose a shorter range."
    : "There is nothing to draw.";
}
