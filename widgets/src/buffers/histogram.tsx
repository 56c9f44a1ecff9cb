// How often values occur, from the least to the greatest.
import { formatCount } from "../text/numbers.ts";
import type { Counted } from "./requests.ts";

const WIDTH = 256;
const HEIGHT = 96;

/** A number with the digits that fit below an axis. */
function formatShort(value: string | null): string {
  return value === null ? "" : String(Number(Number(value).toPrecision(5)));
}

export function Histogram({ counted }: { counted: Counted }) {
  const bins = counted.histogram;
  const most = Math.max(1, ...bins);
  const width = WIDTH / bins.length;
  const label =
    `Histogram of ${formatCount(counted.count)} values from ${counted.minimum} to ` +
    `${counted.maximum}; the fullest of ${bins.length} bins holds ${formatCount(most)}`;
  return (
    <figure class="zs-buffers-histogram">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <title>{label}</title>
        {bins.map((count, at) => {
          // A bin with few values still shows.
          const height = count === 0 ? 0 : Math.max(1, (count / most) * HEIGHT);
          return (
            <rect
              key={at}
              x={at * width}
              y={HEIGHT - height}
              width={width * 0.9}
              height={height}
            />
          );
        })}
      </svg>
      <figcaption>
        <span class="zs-number">{formatShort(counted.minimum)}</span>
        <span class="zs-muted">{`up to ${formatCount(most)} a bin`}</span>
        <span class="zs-number">{formatShort(counted.maximum)}</span>
      </figcaption>
    </figure>
  );
}
