// What the colours of a heatmap mean: the scale, and what has no place on it.
import { type ColourScale, gradientOf } from "./colours.ts";
import type { SliceResult } from "./requests.ts";
import { scaleTicks } from "./ticks.ts";
import { formatValue } from "./values.ts";

interface ColourLegendProps {
  scale: ColourScale;
  slice: SliceResult;
}

const TICKS = 4;

export function ColourLegend({ scale, slice }: ColourLegendProps) {
  const fill = slice.fill ?? null;
  const absent = slice.what === "time" || slice.what === "duration" ? "NaT" : "NaN";
  return (
    <div class="zs-legend">
      <div class="zs-scale">
        <div class="zs-scale-bar" style={{ background: gradientOf(scale.table) }} />
        <div class="zs-scale-ticks">
          {scaleTicks(scale, TICKS).map((tick) => (
            <span key={tick} style={{ left: `${100 * scale.shareOf(tick)}%` }}>
              {formatValue(tick, slice, true)}
            </span>
          ))}
        </div>
      </div>
      {slice.nans ? (
        <span class="zs-legend-entry">
          <span class="zs-swatch zs-hatched" aria-hidden="true" />
          {absent}: {slice.nans.toLocaleString()}
        </span>
      ) : null}
      {slice.fills && fill !== null ? (
        <span class="zs-legend-entry">
          <span class="zs-swatch zs-filled" aria-hidden="true" />
          fill value {formatValue(fill, slice, true)}: {slice.fills.toLocaleString()}
        </span>
      ) : null}
      {scale.kind === "log" && (slice.least ?? 1) <= 0 ? (
        <span class="zs-legend-entry">
          <span class="zs-swatch zs-hatched" aria-hidden="true" />
          not positive
        </span>
      ) : null}
    </div>
  );
}
