// A list to choose one thing from, with its label before it.
import { visible } from "../text/visible.ts";
import { axisName } from "./chunk_keys.ts";
import type { GridFacts } from "./requests.ts";

/** A value and how it is shown. */
export type Option = readonly [value: string | number, text: string, disabled?: boolean];

interface ChoiceProps {
  label: string;
  value: string | number;
  options: readonly Option[];
  onChoose: (value: string) => void;
}

export function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label class="zs-field">
      <span class="zs-muted">{label}</span>
      <select
        class="zs-select zs-choice"
        data-lm-suppress-shortcuts="true"
        value={value}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {options.map(([each, text, disabled = false]) => (
          <option key={each} value={each} disabled={disabled}>
            {visible(text)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The axes of an array, with how many places each has. */
export function axisOptions(facts: GridFacts, counts: readonly number[]): Option[] {
  return counts.map((count, axis) => [
    axis,
    `${axisName(facts, axis)} (${count.toLocaleString()})`,
  ]);
}
