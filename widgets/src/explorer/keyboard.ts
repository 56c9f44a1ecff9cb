// The keys of the tree. Each that is used stays here: a cell must not act on it as well.
import type { Explorer } from "./explorer.ts";
import type { SortKey } from "./order.ts";
import { type Row, type Spot, TAIL } from "./rows.ts";

/** What keys do besides moving; the view knows how. */
export interface Actions {
  focusFilter: () => void;
  openDetails: () => void;
  copyKeys: () => void;
  copyCode: () => void;
  showTab: (tab: string) => void;
  showHelp: () => void;
  leave: () => void;
}

export const HELP: [string, string][] = [
  ["↑ ↓ Home End PgUp PgDn", "move"],
  ["→ ←", "open and go in, close and go out"],
  ["Enter", "open a folder, show a value"],
  ["Space, Shift+↑ ↓", "select one more, a range"],
  ["*", "open all folders beside this one"],
  ["letters", "jump to a name (but for those below)"],
  ["/", "filter; Enter there searches the store"],
  ["s, Shift+S", "size the selection, the whole level"],
  ["o", "sort by name, size, time"],
  ["r", "load this level again"],
  ["c, Shift+C", "copy the key, code that reads it"],
  ["i, k, v", "show the info, the chunks, the value"],
  ["Esc", "stop what runs, clear the filter, leave"],
];

const ORDERS: SortKey[] = ["name", "size", "time"];
const TABS = { i: "info", k: "chunks", v: "value" };

export function onTreeKey(
  event: KeyboardEvent,
  explorer: Explorer,
  actions: Actions,
  page: number,
): void {
  // The buttons inside a row, and the shortcuts of the browser, keep their keys.
  if (event.target !== event.currentTarget) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, shiftKey } = event;
  const isUsed =
    move(explorer, key, shiftKey, page) ||
    jump(explorer, key, event.timeStamp) ||
    act(explorer, key, actions) ||
    startJump(explorer, key, event.timeStamp);
  if (key !== "Tab") event.stopPropagation();
  if (isUsed) event.preventDefault();
}

function move(explorer: Explorer, key: string, shift: boolean, page: number): boolean {
  const { selection, rows } = explorer;
  const at = selection.index;
  const steps = new Map([
    ["ArrowDown", at + 1],
    ["ArrowUp", at < 0 ? 0 : at - 1],
    ["Home", 0],
    ["End", rows.count - 1],
    ["PageDown", at + page],
    ["PageUp", at - page],
  ]);
  const next = steps.get(key);
  if (next === undefined) return false;
  typed.delete(explorer);
  const end = Math.max(0, Math.min(rows.count - 1, next));
  const past = next > at && end + 1 < rows.count ? end + 1 : end - 1;
  const row = rows.at(isLoading(rows.at(end)) ? past : end);
  if (row) go(explorer, row, shift);
  return true;
}

/** Whether a row says "Loading…": it will soon be gone, and the focus with it. */
function isLoading(row: Row | null): boolean {
  return row?.child === TAIL && row.level.loadingSince !== null;
}

function go(explorer: Explorer, spot: Spot, extend = false): void {
  if (extend) explorer.selection.extend(spot);
  else explorer.selection.select(spot);
  explorer.selection.scrollTo(spot);
}

function act(explorer: Explorer, key: string, actions: Actions): boolean {
  const { selection } = explorer;
  const { active } = selection;
  switch (key) {
    case "ArrowRight":
      if (active) goIn(explorer, active);
      return true;
    case "ArrowLeft":
      if (active) goOut(explorer, active);
      return true;
    case "Enter":
      if (active) enter(explorer, active, actions);
      return true;
    case " ":
      if (active) selection.toggle(active);
      return true;
    case "*":
      if (active) openSiblings(explorer, active);
      return true;
    case "/":
      actions.focusFilter();
      return true;
    case "s":
      void explorer.sizes.countRows(selection.spots);
      return true;
    case "S":
      void explorer.sizes.count([active?.level.prefix ?? ""]);
      return true;
    case "o":
      explorer.sortBy(ORDERS[(ORDERS.indexOf(explorer.sort.key) + 1) % 3] ?? "name");
      return true;
    case "r":
      void explorer.levels.refresh(levelAt(explorer));
      return true;
    case "c":
      actions.copyKeys();
      return true;
    case "C":
      actions.copyCode();
      return true;
    case "i":
    case "k":
    case "v":
      actions.showTab(TABS[key]);
      return true;
    case "?":
      actions.showHelp();
      return true;
    case "Escape":
      stopOrLeave(explorer, actions);
      return true;
    default:
      return false;
  }
}

/** The prefix to load again: the open folder at the focus, or what it lies in. */
export function levelAt(explorer: Explorer): string {
  const { active } = explorer.selection;
  if (!active) return "";
  const inner = active.level.children.get(active.child);
  return inner?.isOpen ? inner.prefix : active.level.prefix;
}

function goIn(explorer: Explorer, spot: Spot): void {
  if (!explorer.canOpen(spot)) return;
  if (!explorer.isOpen(spot)) void explorer.levels.open(spot);
  else {
    const row = explorer.rows.at(explorer.rows.indexOf(spot) + 1);
    if (row && !isLoading(row)) go(explorer, row);
  }
}

function goOut(explorer: Explorer, spot: Spot): void {
  if (explorer.canOpen(spot) && explorer.isOpen(spot)) {
    explorer.levels.fold(spot);
    return;
  }
  // The row above that is less deep: what this one lies in.
  const at = explorer.rows.indexOf(spot);
  const { depth = 0 } = explorer.rows.at(at) ?? {};
  const parent = explorer.parentOf(spot);
  if (depth > 0 && parent) go(explorer, parent);
}

function enter(explorer: Explorer, spot: Spot, actions: Actions): void {
  if (explorer.canOpen(spot)) explorer.levels.toggle(spot);
  else if (spot.child >= 0) actions.openDetails();
  else if (spot.level.more || spot.level.error !== null)
    void explorer.levels.retry(spot.level);
}

function openSiblings(explorer: Explorer, { level }: Spot): void {
  // Each is a listing: as many as a screen shows, not a hundred thousand.
  const closed = level.order.filter((child) => level.isFolder(child)).slice(0, 64);
  for (const child of closed) void explorer.levels.open({ level, child });
}

function stopOrLeave(explorer: Explorer, actions: Actions): void {
  if (explorer.tasks.latest) explorer.tasks.latest.stop();
  else actions.leave();
}

// ------------------------------------------------------------------- jumping by letters

const PATIENCE_MS = 700;
const typed = new WeakMap<Explorer, { text: string; at: number }>();

/** Go on with a name that is being typed. */
function jump(explorer: Explorer, key: string, now: number): boolean {
  const before = typed.get(explorer);
  if (!before || now - before.at > PATIENCE_MS || [...key].length !== 1) return false;
  return seek(explorer, before.text + key, now);
}

function startJump(explorer: Explorer, key: string, now: number): boolean {
  return [...key].length === 1 && seek(explorer, key, now);
}

function seek(explorer: Explorer, text: string, now: number): boolean {
  typed.set(explorer, { text, at: now });
  const { rows, selection } = explorer;
  const wanted = text.toLowerCase();
  const from = Math.max(0, selection.index) + (text.length > 1 ? 0 : 1);
  for (let step = 0; step < rows.count; step += 1) {
    const row = rows.at((from + step) % rows.count);
    if (!row || row.child < 0) continue;
    if (row.level.names[row.child]?.toLowerCase().startsWith(wanted)) {
      go(explorer, row);
      return true;
    }
  }
  return true;
}
