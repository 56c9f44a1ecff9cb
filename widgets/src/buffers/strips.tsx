// Strips of memory, to one scale: what lies where, and the bytes that no value uses.
import { useId, useMemo, useState } from "preact/hooks";
import {
  type Cell,
  cellsOf,
  fullnessOf,
  kindOf,
  lengthOf,
  nameOf,
  spanOf,
  stepped,
  wordsOf,
} from "./cells.ts";
import type { Strip } from "./requests.ts";
import type { Listed } from "./resident_list.tsx";

interface StripsProps {
  strips: Strip[];
  listed: Listed | null;
  /** Show a value. */
  onPick: (strip: number, at: number) => void;
  /** List the values of a cell. */
  onList: (strip: Strip, first: number, count: number) => void;
}

export function Strips({ strips, listed, onPick, onList }: StripsProps) {
  const [said, setSaid] = useState("");
  return (
    <div class="zs-buffers-strips" role="group" aria-label="Map of the memory">
      {strips.map((strip) => (
        <StripLine
          key={strip.strip}
          strip={strip}
          length={lengthOf(strip, strips)}
          listed={listed?.strip === strip.strip ? listed : null}
          onSay={setSaid}
          onChoose={(cell) => {
            if (cell.count === 0) return;
            onList(strip, cell.first, cell.count);
            if (cell.count === 1) onPick(strip.strip, cell.first);
          }}
          onWhole={() => onList(strip, 0, strip.nvalues)}
        />
      ))}
      <Legend strips={strips} />
      <p class="zs-buffers-said-cell">
        {said === "" ? (
          <span class="zs-muted">
            Point at a part, or move with the arrows; Enter shows it.
          </span>
        ) : (
          said
        )}
      </p>
    </div>
  );
}

const WORDS = { one: "one value", many: "several values", dead: "no value: dead, padding" };

/** What the colours mean that are there. */
function Legend({ strips }: { strips: Strip[] }) {
  const kinds = new Set(strips.flatMap((strip) => cellsOf(strip).map(kindOf)));
  if (strips.some((strip) => strip.live_nbytes < strip.nbytes)) kinds.add("dead");
  return (
    <div class="zs-legend">
      {(["one", "many", "dead"] as const)
        .filter((kind) => kinds.has(kind))
        .map((kind) => (
          <span key={kind} class="zs-legend-entry">
            <span class="zs-buffers-mark" data-kind={kind} aria-hidden="true" />
            {WORDS[kind]}
          </span>
        ))}
    </div>
  );
}

interface StripLineProps {
  strip: Strip;
  length: number;
  listed: Listed | null;
  onSay: (words: string) => void;
  onChoose: (cell: Cell) => void;
  onWhole: () => void;
}

function StripLine({ strip, length, listed, onSay, onChoose, onWhole }: StripLineProps) {
  const uid = useId();
  const cells = useMemo(() => cellsOf(strip), [strip]);
  const [at, setAt] = useState(0);
  const [focused, setFocused] = useState(false);
  const say = (cell: Cell | undefined) => onSay(cell ? wordsOf(cell, strip) : "");
  const move = (event: KeyboardEvent) => {
    const cell = cells[at];
    const next = stepped(at, event.key, cells.length);
    if (next !== null) {
      setAt(next);
      say(cells[next]);
    } else if (cell && (event.key === "Enter" || event.key === " ")) onChoose(cell);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="zs-buffers-strip">
      <button type="button" class="zs-buffers-strip-name" onClick={onWhole}>
        {nameOf(strip)}
        {strip.pointer === null ? null : (
          <span class="zs-mono zs-muted">{` ${strip.device} ${strip.pointer}`}</span>
        )}
      </button>
      <div
        class="zs-buffers-cells"
        style={{ width: `${length * 100}%` }}
        role="listbox"
        aria-label={nameOf(strip)}
        aria-activedescendant={cells.length > 0 ? `${uid}-${at}` : undefined}
        tabIndex={0}
        data-lm-suppress-shortcuts="true"
        onKeyDown={move}
        onFocus={() => {
          setFocused(true);
          say(cells[at]);
        }}
        onBlur={() => setFocused(false)}
        onPointerLeave={() => (focused ? say(cells[at]) : onSay(""))}
      >
        {cells.map((cell, number) => {
          const [start, width] = spanOf(cell, strip);
          const within = listed !== null && isListed(cell, listed, strip);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: it has the focus for them
            <div
              key={number}
              id={`${uid}-${number}`}
              role="option"
              class="zs-buffers-cell"
              aria-label={wordsOf(cell, strip)}
              aria-selected={within}
              data-active={focused && number === at}
              data-kind={kindOf(cell)}
              style={{ left: `${start * 100}%`, width: `${width * 100}%` }}
              onPointerEnter={() => say(cell)}
              onClick={() => {
                setAt(number);
                onChoose(cell);
              }}
            >
              {cell.count === 0 ? null : (
                <span style={{ height: `${fullnessOf(cell) * 100}%` }} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Whether a cell is the one that is listed, and not just a part of a whole strip. */
function isListed(cell: Cell, listed: Listed, strip: Strip): boolean {
  const whole = listed.count === strip.nvalues && strip.nvalues > 1;
  return !whole && cell.count > 0 && cell.first === listed.first;
}
