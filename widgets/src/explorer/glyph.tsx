// What a row is, as a small picture; its kind is the word for those who do not see it.

export type GlyphKind =
  | "group"
  | "array"
  | "folder"
  | "chunks"
  | "chunk"
  | "metadata"
  | "key";

// Drawn on 16 by 16 pixels, with lines of 1.3; own drawings, since a host need not have icons.
const PATHS = new Map<GlyphKind, string>([
  ["group", "M2 4.5h4.2l1.3 1.6H14v7H2zM5 9.6h6M8 7.6v4"],
  ["array", "M2.5 2.5h11v11h-11zM2.5 6.2h11M2.5 9.8h11M6.2 2.5v11M9.8 2.5v11"],
  ["folder", "M2 4.5h4.2l1.3 1.6H14v7H2z"],
  [
    "chunks",
    "M2.5 2.5h4.4v4.4H2.5zM9.1 2.5h4.4v4.4H9.1zM2.5 9.1h4.4v4.4H2.5zM9.1 9.1h4.4v4.4H9.1z",
  ],
  ["chunk", "M4.5 4.5h7v7h-7z"],
  [
    "metadata",
    "M6 2.8c-2 0-1.6 1.5-1.6 3S3.6 8 2.7 8c.9 0 1.7.7 1.7 2.2s-.4 3 1.6 3M10 2.8c2 0 1.6 1.5 1.6 3S12.4 8 13.3 8c-.9 0-1.7.7-1.7 2.2s.4 3-1.6 3",
  ],
  ["key", "M4 2.5h5l3 3v8H4zM9 2.5v3h3"],
]);

export function Glyph({ kind }: { kind: GlyphKind }) {
  return (
    <svg
      class={`zs-explorer-glyph zs-explorer-${kind}`}
      viewBox="0 0 16 16"
      role="img"
      aria-label={kind}
    >
      <path d={PATHS.get(kind) ?? ""} />
    </svg>
  );
}
