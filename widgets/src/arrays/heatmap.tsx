// A slice as a picture: each sample a colour, or the colours that an image has of its own.
import { useLayoutEffect, useRef } from "preact/hooks";
import { useTheme, useWidth, variable } from "./canvas.ts";
import { CellPad } from "./cell_pad.tsx";
import { axisName, chunkOf, keyOf } from "./chunk_keys.ts";
import { type ColourScale, pixelsOf } from "./colours.ts";
import { LEFT, type Mark, PlotFrame, RIGHT } from "./plot_frame.tsx";
import { pictureSize } from "./plot_size.ts";
import type { SliceResult } from "./requests.ts";
import { indexTicks } from "./ticks.ts";
import type { Numbers, Shown } from "./use_slice.ts";
import { formatValue } from "./values.ts";

interface HeatmapProps {
  shown: Shown;
  slice: SliceResult;
  /** null for an image with colours of its own. */
  scale: ColourScale | null;
  /** Told which range of rows and columns was marked with the mouse. */
  onZoom: (window: number[]) => void;
}

const PIXELS_A_TICK = 56;

export function Heatmap({ shown, slice, scale, onZoom }: HeatmapProps) {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(place);
  const theme = useTheme();
  const { facts, numbers } = shown;
  const [rows = 1, columns = 1] = slice.samples;
  const [top = 0, bottom = 1, left = 0, right = 1] = slice.window;
  const size = pictureSize(width - LEFT - RIGHT, bottom - top, right - left);

  useLayoutEffect(() => {
    if (!canvas.current) return;
    canvas.current.width = columns;
    canvas.current.height = rows;
    const fill = hexOf(variable(canvas.current, "--zs-fill"));
    const pixels = scale
      ? pixelsOf(numbers, scale, slice.fill ?? null, fill)
      : pixelsOfImage(numbers, slice.drawn?.[2] ?? 3);
    const context = canvas.current.getContext("2d");
    context?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  }, [numbers, scale, theme]);

  const elementAt = (row: number, column: number): number[] => {
    const element = [...slice.index];
    element[slice.axes[0] ?? 0] = top + row * (slice.steps[0] ?? 1);
    element[slice.axes[1] ?? 1] = left + column * (slice.steps[1] ?? 1);
    return element;
  };
  const labelOf = (row: number, column: number): string => {
    const element = elementAt(row, column);
    const at = row * columns + column;
    const text = scale
      ? formatValue(numbers[at] ?? Number.NaN, slice) + meaningOf(numbers[at], slice)
      : colourText(numbers, at, slice.drawn?.[2] ?? 3);
    const where = slice.axes
      .slice(0, 2)
      .map((axis) => `${axisName(facts, axis)} ${element[axis]}`)
      .join(", ");
    return `${text}\n${where}\n${keyOf(facts, chunkOf(facts, element))}`;
  };
  const cell = { width: size.width / columns, height: size.height / rows };
  return (
    <div class="zs-plot-place" ref={place}>
      <PlotFrame
        {...size}
        across={marks(left, right, size.width)}
        acrossName={axisName(facts, slice.axes[1] ?? 1)}
        up={marks(top, bottom, size.height)}
        upName={axisName(facts, slice.axes[0] ?? 0)}
      >
        <canvas
          ref={canvas}
          class="zs-heatmap"
          style={{ width: `${size.width}px`, height: `${size.height}px` }}
        />
        <CellPad
          label={`Heatmap of ${facts.title || "the array"}; arrow keys read the values`}
          counts={[rows, columns]}
          size={cell}
          labelOf={labelOf}
          onBox={(from, to) => {
            const ends = [0, 1].map((axis) => {
              const step = slice.steps[axis] ?? 1;
              const base = slice.window[2 * axis] ?? 0;
              const [low, high] = [from[axis] ?? 0, to[axis] ?? 0].sort((a, b) => a - b);
              return [base + (low ?? 0) * step, base + ((high ?? 0) + 1) * step];
            });
            onZoom(ends.flat());
          }}
        />
      </PlotFrame>
    </div>
  );
}

/** Ticks in the middle of the elements that they name. */
function marks(start: number, stop: number, pixels: number): Mark[] {
  const each = pixels / (stop - start);
  return indexTicks(start, stop - 1, pixels / PIXELS_A_TICK).map((at) => ({
    at: (at - start + 0.5) * each,
    text: at.toLocaleString(),
  }));
}

function meaningOf(value: number | undefined, slice: SliceResult): string {
  return slice.fill !== null && value === slice.fill ? " (fill value)" : "";
}

function colourText(numbers: Numbers, at: number, channels: number): string {
  const parts = numbers.subarray(at * channels, (at + 1) * channels);
  return [...parts].map((part, channel) => `${"RGBA"[channel]} ${part}`).join("  ");
}

function pixelsOfImage(numbers: Numbers, channels: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray((4 * numbers.length) / channels).fill(255);
  for (let at = 0; at * channels < numbers.length; at += 1)
    for (let channel = 0; channel < channels; channel += 1)
      pixels[4 * at + channel] = numbers[at * channels + channel] ?? 0;
  return pixels;
}

/** "#rrggbb" as numbers. */
function hexOf(text: string): [number, number, number] {
  const number = Number.parseInt(text.replace("#", ""), 16) || 0;
  return [number >> 16, (number >> 8) & 255, number & 255];
}
