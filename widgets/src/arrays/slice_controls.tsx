// Which slice of an array is shown: axes, ranges along them, and places on the others.
import { visible } from "../text/visible.ts";
import { axisOptions, Choice } from "./choice.tsx";
import {
  axesOf,
  type Form,
  formOf,
  formsOf,
  isWhole,
  otherAxes,
  withAxis,
  withIndex,
} from "./choices.ts";
import { axisName } from "./chunk_keys.ts";
import type { ArrayFacts, SliceResult, Wanted } from "./requests.ts";

interface SliceControlsProps {
  facts: ArrayFacts;
  slice: SliceResult;
  wanted: Wanted;
  onWant: (wanted: Wanted) => void;
}

const FORM_NAMES = new Map<Form, string>([
  ["image", "Image"],
  ["picture", "Heatmap"],
  ["line", "Line"],
]);
const ROLES = new Map<Form, string[]>([
  ["image", ["Rows", "Columns"]],
  ["picture", ["Rows", "Columns"]],
  ["line", ["Along"]],
]);

export function SliceControls({ facts, slice, wanted, onWant }: SliceControlsProps) {
  const form = formOf(slice.axes);
  const forms = formsOf(facts);
  const index = wanted.index ?? slice.index;
  const withAxes = (axes: number[]) => onWant({ ...wanted, axes, index, window: [] });
  return (
    <div class="zs-slice-controls">
      <div class="zs-bar">
        {forms.length > 1 ? (
          <fieldset class="zs-segments">
            <legend class="zs-unseen">Shown as</legend>
            {forms.map((each) => (
              <button
                key={each}
                type="button"
                class="zs-button"
                aria-pressed={each === form}
                onClick={() =>
                  each === form ||
                  withAxes(axesOf(each, slice.axes.slice(0, 2), facts.shape.length))
                }
              >
                {FORM_NAMES.get(each)}
              </button>
            ))}
          </fieldset>
        ) : null}
        {facts.fields.length ? (
          <Choice
            label="Field"
            value={wanted.field ?? facts.fields[0] ?? ""}
            options={facts.fields.map((field) => [field, field])}
            onChoose={(field) => onWant({ ...wanted, axes: slice.axes, index, field })}
          />
        ) : null}
        {(ROLES.get(form) ?? []).map((role, place) => (
          <AxisChooser
            key={role}
            {...{ facts, slice, role, place, onWant, wanted }}
            onAxis={(axis) => withAxes(withAxis(slice.axes, place, axis))}
          />
        ))}
        {isWhole(facts, slice) ? null : (
          <button
            type="button"
            class="zs-button"
            onClick={() => onWant({ ...wanted, axes: slice.axes, index, window: [] })}
          >
            Show all
          </button>
        )}
      </div>
      {otherAxes(facts, slice.axes).map((axis) => (
        <PlaceSlider
          key={axis}
          name={axisName(facts, axis)}
          count={facts.shape[axis] ?? 1}
          at={index[axis] ?? 0}
          onAt={(at) => onWant(withIndex(slice, wanted, axis, at))}
        />
      ))}
    </div>
  );
}

interface AxisChooserProps extends SliceControlsProps {
  role: string;
  place: number;
  onAxis: (axis: number) => void;
}

/** Which axis runs down or across, and from where to where. */
function AxisChooser(props: AxisChooserProps) {
  const { facts, slice, wanted, role, place, onAxis, onWant } = props;
  const axis = slice.axes[place] ?? 0;
  const length = facts.shape[axis] ?? 1;
  const name = axisName(facts, axis);
  const onEnd = (end: 0 | 1, value: number) => {
    const window = [...slice.window];
    // People name the last element, and a range ends after it.
    window[2 * place + end] = value + end;
    const index = wanted.index ?? slice.index;
    onWant({ ...wanted, axes: slice.axes, index, window });
  };
  return (
    <span class="zs-axis">
      {slice.axes.length === 3 || facts.shape.length === 1 ? (
        <span class="zs-muted">{visible(name)}</span>
      ) : (
        <Choice
          label={role}
          value={axis}
          options={axisOptions(facts, facts.shape)}
          onChoose={(value) => onAxis(Number(value))}
        />
      )}
      {([0, 1] as const).map((end) => (
        <>
          {end ? "–" : null}
          <NumberField
            label={`${end ? "Last" : "First"} of ${visible(name)}`}
            value={(slice.window[2 * place + end] ?? 0) - end}
            largest={length - 1}
            onValue={(value) => onEnd(end, value)}
          />
        </>
      ))}
    </span>
  );
}

interface PlaceSliderProps {
  name: string;
  count: number;
  at: number;
  onAt: (at: number) => void;
}

/** Where on an axis: to be dragged, or typed. */
export function PlaceSlider({ name, count, at, onAt }: PlaceSliderProps) {
  return (
    <div class="zs-place">
      <span class="zs-place-name" title={visible(name)}>
        {visible(name)}
      </span>
      <input
        class="zs-place-slider"
        type="range"
        aria-label={visible(name)}
        data-lm-suppress-shortcuts="true"
        min="0"
        max={count - 1}
        value={at}
        onInput={(event) => onAt(Number(event.currentTarget.value))}
        onKeyDown={(event) => event.stopPropagation()}
      />
      <NumberField
        label={`Place on ${visible(name)}`}
        value={at}
        largest={count - 1}
        onValue={onAt}
      />
      <span class="zs-muted zs-place-count">of {(count - 1).toLocaleString()}</span>
    </div>
  );
}

interface NumberFieldProps {
  label: string;
  value: number;
  largest: number;
  onValue: (value: number) => void;
}

function NumberField({ label, value, largest, onValue }: NumberFieldProps) {
  return (
    <input
      class="zs-input zs-number-field"
      type="number"
      aria-label={label}
      data-lm-suppress-shortcuts="true"
      min="0"
      max={largest}
      value={value}
      style={{ width: `${Math.max(3, `${largest}`.length) + 4}ch` }}
      onKeyDown={(event) => event.stopPropagation()}
      onChange={(event) => {
        const typed = Math.round(Number(event.currentTarget.value));
        const next = Math.max(0, Math.min(largest, Number.isFinite(typed) ? typed : 0));
        event.currentTarget.value = `${next}`;
        onValue(next);
      }}
    />
  );
}
