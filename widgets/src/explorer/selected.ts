/** What the explorer has selected, as its panes are told. */
export interface Selected {
  /** The key, or the prefix with its "/" at the end ("" for the root). */
  key: string;
  kind: "key" | "prefix";
  /** The size of the value (or what is known of the whole prefix), null: unknown. */
  nbytes: number | null;
  /** What zarr node a prefix is, null: neither, or not asked yet. */
  node: "group" | "array" | null;
  /** When a value was written, in milliseconds since 1970; absent, null or NaN: unknown. */
  modified?: number | null;
}
