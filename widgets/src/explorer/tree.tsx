// The tree: a window of rows, one tab stop, all keys.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { offsetOf, pixelsOf, scaleOf, windowOf } from "../list/window.ts";
import type { Explorer } from "./explorer.ts";
import { type Actions, onTreeKey } from "./keyboard.ts";
import { TreeRow } from "./row.tsx";
import type { Row } from "./rows.ts";

export const ROW_HEIGHT = 24;

interface TreeProps {
  explorer: Explorer;
  actions: Actions;
}

export function Tree({ explorer, actions }: TreeProps) {
  const uid = useId();
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(400);
  const { rows } = explorer;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    setHeight(element.clientHeight);
    return () => observer.disconnect();
  }, []);

  // When the list has its new height.
  useLayoutEffect(() => {
    const { wanted } = explorer.selection;
    if (!wanted || !box.current) return;
    bringIntoView(box.current, rows.indexOf(wanted), rows.count);
    explorer.selection.wanted = null;
    setTop(box.current.scrollTop);
  });

  const [first, last] = windowOf(top, height, ROW_HEIGHT, rows.count);
  const shown: Row[] = [];
  for (let index = first; index < last; index += 1) {
    const row = rows.at(index);
    if (row) shown.push(row);
  }
  useEffect(() => explorer.look(shown));
  useTicks(explorer, shown);

  const offset = offsetOf(top, height, ROW_HEIGHT, rows.count);
  const active = explorer.selection.index;
  const idOf = (index: number) => `${uid}-${index}`;
  const onPick = (event: MouseEvent, row: Row) => {
    if (event.shiftKey) explorer.selection.extend(row);
    else if (event.ctrlKey || event.metaKey) explorer.selection.toggle(row);
    else explorer.selection.select(row);
    if (event.target instanceof HTMLElement && event.target.closest("button")) return;
    box.current?.focus({ preventScroll: true });
  };
  return (
    <div
      ref={box}
      class="zs-explorer-tree"
      role="tree"
      aria-label="Keys of the store"
      aria-multiselectable="true"
      aria-activedescendant={active >= first && active < last ? idOf(active) : undefined}
      aria-busy={explorer.root.loadingSince !== null}
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={(event) =>
        onTreeKey(event, explorer, actions, Math.floor(height / ROW_HEIGHT))
      }
    >
      <div
        class="zs-explorer-rows"
        role="none"
        style={{ height: `${pixelsOf(rows.count, ROW_HEIGHT)}px` }}
      >
        {shown.map((row, at) => (
          <TreeRow
            key={`${row.level.prefix}\0${row.child}`}
            id={idOf(first + at)}
            explorer={explorer}
            row={row}
            top={offset + at * ROW_HEIGHT}
            onPick={onPick}
          />
        ))}
      </div>
    </div>
  );
}

/** While a level is loading, its row counts the seconds. */
function useTicks(explorer: Explorer, shown: Row[]): void {
  const isLoading = shown.some(
    ({ level, child }) => child < 0 && level.loadingSince !== null,
  );
  useEffect(() => {
    if (!isLoading) return;
    const timer = setInterval(() => explorer.changed(), 1000);
    return () => clearInterval(timer);
  }, [explorer, isLoading]);
}

function bringIntoView(box: HTMLElement, index: number, count: number): void {
  if (index < 0) return;
  const room = box.clientHeight;
  const scale = scaleOf(count, ROW_HEIGHT, room);
  const top = index * ROW_HEIGHT;
  // Where the rows that are seen begin and end, in a list without a bound on its height.
  const begin = box.scrollTop * scale;
  if (top < begin) box.scrollTop = top / scale;
  else if (top + ROW_HEIGHT > begin + room) {
    box.scrollTop = (top + ROW_HEIGHT - room) / scale;
  }
}
