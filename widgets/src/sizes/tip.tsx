// What the pointer is on, exactly.
import { Name } from "../parts/name.tsx";
import { formatBytes, formatCount, formatCounted, formatShare } from "../text/numbers.ts";
import type { Placed } from "./layout.ts";
import { wordOf } from "./legend.tsx";
import type { Box, Level } from "./level.ts";

interface TipProps {
  placed: Placed;
  level: Level;
  x: number;
  y: number;
  area: [number, number];
}

const AWAY = 12;
// Less is not nothing.
const LEAST = 0.001;

export function Tip({ placed, level, x, y, area: [width, height] }: TipProps) {
  // On the side where there is room.
  const style = {
    [x < width / 2 ? "left" : "right"]: `${(x < width / 2 ? x : width - x) + AWAY}px`,
    [y < height / 2 ? "top" : "bottom"]: `${(y < height / 2 ? y : height - y) + AWAY}px`,
  };
  const { box } = placed;
  return (
    <div class="zs-tip zs-sizes-tip" role="tooltip" style={style}>
      <div class="zs-sizes-tip-name">
        <Name>{box.kind === "rest" ? box.name : box.path}</Name>
      </div>
      <div>
        {wordOf(box.kind)} · {formatBytes(box.nbytes)}
        {box.nbytes >= 1000 ? ` (${formatCount(box.nbytes)} bytes)` : ""}
      </div>
      <div>
        {formatCounted(box.nkeys, "key")} · {shareOf(box, level)} of the bytes shown
      </div>
    </div>
  );
}

/** The share of what is shown that a box has, as text. */
export function shareOf(box: Box, level: Level): string {
  const share = level.nbytes > 0 ? box.nbytes / level.nbytes : 0;
  return share > 0 && share < LEAST ? `< ${formatShare(LEAST)}` : formatShare(share);
}
