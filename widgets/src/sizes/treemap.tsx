// The treemap: a few outlines for all boxes, labels where they fit, a tip at the pointer.
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Name } from "../parts/name.tsx";
import { formatBytes, formatCounted } from "../text/numbers.ts";
import {
  boxAt,
  hasRoomFor,
  labelled,
  labelOf,
  type Placed,
  placedIn,
  shapesOf,
} from "./layout.ts";
import { type Box, type Level, weightOf } from "./level.ts";
import { Tip } from "./tip.tsx";
import { zoomBetween } from "./zoom.ts";

interface TreemapProps {
  level: Level;
  selected: string | undefined;
  /** Whether sizes still grow. */
  counting: boolean;
  onSelect: (box: Box) => void;
  onEnter: (box: Box) => void;
  /** Show the numbers of keys instead. */
  onKeys: () => void;
}

interface Pointed {
  placed: Placed;
  x: number;
  y: number;
}

export function Treemap(props: TreemapProps) {
  const { level, selected, counting, onSelect, onEnter } = props;
  const frame = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const [[width, height], setSize] = useState<[number, number]>([0, 0]);
  const [pointed, setPointed] = useState<Pointed>();
  const placed = useMemo(() => placedIn(level, width, height), [level, width, height]);
  const before = useRef<{ path: string; placed: Placed[] }>({ path: "", placed });

  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize([entry.contentRect.width, entry.contentRect.height]);
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const from = before.current;
    before.current = { path: level.path, placed };
    if (from.path === level.path || !layer.current) return;
    setPointed(undefined);
    zoomBetween(layer.current, from, { path: level.path, placed }, [width, height]);
  }, [level, placed]);

  const at = (event: MouseEvent): Pointed | undefined => {
    const area = frame.current?.getBoundingClientRect();
    if (!area) return undefined;
    const [x, y] = [event.clientX - area.left, event.clientY - area.top];
    const found = boxAt(placed, x, y);
    return found && { placed: found, x, y };
  };
  const chosen = placed.find((each) => each.box.path === selected);
  // The same as long as only the pointer moves.
  const drawn = useMemo(
    () => (
      <>
        <Picture {...{ level, placed, width, height, chosen }} />
        {labelled(placed).map((each) => (
          <Label key={each.box.path} placed={each} by={level.by} />
        ))}
      </>
    ),
    [placed, chosen],
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table is its form for keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table is its form for keys
    <div
      ref={frame}
      class="zs-sizes-map"
      data-counting={counting}
      data-boxes={placed.length}
      onPointerMove={(event) => setPointed(at(event))}
      onPointerLeave={() => setPointed(undefined)}
      onClick={(event) => {
        const found = at(event);
        if (found) onSelect(found.placed.box);
      }}
      onDblClick={(event) => {
        const found = at(event);
        if (found) onEnter(found.placed.box);
      }}
    >
      <div ref={layer} class="zs-sizes-layer">
        {drawn}
      </div>
      {level.by === "bytes" && level.nbytes === 0 ? (
        <div class="zs-sizes-nothing zs-sizes-empty">
          <p class="zs-muted">All values here are empty.</p>
          <button type="button" class="zs-button" onClick={props.onKeys}>
            Show keys
          </button>
        </div>
      ) : null}
      {pointed ? <Tip {...pointed} level={level} area={[width, height]} /> : null}
    </div>
  );
}

interface PictureProps {
  level: Level;
  placed: Placed[];
  width: number;
  height: number;
  chosen: Placed | undefined;
}

function Picture({ level, placed, width, height, chosen }: PictureProps) {
  const hatch = useId();
  const shapes = useMemo(() => shapesOf(placed), [placed]);
  const total = formatBytes(level.nbytes);
  return (
    <svg
      class="zs-sizes-picture"
      width={width}
      height={height}
      role="img"
      aria-label={`Map of ${formatCounted(level.nkeys, "key")}, ${total}; the table says the same`}
    >
      <pattern
        id={hatch}
        width="7"
        height="7"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect class="zs-sizes-hatch" width="2" height="7" />
      </pattern>
      {shapes.map(({ kind, upper, path }) => (
        <g key={`${kind} ${upper}`}>
          <path class="zs-sizes-shape" data-kind={kind} data-upper={upper} d={path} />
          {kind === "rest" ? <path d={path} fill={`url(#${hatch})`} /> : null}
        </g>
      ))}
      {chosen ? (
        <rect
          class="zs-sizes-chosen"
          x={chosen.x + 1}
          y={chosen.y + 1}
          width={Math.max(0, chosen.width - 2)}
          height={Math.max(0, chosen.height - 2)}
        />
      ) : null}
    </svg>
  );
}

function Label({ placed, by }: { placed: Placed; by: Level["by"] }) {
  const { box, x, y, width, height, divided } = placed;
  const weight = weightOf(box, by);
  const size = by === "bytes" ? formatBytes(weight) : formatCounted(weight, "key");
  const name = labelOf(placed);
  const place = { left: `${x}px`, top: `${y}px`, width: `${width}px` };
  return (
    <div
      class="zs-sizes-label"
      data-divided={divided}
      aria-hidden="true"
      style={{ ...place, height: `${divided ? 18 : height}px` }}
    >
      <Name>{name}</Name>
      {hasRoomFor(placed, name, size) ? <span class="zs-sizes-size">{size}</span> : null}
    </div>
  );
}
