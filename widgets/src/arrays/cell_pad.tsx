// A grid that is pointed at: by the mouse or with the arrow keys. It reads out the cell.
import { useEffect, useRef, useState } from "preact/hooks";
import { visible } from "../text/visible.ts";
import { type Cell, type CellSize, cellAt, moved } from "./grid_geometry.ts";

export interface CellPadProps {
  /** What the grid shows, for screen readers. */
  label: string;
  counts: Cell;
  size: CellSize;
  /** What a cell holds, as one line of text or several. */
  labelOf: (row: number, column: number) => string;
  onPick?: ((row: number, column: number) => void) | undefined;
  /** Told of the cell pointed at, by mouse or keys; null: none any more. */
  onHover?: ((cell: Cell | null) => void) | undefined;
  /** Told of the two corners when the mouse has drawn a box. */
  onBox?: ((from: Cell, to: Cell) => void) | undefined;
}

const PICKING = new Set(["Enter", " "]);

/** Lies over the picture of a grid; what is under it is only looked at. */
export function CellPad(props: CellPadProps) {
  const { label, counts, size, labelOf, onPick, onHover, onBox } = props;
  const [cell, setCell] = useState<Cell | null>(null);
  const [start, setStart] = useState<Cell | null>(null);
  const [keyed, setKeyed] = useState(false);
  const cursor = useRef<Cell>([0, 0]);

  const point = (next: Cell | null) => {
    if (next?.[0] === cell?.[0] && next?.[1] === cell?.[1]) return;
    if (next) cursor.current = next;
    setCell(next);
    onHover?.(next);
  };
  // The grid may have shrunk under the cursor.
  useEffect(() => {
    if (cell && (cell[0] >= counts[0] || cell[1] >= counts[1])) point(null);
  }, [counts[0], counts[1]]);

  const cellOf = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return cellAt(event.clientX - box.left, event.clientY - box.top, size, counts);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const picks = PICKING.has(event.key) && onPick !== undefined;
    const next = moved(cell ?? cursor.current, event.key, counts);
    if (!picks && !next) return;
    event.preventDefault();
    event.stopPropagation();
    setKeyed(true);
    if (picks) onPick(...(cell ?? cursor.current));
    else point(next);
  };
  const onPointerUp = (event: PointerEvent) => {
    const end = cellOf(event);
    setStart(null);
    if (!start || !end) return;
    if (start[0] === end[0] && start[1] === end[1]) onPick?.(...end);
    else onBox?.(start, end);
  };

  const text = cell ? visible(labelOf(...cell)).replaceAll("\\n", "\n") : "";
  return (
    <div
      class="zs-pad"
      role="application"
      aria-label={label}
      aria-roledescription="grid"
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      style={{
        width: `${counts[1] * size.width}px`,
        height: `${counts[0] * size.height}px`,
        cursor: onPick && !onBox ? "pointer" : "crosshair",
      }}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) point(cursor.current);
      }}
      onBlur={() => point(null)}
      onPointerDown={(event) => {
        setKeyed(false);
        setStart(cellOf(event));
      }}
      onPointerMove={(event) => {
        setKeyed(false);
        point(cellOf(event));
      }}
      onPointerUp={onPointerUp}
      onPointerLeave={() => {
        setStart(null);
        point(null);
      }}
    >
      {start && cell && onBox ? (
        <Outline kind="box" from={start} to={cell} size={size} />
      ) : null}
      {cell ? (
        <>
          <Outline kind="cursor" from={cell} to={cell} size={size} />
          <Tip cell={cell} counts={counts} size={size} text={text} />
        </>
      ) : null}
      <span class="zs-unseen" role="status">
        {keyed ? text : ""}
      </span>
    </div>
  );
}

interface OutlineProps {
  kind: "cursor" | "box";
  from: Cell;
  to: Cell;
  size: CellSize;
}

function Outline({ kind, from, to, size }: OutlineProps) {
  const [top, bottom] = from[0] < to[0] ? [from[0], to[0]] : [to[0], from[0]];
  const [left, right] = from[1] < to[1] ? [from[1], to[1]] : [to[1], from[1]];
  // A point of a line: as high as the picture, and hardly wide.
  const thin = kind === "cursor" && size.width < 4 && size.height > ROOM;
  return (
    <div
      class={`zs-pad-${kind}${thin ? " zs-pad-thin" : ""}`}
      style={{
        left: `${left * size.width}px`,
        top: `${top * size.height}px`,
        width: `${(right - left + 1) * size.width}px`,
        height: `${(bottom - top + 1) * size.height}px`,
      }}
    />
  );
}

interface TipProps {
  cell: Cell;
  counts: Cell;
  size: CellSize;
  text: string;
}

/** A cell of that height has the tooltip in itself. */
const ROOM = 100;
const NARROWEST = 140;

/** On the side of the cell where there is more room. */
function Tip({ cell, counts, size, text }: TipProps) {
  const below = cell[0] < counts[0] / 2;
  const right = cell[1] < counts[1] / 2;
  const style: Record<string, string> = {};
  if (counts[0] === 1 && size.height > ROOM) style.top = "8px";
  else if (below) style.top = `${(cell[0] + 1) * size.height + 6}px`;
  else style.bottom = `${(counts[0] - cell[0]) * size.height + 6}px`;
  const before = cell[1] * size.width;
  const after = (counts[1] - cell[1] - 1) * size.width;
  if (right) style.left = `${before + 8}px`;
  else style.right = `${after + 8}px`;
  style.maxWidth = `${Math.max(NARROWEST, right ? after : before)}px`;
  return (
    <div class="zs-tip" aria-hidden="true" style={style}>
      {text}
    </div>
  );
}
