// Where the boxes of a treemap lie, in pixels, and what is drawn of each.
import { type HierarchyRectangularNode, hierarchy, treemap } from "d3-hierarchy";
import { type Box, type Kind, type Level, weightOf } from "./level.ts";

export interface Placed {
  box: Box;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Whether others are drawn in it, so that its label is a strip at its top. */
  divided: boolean;
}

export const HEAD = 18;
const PAD = 2;
// Room for a label that is cut, and for its size in a second line.
const LABEL = { width: 50, height: 15 };
const SIZE_HEIGHT = 31;
// Below it, a box within a box is nothing but its frame.
const DIVISIBLE = { width: 26, height: 30 };
const MAX_LABELS = 220;
// Pixels, on average.
const LETTER = 6.8;

interface Item {
  box?: Box;
  weight: number;
  items: Item[];
}

type Node = HierarchyRectangularNode<Item>;

const isDivisible = (node: Node): boolean =>
  node.x1 - node.x0 >= DIVISIBLE.width && node.y1 - node.y0 >= DIVISIBLE.height;

/** Place the boxes of a level, outer ones before those inside them. */
export function placedIn(level: Level, width: number, height: number): Placed[] {
  if (width <= 0 || height <= 0) return [];
  const item = (box: Box): Item => ({
    box,
    weight: box.inside.length > 0 ? 0 : Math.max(0, weightOf(box, level.by)),
    items: box.inside.map(item),
  });
  const root = hierarchy<Item>(
    { weight: 0, items: level.boxes.map(item) },
    (each) => each.items,
  ).sum((each) => each.weight);
  const place = treemap<Item>()
    .size([width, height])
    .paddingInner(1)
    .paddingTop((node) => (node.depth === 1 && isDivisible(node) ? HEAD : 0))
    .paddingRight((node) => (node.depth === 1 ? PAD : 0))
    .paddingBottom((node) => (node.depth === 1 ? PAD : 0))
    .paddingLeft((node) => (node.depth === 1 ? PAD : 0));
  const placed: Placed[] = [];
  for (const upper of place(root).children ?? []) {
    const inside = isDivisible(upper) ? (upper.children ?? []) : [];
    add(placed, upper, inside.length > 0);
    for (const node of inside) add(placed, node, false);
  }
  return placed;
}

function add(placed: Placed[], node: Node, divided: boolean): void {
  const [width, height] = [node.x1 - node.x0, node.y1 - node.y0];
  const { box } = node.data;
  if (!box || !(width > 0) || !(height > 0)) return;
  placed.push({ box, x: node.x0, y: node.y0, width, height, divided });
}

/** The innermost box at a point. */
export function boxAt(placed: readonly Placed[], x: number, y: number): Placed | undefined {
  return placed.findLast(
    (each) =>
      x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + each.height,
  );
}

/** Those with room for a name, the largest first. */
export function labelled(placed: readonly Placed[]): Placed[] {
  return placed
    .filter((each) => {
      const whole = labelOf(each).length * LETTER + 10;
      return each.width >= Math.min(LABEL.width, whole) && each.height >= LABEL.height;
    })
    .sort((a, b) => b.width * b.height - a.width * a.height)
    .slice(0, MAX_LABELS);
}

/** The name of a box as it fits: the last of several folders where there is little room. */
export function labelOf({ box, width }: Placed): string {
  const name = box.opens ? `${box.name}/` : box.name;
  const room = (width - 10) / LETTER;
  const last = name.lastIndexOf("/", name.length - 2);
  return name.length > room && last >= 0 ? name.slice(last + 1) : name;
}

/** Whether a text of so many letters fits after the name, or below it. */
export function hasRoomFor(each: Placed, name: string, text: string): boolean {
  if (each.divided) return each.width - 20 >= (name.length + text.length) * LETTER;
  return each.height >= SIZE_HEIGHT && each.width - 10 >= text.length * LETTER * 0.9;
}

export interface Shape {
  kind: Kind;
  upper: boolean;
  path: string;
}

/** One outline for all boxes that look the same: few elements, however many boxes. */
export function shapesOf(placed: readonly Placed[]): Shape[] {
  const shapes = new Map<string, Shape>();
  for (const each of placed) {
    const { kind } = each.box;
    const upper = each.divided;
    const key = `${upper ? 0 : 1} ${kind}`;
    const shape = shapes.get(key) ?? { kind, upper, path: "" };
    const [x, y, width, height] = [each.x, each.y, each.width, each.height].map(round);
    shape.path += `M${x} ${y}h${width}v${height}h-${width}z`;
    shapes.set(key, shape);
  }
  // Frames lie below what is in them.
  return [...shapes.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, shape]) => shape);
}

function round(pixels: number | undefined): number {
  return Math.round((pixels ?? 0) * 10) / 10;
}
