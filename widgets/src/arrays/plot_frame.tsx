// The axes around a picture: ticks, numbers and names, with room for what is drawn inside.
import type { ComponentChildren } from "preact";
import { visible } from "../text/visible.ts";

export interface Mark {
  /** Pixels from the left or the top of the picture. */
  at: number;
  text: string;
}

interface PlotFrameProps {
  width: number;
  height: number;
  across: Mark[];
  /** Name of the horizontal axis. */
  acrossName: string;
  up: Mark[];
  upName: string;
  children: ComponentChildren;
}

export const LEFT = 64;
const BOTTOM = 40;
const TOP = 8;
/** Half of the last number stands out on the right. */
export const RIGHT = 20;
const LONGEST = 40;

/** Draws the axes; the children lie in the picture's own corner of coordinates. */
export function PlotFrame(props: PlotFrameProps) {
  const { width, height, across, acrossName, up, upName, children } = props;
  const name = (text: string) => visible(text).slice(0, LONGEST);
  return (
    <div
      class="zs-plot"
      style={{
        width: `${LEFT + width + RIGHT}px`,
        height: `${TOP + height + BOTTOM}px`,
      }}
    >
      <svg class="zs-plot-axes" aria-hidden="true" width="100%" height="100%">
        <g transform={`translate(${LEFT} ${TOP})`}>
          <rect
            class="zs-plot-edge"
            x="-0.5"
            y="-0.5"
            width={width + 1}
            height={height + 1}
          />
          {across.map(({ at, text }) => (
            <g key={at} transform={`translate(${at} ${height})`}>
              <line y2="4" class="zs-plot-edge" />
              <text y="16" text-anchor="middle">
                {text}
              </text>
            </g>
          ))}
          {up.map(({ at, text }) => (
            <g key={at} transform={`translate(0 ${at})`}>
              <line x2="-4" class="zs-plot-edge" />
              <text x="-7" dy="0.35em" text-anchor="end">
                {text}
              </text>
            </g>
          ))}
          <text class="zs-plot-name" x={width / 2} y={height + 33} text-anchor="middle">
            {name(acrossName)}
          </text>
          <text
            class="zs-plot-name"
            transform={`translate(${12 - LEFT} ${height / 2}) rotate(-90)`}
            text-anchor="middle"
          >
            {name(upName)}
          </text>
        </g>
      </svg>
      <div class="zs-plot-inside" style={{ left: `${LEFT}px`, top: `${TOP}px` }}>
        {children}
      </div>
    </div>
  );
}
