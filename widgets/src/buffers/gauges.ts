// How full a device and a pool are: the parts of a bar, and the same in words.
import { formatBytes } from "../text/numbers.ts";
import type { Card, Pool } from "./requests.ts";

export interface Part {
  kind: "used" | "held" | "other" | "free";
  word: string;
  nbytes: number;
}

export interface GaugeFigures {
  label: string;
  parts: Part[];
  nbytes: number;
  note: string;
}

/** The whole card: this pool, everything else that uses it, what is free. */
export function cardGauge(card: Card, pool: Pool | null): GaugeFigures {
  const free = clamped(card.free_nbytes, card.total_nbytes);
  const taken = card.total_nbytes - free;
  const ours = clamped(pool?.total_nbytes ?? 0, taken);
  const parts: Part[] = [
    { kind: "used", word: "this pool", nbytes: ours },
    { kind: "other", word: "all else", nbytes: taken - ours },
    { kind: "free", word: "free", nbytes: free },
  ];
  return {
    label: `${card.device} ${card.name}`,
    parts,
    nbytes: card.total_nbytes,
    note: `of ${formatBytes(card.total_nbytes)}`,
  };
}

/** A pool: what it gave out, what it holds for later, and what it may still take. */
export function poolGauge(pool: Pool): GaugeFigures {
  const used = clamped(pool.used_nbytes, pool.total_nbytes);
  const held = pool.total_nbytes - used;
  const limit = pool.limit_nbytes;
  const parts: Part[] = [
    { kind: "used", word: "used", nbytes: used },
    { kind: "held", word: "held free", nbytes: held },
  ];
  if (limit !== null)
    parts.push({ kind: "free", word: "left", nbytes: Math.max(0, limit - used - held) });
  const notes = [limit === null ? "no limit" : `limit ${formatBytes(limit)}`];
  if (pool.pinned_nbytes > 0)
    notes.push(`pinned on the host ${formatBytes(pool.pinned_nbytes)}`);
  return {
    label: pool.kind,
    parts,
    nbytes: Math.max(limit ?? 0, pool.total_nbytes),
    note: notes.join(", "),
  };
}

/** The share of the bar that a part takes. */
export function shareOf(part: Part, gauge: GaugeFigures): number {
  return gauge.nbytes > 0 ? clamped(part.nbytes / gauge.nbytes, 1) : 0;
}

function clamped(value: number, most: number): number {
  return Math.min(Math.max(0, value), most);
}
