// Which colour is what: those that are shown.
import type { Kind, Level } from "./level.ts";
import { SIGNS } from "./level.ts";

const WORDS = new Map<Kind, string>([
  ["group", "Group"],
  ["array", "Array"],
  ["chunks", "Chunks"],
  ["metadata", "Metadata"],
  ["other", "Other"],
  ["rest", "Smaller ones"],
]);

export function wordOf(kind: Kind): string {
  return WORDS.get(kind) ?? kind;
}

export function Legend({ level }: { level: Level }) {
  const kinds = new Set(level.boxes.flatMap((box) => [box, ...box.inside]).map(kindOf));
  return (
    <ul class="zs-legend zs-sizes-legend" aria-label="Colours">
      {[...WORDS.keys()]
        .filter((kind) => kinds.has(kind))
        .map((kind) => (
          <li key={kind} class="zs-legend-entry">
            <span class="zs-sizes-swatch" data-kind={kind} aria-hidden="true">
              {SIGNS.get(kind)}
            </span>
            {wordOf(kind)}
          </li>
        ))}
    </ul>
  );
}

function kindOf(box: { kind: Kind }): Kind {
  return box.kind;
}
