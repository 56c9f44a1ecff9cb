// A choice with its label, and the choice of the calls that a tab is about.
import { visible } from "../text/visible.ts";
import type { RecordingSummary } from "./calls.ts";

interface PickProps<T> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

export function Pick<T extends string | number>(props: PickProps<T>) {
  const { label, value, options, onChange } = props;
  return (
    <label class="zs-field">
      <span class="zs-muted">{label}</span>
      <select
        class="zs-select"
        value={String(value)}
        onChange={({ currentTarget }) => {
          const option = options[currentTarget.selectedIndex];
          if (option) onChange(option[0]);
        }}
      >
        {options.map(([each, text]) => (
          <option key={each} value={String(each)}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Recordings to choose from, by number, under the names that they are shown by. */
export function choices(recordings: RecordingSummary[], all?: string): [number, string][] {
  const named = recordings.map(({ number, label }): [number, string] => [
    number,
    `${number}. ${visible(label)}`,
  ]);
  return all ? [[0, all], ...named] : named;
}
