// Colour scales that the eye reads evenly: steps of one size look like steps of one size.
//
// Computed in OKLab (Björn Ottosson, 2020), where lightness is what people see as such.

export type ScaleKind = "linear" | "log" | "diverging";

/** 256 colours, as red, green and blue from 0 to 255 each. */
export type Table = Uint8ClampedArray;

const COUNT = 256;

/** OKLab lightness, chroma and hue in degrees to sRGB from 0 to 255. */
export function rgbOf(
  lightness: number,
  chroma: number,
  hue: number,
): [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channel(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function channel(linear: number): number {
  const clipped = Math.max(0, Math.min(1, linear));
  const curved =
    clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * curved);
}

function table(colourAt: (share: number) => [number, number, number]): Table {
  const colours = new Uint8ClampedArray(3 * COUNT);
  for (let at = 0; at < COUNT; at += 1) colours.set(colourAt(at / (COUNT - 1)), 3 * at);
  return colours;
}

/** From dark violet over teal to light yellow. */
const SEQUENTIAL = table((share) =>
  rgbOf(0.25 + 0.67 * share, 0.11 + 0.05 * share ** 3, 300 - 200 * share),
);

/** Blue below, light in the middle, orange above. */
const DIVERGING = table((share) => {
  const far = Math.abs(2 * share - 1);
  return rgbOf(0.95 - 0.5 * far, 0.15 * far, share < 0.5 ? 255 : 45);
});

/** Places numbers on a scale, from 0 to 1. */
export interface ColourScale {
  kind: ScaleKind;
  least: number;
  largest: number;
  table: Table;
  /** NaN for what has no place on it: not a number, or not positive on a log scale. */
  shareOf: (value: number) => number;
  /** The number that stands at a place. */
  valueAt: (share: number) => number;
}

/** A scale over a range of numbers; `positive` is where a log scale begins. */
export function colourScale(
  kind: ScaleKind,
  least: number,
  largest: number,
  positive: number | null = null,
): ColourScale {
  if (kind === "log" && positive !== null && largest > 0) {
    const low = Math.log10(positive);
    const span = Math.log10(largest) - low || 1;
    const shareOf = (value: number) =>
      value > 0 ? clamp((Math.log10(value) - low) / span) : Number.NaN;
    const valueAt = (share: number) => 10 ** (low + share * span);
    return { kind, least: positive, largest, table: SEQUENTIAL, shareOf, valueAt };
  }
  const diverging = kind === "diverging";
  const reach = Math.max(Math.abs(least), Math.abs(largest));
  const [low, high] = diverging ? [-reach, reach] : [least, largest];
  // Halved first: the distance of the largest numbers would be infinite.
  const half = high / 2 - low / 2;
  return {
    kind: diverging ? "diverging" : "linear",
    least: low,
    largest: high,
    table: diverging ? DIVERGING : SEQUENTIAL,
    shareOf: (value) => (half ? clamp((value / 2 - low / 2) / half) : value - value + 0.5),
    valueAt: (share) => low + 2 * (share * half),
  };
}

// NaN stays NaN, and the infinite ends lie at the ends.
function clamp(share: number): number {
  return share < 0 ? 0 : Math.min(share, 1);
}

/** The scale as a CSS gradient. */
export function gradientOf(colours: Table): string {
  const stops: string[] = [];
  for (let at = 0; at < COUNT; at += 15)
    stops.push(`rgb(${[...colours.subarray(3 * at, 3 * at + 3)].join(" ")})`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/** Red, green, blue and opacity of each number; what has no place is see-through. */
export function pixelsOf(
  numbers: ArrayLike<number>,
  scale: ColourScale,
  fill: number | null,
  fillColour: readonly [number, number, number],
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * numbers.length);
  const { table: colours, shareOf } = scale;
  for (let at = 0; at < numbers.length; at += 1) {
    const value = numbers[at] ?? Number.NaN;
    const share = shareOf(value);
    if (fill !== null && value === fill) {
      pixels.set(fillColour, 4 * at);
      pixels[4 * at + 3] = 255;
    } else if (!Number.isNaN(share)) {
      const from = 3 * Math.round(share * (COUNT - 1));
      pixels[4 * at] = colours[from] ?? 0;
      pixels[4 * at + 1] = colours[from + 1] ?? 0;
      pixels[4 * at + 2] = colours[from + 2] ?? 0;
      pixels[4 * at + 3] = 255;
    }
  }
  return pixels;
}
