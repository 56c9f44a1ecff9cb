// JSON as a folding tree: only the rows on the screen are drawn.
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { windowOf } from "../list/window.ts";
import { visible } from "../text/visible.ts";
import {
  canOpen,
  foldedAtFirst,
  foldedText,
  type JsonRow,
  parentOf,
  scalarText,
  shownRows,
} from "./json_rows.ts";

const ROW = 20;
const INDENT = 14;
// Deeper rows are no further to the right: they would be out of sight.
const MAX_INDENTS = 16;

interface JsonTreeProps {
  rows: readonly JsonRow[];
  label: string;
  /** The greatest height in pixels; less if there are few rows. */
  height: number;
}

export function JsonTree({ rows, label, height }: JsonTreeProps) {
  const uid = useId();
  const box = useRef<HTMLDivElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => foldedAtFirst(rows));
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const shown = useMemo(() => shownRows(rows, folded), [rows, folded]);
  useEffect(() => setFolded(foldedAtFirst(rows)), [rows]);

  const at = Math.min(active, Math.max(0, shown.length - 1));
  const moveTo = (place: number) => {
    const next = Math.max(0, Math.min(shown.length - 1, place));
    setActive(next);
    const view = box.current;
    if (!view) return;
    const above = next * ROW - view.scrollTop;
    if (above < 0) view.scrollTop = next * ROW;
    if (above > view.clientHeight - ROW)
      view.scrollTop = (next + 1) * ROW - view.clientHeight;
  };
  const fold = (row: number, isFolded: boolean) => {
    const next = new Set(folded);
    if (isFolded) next.add(row);
    else next.delete(row);
    setFolded(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = shown[at];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW) - 1);
    const isOpen = canOpen(rows, row) && !folded.has(row);
    const parent = parentOf(rows, row);
    const acts = new Map<string, () => void>([
      ["ArrowDown", () => moveTo(at + 1)],
      ["ArrowUp", () => moveTo(at - 1)],
      ["PageDown", () => moveTo(at + page)],
      ["PageUp", () => moveTo(at - page)],
      ["Home", () => moveTo(0)],
      ["End", () => moveTo(shown.length - 1)],
      ["ArrowRight", () => (isOpen ? moveTo(at + 1) : fold(row, false))],
      [
        "ArrowLeft",
        () => (isOpen ? fold(row, true) : parent !== null && moveTo(shown.indexOf(parent))),
      ],
      ["Enter", () => fold(row, isOpen)],
      [" ", () => fold(row, isOpen)],
    ]);
    const act = acts.get(event.key);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  const seen = Math.min(height, shown.length * ROW + 2);
  const [first, last] = windowOf(top, seen, ROW, shown.length);
  return (
    <div
      ref={box}
      class="zs-box zs-json zs-mono"
      role="tree"
      aria-label={label}
      aria-activedescendant={shown.length ? `${uid}-${shown[at]}` : undefined}
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      style={{ height: `${seen}px` }}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div
        role="presentation"
        class="zs-json-all"
        style={{ height: `${shown.length * ROW}px` }}
      >
        <div role="presentation" style={{ transform: `translateY(${first * ROW}px)` }}>
          {shown.slice(first, last).map((row, place) => (
            <Row
              key={row}
              id={`${uid}-${row}`}
              rows={rows}
              at={row}
              folded={folded.has(row)}
              active={first + place === at}
              onClick={() => {
                setActive(first + place);
                if (canOpen(rows, row)) fold(row, !folded.has(row));
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  rows: readonly JsonRow[];
  at: number;
  folded: boolean;
  active: boolean;
  onClick: () => void;
}

function Row({ id, rows, at, folded, active, onClick }: RowProps) {
  const row = rows[at];
  if (!row) return null;
  const [depth, kind, name] = row;
  const opens = canOpen(rows, at);
  const holds = kind === "object" || kind === "array";
  const text = visible(holds ? foldedText(rows, at) : scalarText(row));
  const indent = Math.min(Math.max(0, depth - 1), MAX_INDENTS) * INDENT;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: and the keys
    <div
      id={id}
      class="zs-json-row"
      role="treeitem"
      aria-level={Math.max(1, depth)}
      aria-selected={active}
      aria-expanded={opens ? !folded : undefined}
      style={{ height: `${ROW}px`, "padding-inline-start": `${indent}px` }}
      onClick={onClick}
    >
      <span class="zs-json-arrow" aria-hidden="true">
        {opens ? (folded ? "▸" : "▾") : ""}
      </span>
      {name === null ? null : <bdi class="zs-json-name">{visible(name)}</bdi>}
      <bdi class={`zs-json-${holds ? "count" : kind}`} title={text}>
        {holds && opens && !folded ? "" : text}
      </bdi>
    </div>
  );
}
