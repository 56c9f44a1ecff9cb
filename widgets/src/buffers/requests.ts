// What the buffer inspector asks of the kernel.
import type { ViewState } from "../model.ts";

export interface BufferInspectorState extends ViewState {
  /** "buffer" or "store". */
  shows: string;
}

/** What is known of the device; `text` says all of it as zstore.gpu.status() does. */
export interface DeviceStatus {
  place: "cpu" | "gpu";
  device: string;
  /** Whether something lies on a device. */
  in_use: boolean;
  state: "no cupy" | "no device" | "starting" | "ready" | "error";
  text: string;
  reason: string;
  hint: string;
  warnings: string[];
}

/** The whole card, with what other programs use of it. */
export interface Card {
  device: string;
  name: string;
  total_nbytes: number;
  free_nbytes: number;
}

export interface Pool {
  device: string;
  kind: string;
  used_nbytes: number;
  total_nbytes: number;
  limit_nbytes: number | null;
  pinned_nbytes: number;
  slabs: number;
  dead_nbytes: number;
}

export interface Figures {
  card: Card | null;
  pool: Pool | null;
}

export interface Facts {
  device: string;
  pointer: string;
  nbytes: number;
  readonly: boolean;
  owner: string;
  owner_nbytes: number | null;
  offset: number | null;
  alignment: number;
  memory: string;
  pending: boolean;
  fitting: string[];
  is_view: boolean;
  dtype: string;
}

export interface Counted {
  dtype: string;
  count: number;
  counted: number;
  nan: number;
  infinite: number;
  zeros: number;
  minimum: string | null;
  maximum: string | null;
  mean: string | null;
  histogram: number[];
  rest: number;
  /** What came to the host of the bytes of a device, and how long it took. */
  host_nbytes: number;
  seconds: number;
  complete: boolean;
}

/** Cells of a strip, each field a column. */
export interface CellColumns {
  start: number[];
  nbytes: number[];
  live_nbytes: number[];
  first: number[];
  count: number[];
  key: string[];
}

/** Memory that is drawn as one line. */
export interface Strip {
  strip: number;
  /** One piece of memory of several values, or values with a piece each. */
  kind: "shared" | "own";
  device: string;
  pointer: string | null;
  nbytes: number;
  live_nbytes: number;
  nvalues: number;
  cells: CellColumns;
}

export interface MapFigures {
  /** The number of the drawing, which positions refer to. */
  map: number;
  nvalues: number;
  nbytes: number;
  region_nbytes: number;
  regions: number;
  complete: boolean;
  hidden_regions: number;
  hidden_values: number;
  hidden_nbytes: number;
}

export interface Resident {
  at: number;
  key: string;
  offset: number;
  nbytes: number;
}

export interface Picked {
  value: number;
  key: string;
}

declare module "../kernel/requests.ts" {
  interface Requests {
    device_status: {
      args: { refresh: boolean };
      part: DeviceStatus;
      result: DeviceStatus;
    };
    device_figures: { args: Record<string, never>; part: never; result: Figures };
    memory_map: { args: Record<string, never>; part: Strip; result: MapFigures };
    memory_values: {
      args: { map: number; strip: number; start: number; count: number };
      part: never;
      result: Resident[];
    };
    memory_pick: {
      args: { map: number; strip: number; at: number };
      part: never;
      result: Picked;
    };
    memory_find: { args: { key: string }; part: never; result: Picked };
    buffer_facts: { args: { value: number }; part: never; result: Facts };
    buffer_statistics: {
      args: { dtype: string; value: number };
      part: Counted;
      result: Counted;
    };
    buffer_bytes: {
      args: { start: number; stop: number; value: number };
      part: { start: number };
      result: number;
    };
    buffer_values: {
      args: { dtype: string; start: number; count: number; value: number };
      part: never;
      result: string[];
    };
  }
}
