// A line of values along one axis; a long one as the band between least and largest.
import { useRef } from "preact/hooks";
import { useWidth } from "./canvas.ts";
import { CellPad } from "./cell_pad.tsx";
import { axisName, chunkOf, keyOf } from "./chunk_keys.ts";
import type { ColourScale } from "./colours.ts";
import { bandPath, linePath } from "./line_path.ts";
import { LEFT, PlotFrame, RIGHT } from "./plot_frame.tsx";
import type { SliceResult } from "./requests.ts";
import { indexTicks, scaleTicks } from "./ticks.ts";
import type { Shown } from "./use_slice.ts";
import { formatValue } from "./values.ts";

interface LinePlotProps {
  shown: Shown;
  slice: SliceResult;
  /** Whose `shareOf` says how high a value lies. */
  scale: ColourScale;
  /** Told which range was marked with the mouse. */
  onZoom: (window: number[]) => void;
}

const HEIGHT = 240;
/** Room above the highest point and below the lowest. */
const PAD = 6;

export function LinePlot({ shown, slice, scale, onZoom }: LinePlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = Math.max(80, useWidth(place) - LEFT - RIGHT);
  const { facts, numbers } = shown;
  const [folds = 1, points = 1] = slice.drawn ?? [];
  const [start = 0, stop = 1] = slice.window;
  const axis = slice.axes[0] ?? 0;
  const size = Math.ceil((stop - start) / points);
  const x = (at: number) => ((at + 0.5) / points) * width;
  const y = (value: number) => HEIGHT - PAD - scale.shareOf(value) * (HEIGHT - 2 * PAD);
  const least = numbers.subarray(0, points);
  const largest = folds === 2 ? numbers.subarray(points) : least;

  const labelOf = (_row: number, at: number): string => {
    const first = start + at * size;
    const element = [...slice.index];
    element[axis] = first;
    const [low = Number.NaN, high = Number.NaN] = [least[at], largest[at]];
    const value =
      low === high
        ? formatValue(low, slice)
        : `${formatValue(low, slice)} to ${formatValue(high, slice)}`;
    const last = Math.min(stop, first + size) - 1;
    const where = size > 1 ? `${first}–${last}` : `${first}`;
    const key = keyOf(facts, chunkOf(facts, element));
    return `${Number.isNaN(low) ? "no value" : value}\n${axisName(facts, axis)} ${where}\n${key}`;
  };
  const stroke = folds === 2 ? "zs-line-stroke zs-line-edge" : "zs-line-stroke";
  const up = scaleTicks(scale, 5).map((value) => ({
    at: y(value),
    text: formatValue(value, slice, true),
  }));
  const across = indexTicks(start, stop - 1, width / 64).map((at) => ({
    at: x((at - start) / size - (size > 1 ? 0.5 : 0)),
    text: at.toLocaleString(),
  }));
  return (
    <div class="zs-plot-place" ref={place}>
      <PlotFrame
        width={width}
        height={HEIGHT}
        across={across}
        acrossName={axisName(facts, axis)}
        up={up}
        upName=""
      >
        <svg class="zs-line" aria-hidden="true" width={width} height={HEIGHT}>
          {up.map(({ at }) => (
            <line key={at} class="zs-line-grid" x2={width} y1={at} y2={at} />
          ))}
          {folds === 2 ? (
            <path class="zs-line-band" d={bandPath(least, largest, x, y)} />
          ) : null}
          <path class={stroke} d={linePath(least, x, y)} />
          {folds === 2 ? <path class={stroke} d={linePath(largest, x, y)} /> : null}
        </svg>
        <CellPad
          label={`Line of ${facts.title || "the array"}; arrow keys read the values`}
          counts={[1, points]}
          size={{ width: width / points, height: HEIGHT }}
          labelOf={labelOf}
          onBox={(from, to) => {
            const [low, high] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
            onZoom([start + low * size, Math.min(stop, start + (high + 1) * size)]);
          }}
        />
      </PlotFrame>
    </div>
  );
}
