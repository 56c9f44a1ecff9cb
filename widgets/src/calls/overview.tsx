// All calls as a strip of small columns; a span of time is chosen by dragging over it.
import { useMemo, useRef, useState } from "preact/hooks";
import { formatCounted, formatSeconds } from "../text/numbers.ts";
import { type Call, endingOf } from "./calls.ts";
import { concurrency, type Span } from "./figures.ts";

interface OverviewProps {
  calls: Call[];
  whole: Span;
  span: Span;
  onChoose: (span: Span | null) => void;
}

const COLUMNS = 120;
const HEIGHT = 26;

export function Overview({ calls, whole, span, onChoose }: OverviewProps) {
  const place = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<Span | null>(null);
  const bins = useMemo(() => concurrency(calls, whole, COLUMNS), [calls, whole]);
  const errors = useMemo(
    () => calls.filter((call) => endingOf(call.outcome) === "error").slice(-COLUMNS),
    [calls],
  );
  const peak = bins.reduce((most, bin) => Math.max(most, bin.value), 1);
  const length = whole[1] - whole[0];
  const xOf = (when: number) => ((when - whole[0]) / length) * COLUMNS;
  const whenOf = (event: PointerEvent) => {
    const box = place.current?.getBoundingClientRect();
    const share = box ? (event.clientX - box.left) / box.width : 0;
    return whole[0] + Math.min(1, Math.max(0, share)) * length;
  };
  const [from, to] = drag ? [Math.min(...drag), Math.max(...drag)] : span;
  const end = () => {
    // A click without a way is no span: it shows all again.
    if (drag) onChoose(to - from > length / 500 ? [from, to] : null);
    setDrag(null);
  };
  return (
    <div class="zs-calls-overview">
      <svg
        ref={place}
        role="img"
        aria-label={`${formatCounted(calls.length, "call")} in ${formatSeconds(length)}, at most ${peak} at once`}
        viewBox={`0 0 ${COLUMNS} ${HEIGHT}`}
        preserveAspectRatio="none"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([whenOf(event), whenOf(event)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], whenOf(event)])}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
      >
        <title>Drag to choose a span of time; click to see all</title>
        <rect
          class="zs-calls-window"
          x={xOf(from)}
          width={Math.max(0.4, xOf(to) - xOf(from))}
          y="0"
          height={HEIGHT}
        />
        {bins.map((bin, at) =>
          bin.value > 0 ? (
            <rect
              key={bin.from}
              class="zs-calls-column"
              x={at + 0.1}
              width="0.8"
              y={HEIGHT - Math.max(2, (bin.value / peak) * (HEIGHT - 4))}
              height={Math.max(2, (bin.value / peak) * (HEIGHT - 4))}
            />
          ) : null,
        )}
        {errors.map((call) => (
          <rect
            key={call.number}
            class="zs-calls-fault"
            x={xOf(call.clock)}
            width="0.5"
            y="0"
            height="5"
          />
        ))}
      </svg>
      <span class="zs-muted zs-number">{formatSeconds(to - from)}</span>
    </div>
  );
}
