// The largest first: the map as text, and the way through it by keys.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names a row
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { windowOf } from "../list/window.ts";
import { Name } from "../parts/name.tsx";
import { formatBytes, formatCount } from "../text/numbers.ts";
import { wordOf } from "./legend.tsx";
import { type Box, type Level, SIGNS } from "./level.ts";
import { shareOf } from "./tip.tsx";

interface TableProps {
  level: Level;
  selected: string | undefined;
  onSelect: (box: Box) => void;
  onEnter: (box: Box | undefined) => void;
  onLeave: () => void;
}

const ROW = 24;

export function Table({ level, selected, onSelect, onEnter, onLeave }: TableProps) {
  const uid = useId();
  const body = useRef<HTMLDivElement>(null);
  const [[top, height], setView] = useState<[number, number]>([0, 400]);
  const rows = level.boxes;
  const at = rows.findIndex((box) => box.path === selected);
  const [first, last] = windowOf(top, height, ROW, rows.length);

  const look = () => {
    const { current } = body;
    if (current) setView([current.scrollTop, current.clientHeight]);
  };
  useEffect(() => {
    if (!body.current) return;
    const observer = new ResizeObserver(look);
    observer.observe(body.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const { current } = body;
    if (!current || at < 0) return;
    const above = at * ROW;
    if (above < current.scrollTop) current.scrollTop = above;
    const below = above + ROW - current.clientHeight;
    if (below > current.scrollTop) current.scrollTop = below;
  }, [at, level.path]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = targetOf(event.key, at, rows.length, Math.floor(height / ROW));
    if (target !== undefined) {
      const box = rows[target];
      if (box) onSelect(box);
    } else if (event.key === "Enter" || event.key === "ArrowRight") onEnter(rows[at]);
    else if (event.key === "Backspace" || event.key === "ArrowLeft") onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="zs-sizes-table"
      role="grid"
      aria-label="Largest first"
      aria-rowcount={rows.length + 1}
      aria-readonly="true"
      aria-activedescendant={at >= first && at < last ? `${uid}-${at}` : undefined}
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      onKeyDown={onKeyDown}
    >
      <Head />
      <div ref={body} class="zs-sizes-rows" role="rowgroup" tabIndex={-1} onScroll={look}>
        <div role="presentation" style={{ height: `${rows.length * ROW}px` }}>
          <div role="presentation" style={{ transform: `translateY(${first * ROW}px)` }}>
            {rows.slice(first, last).map((box, index) => (
              <Row
                key={box.path}
                id={`${uid}-${first + index}`}
                number={first + index + 2}
                chosen={first + index === at}
                {...{ box, level, onSelect, onEnter }}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** The row that a key moves to. */
export function targetOf(
  key: string,
  at: number,
  count: number,
  page: number,
): number | undefined {
  const within = (row: number) => Math.max(0, Math.min(count - 1, row));
  switch (key) {
    case "ArrowDown":
      return within(at + 1);
    case "ArrowUp":
      return within(at - 1);
    case "PageDown":
      return within(at + page);
    case "PageUp":
      return within(at - page);
    case "Home":
      return 0;
    case "End":
      return within(count - 1);
    default:
      return undefined;
  }
}

function Head() {
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={1} class="zs-sizes-row zs-sizes-head">
        <span role="columnheader">
          <span class="zs-unseen">Kind</span>
        </span>
        <span role="columnheader">Name</span>
        <span role="columnheader" class="zs-number zs-sizes-keys">
          Keys
        </span>
        <span role="columnheader" class="zs-number">
          Size
        </span>
        <span role="columnheader" class="zs-number">
          Share
        </span>
      </div>
    </div>
  );
}

interface RowProps {
  box: Box;
  level: Level;
  id: string;
  number: number;
  chosen: boolean;
  onSelect: (box: Box) => void;
  onEnter: (box: Box) => void;
}

function Row({ box, level, id, number, chosen, onSelect, onEnter }: RowProps) {
  const share = level.nbytes > 0 ? box.nbytes / level.nbytes : 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={id}
      role="row"
      aria-rowindex={number}
      aria-selected={chosen}
      class="zs-sizes-row"
      onClick={() => onSelect(box)}
      onDblClick={() => onEnter(box)}
    >
      <span role="gridcell" class="zs-sizes-swatch" data-kind={box.kind}>
        <span aria-hidden="true">{SIGNS.get(box.kind)}</span>
        <span class="zs-unseen">{wordOf(box.kind)}</span>
      </span>
      <span role="gridcell" class="zs-sizes-cell">
        <Name>{box.opens ? `${box.name}/` : box.name}</Name>
      </span>
      <span role="gridcell" class="zs-number zs-sizes-keys">
        {formatCount(box.nkeys)}
      </span>
      <span role="gridcell" class="zs-number" title={`${formatCount(box.nbytes)} bytes`}>
        {level.complete ? "" : "≥ "}
        {formatBytes(box.nbytes)}
      </span>
      <span role="gridcell" class="zs-sizes-share">
        <span class="zs-sizes-bar" aria-hidden="true">
          <span data-kind={box.kind} style={{ width: `${100 * share}%` }} />
        </span>
        <span class="zs-number">{shareOf(box, level)}</span>
      </span>
    </div>
  );
}
