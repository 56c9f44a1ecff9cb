// What the size map asks of the kernel; see zstore_widgets/size_requests.py.

/** How far the count of the store is. */
export interface ScanStatus {
  state: "new" | "scanning" | "stopped" | "complete" | "failed";
  /** Grows with every change. */
  version: number;
  nkeys: number;
  nbytes: number;
  /** Keys of this run of the listing; fewer than `nkeys` after a failure. */
  counted: number;
  seconds: number;
  /** Keys a second. */
  rate: number;
  /** Whether there were too many paths to keep each. */
  full: boolean;
  problem: string | null;
  /** Whether `nkeys` and `nbytes` are of all keys. */
  whole: boolean;
  /** The moment that they are of if they come from a snapshot, in milliseconds since 1970;
   * null if they were counted just now. */
  as_of: number | null;
  /** Whether what is found is kept in a snapshot. */
  kept: boolean;
  /** Whether that is damaged, so that only a scan that begins anew can go on. */
  damaged: boolean;
  /** Estimated share of a scan that is done; null if nobody knows. */
  fraction: number | null;
  /** Estimated seconds that the rest of a scan takes; null if nobody knows. */
  left: number | null;
}

export type By = "bytes" | "keys";

/** Box of the upper level it lies in (-1: itself of the upper level), name, kind, keys,
 * bytes, whether it can be entered. */
export type BoxRow = [number, string, number, number, number, 0 | 1];

/** Box it lies in, how many names, keys, bytes. */
export type RestRow = [number, number, number, number];

export interface LevelTotals {
  kind: number;
  nkeys: number;
  nbytes: number;
  rests: RestRow[];
  complete: boolean;
}

declare module "../kernel/requests.ts" {
  interface Requests {
    /** How far the count is, and whether it may start without being asked. */
    size_status: {
      args: Record<string, never>;
      part: never;
      result: ScanStatus & { starts: boolean };
    };
    /** Count, or go on; ends when the count does, or when it is stopped. */
    scan: { args: { restart: boolean }; part: ScanStatus; result: ScanStatus };
    /** Stop for everybody who watches. */
    pause_scan: { args: Record<string, never>; part: never; result: ScanStatus };
    /** The largest boxes of two levels, in parts. */
    boxes: {
      args: { path: string; limit: number; by: By };
      part: BoxRow[];
      result: LevelTotals;
    };
  }
}
