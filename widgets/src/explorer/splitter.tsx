// A border that can be dragged, or moved by the arrow keys.

interface SplitterProps {
  label: string;
  /** Where it is, from 0 to 1, for those who do not see it. */
  value: number;
  /** Whether it moves up and down. */
  isRow?: boolean;
  onMove: (pixels: number) => void;
}

const STEP = 20;

export function Splitter({ label, value, isRow = false, onMove }: SplitterProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const [less, more] = isRow ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(event.key === more ? STEP : -STEP);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) return;
    onMove(isRow ? event.movementY : event.movementX);
  };
  return (
    // A separator that can be focused is a widget, says ARIA.
    <div
      role="separator"
      class={`zs-explorer-splitter${isRow ? " zs-explorer-splitter-row" : ""}`}
      aria-label={label}
      aria-orientation={isRow ? "horizontal" : "vertical"}
      aria-valuenow={Math.round(value * 100)}
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
    />
  );
}
