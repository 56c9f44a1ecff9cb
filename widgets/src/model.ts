// The traits of the Python models, all of them read-only here: a view asks, by requests.
// tests/widgets compares the names with the traits in Python.
import type { AnyModel } from "@anywidget/types";

/** What every view has. */
export interface ViewState {
  /** Which view it is, the name of its Python class. */
  view: string;
  /** What it shows, for the header: the store, as text. */
  title: string;
  /** Height of the view in pixels. */
  height: number;
  /** The last state as plain text: what is shown where no kernel answers. */
  still: string;
}

export interface StoreExplorerState extends ViewState {
  /** Whether values can be deleted. */
  editable: boolean;
  /** The key that Python asked to show last; "" before. */
  revealed: string;
  /** Whether sizes may be known from a snapshot. */
  has_snapshot: boolean;
}

export type Model<State extends ViewState = ViewState> = AnyModel<
  State & Record<string, unknown>
>;
