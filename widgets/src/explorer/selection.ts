// Which row has the focus of the tree, and which are selected.
import type { Explorer } from "./explorer.ts";
import { CHUNKS, type Row, type Spot, TAIL } from "./rows.ts";

const PATIENCE_MS = 80;
const MAX_TOLD = 4_096;

export class Selection {
  /** The row that the keyboard is at; null: the store itself. */
  active: Spot | null = null;
  /** Keys and prefixes that are selected. */
  readonly keys = new Set<string>();
  /** A key that was typed, where no row can be selected. */
  typed = "";
  /** The row that the list is to bring into view; it forgets it then. */
  wanted: Spot | null = null;

  private anchor = -1;
  private lost = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly explorer: Explorer;

  constructor(explorer: Explorer) {
    this.explorer = explorer;
  }

  get index(): number {
    return this.active ? this.explorer.rows.indexOf(this.active) : -1;
  }

  has(row: Row): boolean {
    return row.child >= 0
      ? this.keys.has(row.level.keyOf(row.child))
      : row.child === this.active?.child && row.level === this.active.level;
  }

  /** Make one row the only one; null: the store itself. */
  select(spot: Spot | null): void {
    this.active = spot && { level: spot.level, child: spot.child };
    this.keys.clear();
    if (spot && spot.child >= 0) this.keys.add(this.explorer.keyOf(spot));
    this.anchor = this.index;
    this.tell();
  }

  scrollTo(spot: Spot): void {
    this.wanted = spot;
    this.explorer.changed();
  }

  /** Show a key of a store that cannot list. */
  selectKey(key: string): void {
    this.typed = key;
    this.keys.clear();
    this.keys.add(key);
    this.tell();
  }

  /** Select one more row, or one less. */
  toggle(spot: Spot): void {
    this.active = { level: spot.level, child: spot.child };
    this.anchor = this.index;
    if (spot.child >= 0) {
      const key = this.explorer.keyOf(spot);
      if (!this.keys.delete(key)) this.keys.add(key);
    }
    this.tell();
  }

  /** Select all rows from where the last selection began. */
  extend(spot: Spot): void {
    this.active = { level: spot.level, child: spot.child };
    const here = this.index;
    if (this.anchor < 0) this.anchor = here;
    this.keys.clear();
    const last = Math.max(here, this.anchor);
    for (let at = Math.min(here, this.anchor); at <= last; at += 1) {
      const row = this.explorer.rows.at(at);
      if (row && row.child >= 0) this.keys.add(this.explorer.keyOf(row));
    }
    this.tell();
  }

  /** The rows that an action is for: the selected, or the one with the focus. */
  get spots(): Spot[] {
    const found = [...this.keys].map((key) => this.explorer.spotOf(key));
    const spots = found.filter((spot) => spot !== null);
    if (this.active && (spots.length === 0 || this.active.child === CHUNKS)) {
      return [this.active];
    }
    return spots;
  }

  /** Note which row has the focus, before its level is replaced by a newer one. */
  remember(): void {
    if (this.active) this.lost = this.explorer.keyOf(this.active);
  }

  /** Give the focus back to the row that had it, when it is there. */
  restore(before: number): void {
    if (this.lost) this.active = this.explorer.spotOf(this.lost);
    this.lost = "";
    if (this.active?.child !== TAIL || this.index === before) return;
    // "Loading…" had the focus: what was loaded stands in its place now.
    const { loadingSince } = this.active.level;
    if (loadingSince !== null || this.index < 0) this.select(this.explorer.rows.at(before));
  }

  private tell(): void {
    this.explorer.notice = "";
    this.explorer.changed();
    clearTimeout(this.timer);
    // Not at each row that the focus passes. Nobody waits for the answer.
    this.timer = setTimeout(() => {
      const keys = [...this.keys].slice(0, MAX_TOLD);
      this.explorer.channel.call("select", { keys }, { slot: "select" }).catch(() => {});
    }, PATIENCE_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
