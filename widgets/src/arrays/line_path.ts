// Lines as SVG paths, with gaps where there is no value.

type Place = (value: number) => number;

const short = (value: number) => Math.round(value * 100) / 100;

/** A line through points; a lone one is a dot. */
export function linePath(values: ArrayLike<number>, x: Place, y: Place): string {
  const steps: string[] = [];
  for (const [first, stop] of runsOf(values)) {
    for (let at = first; at < stop; at += 1)
      steps.push(`${at === first ? "M" : "L"}${short(x(at))} ${short(y(values[at] ?? 0))}`);
    if (stop - first === 1) steps.push("h0.01");
  }
  return steps.join("");
}

/** The band between two lines that have the same gaps. */
export function bandPath(
  least: ArrayLike<number>,
  largest: ArrayLike<number>,
  x: Place,
  y: Place,
): string {
  const steps: string[] = [];
  for (const [first, stop] of runsOf(least)) {
    for (let at = first; at < stop; at += 1)
      steps.push(
        `${at === first ? "M" : "L"}${short(x(at))} ${short(y(largest[at] ?? 0))}`,
      );
    for (let at = stop - 1; at >= first; at -= 1)
      steps.push(`L${short(x(at))} ${short(y(least[at] ?? 0))}`);
    steps.push("Z");
  }
  return steps.join("");
}

/** Start and stop of the stretches without a gap. */
export function runsOf(values: ArrayLike<number>): [number, number][] {
  const runs: [number, number][] = [];
  let first = -1;
  for (let at = 0; at <= values.length; at += 1) {
    const present = at < values.length && !Number.isNaN(values[at]);
    if (present && first < 0) first = at;
    if (!present && first >= 0) {
      runs.push([first, at]);
      first = -1;
    }
  }
  return runs;
}
