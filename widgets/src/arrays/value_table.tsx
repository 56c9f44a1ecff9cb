// A few elements as a table of texts, with all their digits.
import { visible } from "../text/visible.ts";
import { axisName } from "./chunk_keys.ts";
import type { ArrayFacts, SliceResult } from "./requests.ts";

interface ValueTableProps {
  facts: ArrayFacts;
  slice: SliceResult;
  cells: string[];
}

export function ValueTable({ facts, slice, cells }: ValueTableProps) {
  if (slice.axes.length === 0)
    return <output class="zs-array-alone">{visible(cells[0] ?? "")}</output>;
  const flat = slice.axes.length === 1;
  // A line stands upright: one value in a row.
  const [rows = 1, columns = 1] = flat ? [slice.samples[0], 1] : slice.samples;
  const [top = 0] = slice.window;
  const left = flat ? 0 : (slice.window[2] ?? 0);
  const name = (axis: number) => visible(axisName(facts, slice.axes[axis] ?? 0));
  const numeric = slice.what === "number" || slice.what === "integer";
  return (
    <div class="zs-box zs-array-table">
      <table class="zs-table">
        <thead>
          <tr>
            <th scope="col">{flat ? name(0) : `${name(0)} \\ ${name(1)}`}</th>
            {Array.from({ length: columns }, (_, column) => (
              <th key={column} scope="col" class="zs-number">
                {flat ? "value" : left + column * (slice.steps[1] ?? 1)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              <th scope="row" class="zs-number">
                {top + row * (slice.steps[0] ?? 1)}
              </th>
              {cells.slice(row * columns, (row + 1) * columns).map((text, column) => (
                <td key={column} class={numeric ? "zs-number" : "zs-array-text"}>
                  <bdi>{visible(text)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
