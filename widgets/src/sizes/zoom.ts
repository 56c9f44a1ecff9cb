// What is entered grows out of its box, and shrinks back into it.
import type { Placed } from "./layout.ts";

interface Drawn {
  path: string;
  placed: readonly Placed[];
}

interface Frame {
  transform: string;
  opacity: number;
}

const MILLISECONDS = 260;

/** The first frame of the way from one level to another; none if they lie apart. */
export function firstFrame(
  from: Drawn,
  to: Drawn,
  [width, height]: [number, number],
): Frame | undefined {
  const entered = to.path !== "" && `${to.path}/`.startsWith(slashed(from.path));
  const box = entered ? around(from.placed, to.path) : around(to.placed, from.path);
  if (!box || width <= 0 || height <= 0) return undefined;
  const [across, down] = [box.width / width, box.height / height];
  const transform = entered
    ? `translate(${box.x}px, ${box.y}px) scale(${across}, ${down})`
    : `scale(${1 / across}, ${1 / down}) translate(${-box.x}px, ${-box.y}px)`;
  return { transform, opacity: 0.3 };
}

/** Move a layer that was drawn just now from where its content was before. */
export function zoomBetween(
  layer: HTMLElement,
  from: Drawn,
  to: Drawn,
  area: [number, number],
): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const first = firstFrame(from, to, area);
  if (!first) return;
  layer.animate([{ ...first }, { transform: "none", opacity: 1 }], {
    duration: MILLISECONDS,
    easing: "ease-out",
  });
}

function slashed(path: string): string {
  return path === "" ? "" : `${path}/`;
}

/** The smallest box that is a path or holds it. */
function around(placed: readonly Placed[], path: string): Placed | undefined {
  return placed.findLast(
    ({ box }) => box.kind !== "rest" && `${path}/`.startsWith(`${box.path}/`),
  );
}
