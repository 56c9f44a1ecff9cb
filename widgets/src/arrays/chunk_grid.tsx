// A grid of cells coloured in five steps of one hue: which chunks are there, how large they
// are, how often they were read. A cell where nothing is, is hollow.
import { useLayoutEffect, useRef } from "preact/hooks";
import { sharpContext, useTheme, useWidth, variable } from "./canvas.ts";
import { CellPad } from "./cell_pad.tsx";
import { type Cell, cellSizeOf, WITH_GAP } from "./grid_geometry.ts";

/** Which hue: "size" is blue, "heat" is orange. */
export type Palette = "size" | "heat";

export interface ChunkGridProps {
  /** Rows and columns of cells, 40,000 at most together: see chunk_blocks.ts for more. */
  counts: readonly [rows: number, columns: number];
  /** How full or hot a cell is, 0 to 1; null: nothing is there. Another function redraws. */
  valueOf: (row: number, column: number) => number | null;
  /** What the tooltip says and a screen reader hears; "\n" begins a line. */
  labelOf: (row: number, column: number) => string;
  onPick?: ((row: number, column: number) => void) | undefined;
  onHover?: ((cell: Cell | null) => void) | undefined;
  palette?: Palette;
  /** What the grid shows, for screen readers. */
  label?: string;
  /** Room in pixels; the width is that of the place. */
  maxHeight?: number;
}

export const STEPS = 5;

/** Which of the five steps a value has, 1 to 5. */
export function stepOf(value: number): number {
  return Math.max(1, Math.min(STEPS, Math.ceil(value * STEPS)));
}

/** The canvas, and the pad over it. */
export function ChunkGridCanvas(props: ChunkGridProps) {
  const { counts, labelOf, onPick, onHover } = props;
  const { palette = "size", label = "chunks", maxHeight = 340 } = props;
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(place);
  const theme = useTheme();
  const size = cellSizeOf(counts, width, maxHeight);
  // Only then: what scrolls also cuts off the tooltips.
  const wide = counts[1] * size.width > width;

  useLayoutEffect(() => {
    if (!canvas.current || !width) return;
    const drawn = [counts[1] * size.width, counts[0] * size.height] as const;
    const context = sharpContext(canvas.current, ...drawn);
    if (!context) return;
    const colours = coloursOf(canvas.current, palette);
    const gap = Math.min(size.width, size.height) >= WITH_GAP ? 1 : 0;
    for (let row = 0; row < counts[0]; row += 1)
      for (let column = 0; column < counts[1]; column += 1) {
        const [x, y] = [column * size.width, row * size.height];
        const box = [x, y, size.width - gap, size.height - gap] as const;
        drawCell(context, box, props.valueOf(row, column), colours, gap > 0);
      }
  }, [
    counts[0],
    counts[1],
    props.valueOf,
    size.width,
    size.height,
    palette,
    theme,
    width > 0,
  ]);

  return (
    <div class={wide ? "zs-grid zs-grid-wide" : "zs-grid"} ref={place}>
      <div class="zs-grid-inner">
        <canvas ref={canvas} class="zs-grid-canvas" />
        <CellPad
          label={`${label}; arrow keys move, Enter opens`}
          counts={counts}
          size={size}
          labelOf={labelOf}
          onPick={onPick}
          onHover={onHover}
        />
      </div>
    </div>
  );
}

type Box = readonly [x: number, y: number, width: number, height: number];

interface Colours {
  steps: string[];
  line: string;
}

function coloursOf(element: Element, palette: Palette): Colours {
  const steps: string[] = [];
  for (let step = 1; step <= STEPS; step += 1)
    steps.push(variable(element, `--zs-${palette}-${step}`));
  return { steps, line: variable(element, "--zs-hollow") };
}

function drawCell(
  context: CanvasRenderingContext2D,
  [x, y, width, height]: Box,
  value: number | null,
  { steps, line }: Colours,
  hollow: boolean,
) {
  if (value !== null) {
    context.fillStyle = steps[stepOf(value) - 1] ?? line;
    context.fillRect(x, y, width, height);
  } else if (hollow) {
    context.strokeStyle = line;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  }
}

interface SwatchProps {
  palette?: Palette;
  /** 1 to 5, or null: the hollow one. */
  step: number | null;
}

/** The mark of one step, for legends. */
export function Swatch({ palette = "size", step }: SwatchProps) {
  const background = step === null ? "none" : `var(--zs-${palette}-${step})`;
  const kind = step === null ? "zs-swatch zs-swatch-hollow" : "zs-swatch";
  return <span class={kind} aria-hidden="true" style={{ background }} />;
}

interface StepLegendProps {
  palette?: Palette;
  /** Words for the two ends: "small", "large". */
  ends: readonly [string, string];
  /** Words for a cell where nothing is. */
  missing: string;
}

/** What the colours mean, in words. */
export function StepLegend({ palette = "size", ends, missing }: StepLegendProps) {
  return (
    <div class="zs-legend">
      <span class="zs-legend-entry">
        {ends[0]}
        <span class="zs-swatches">
          {[1, 2, 3, 4, 5].map((step) => (
            <Swatch key={step} palette={palette} step={step} />
          ))}
        </span>
        {ends[1]}
      </span>
      <span class="zs-legend-entry">
        <Swatch step={null} />
        {missing}
      </span>
    </div>
  );
}
