// One row of the tree.
import { Name } from "../parts/name.tsx";
import { sentenceOf } from "../parts/problem.tsx";
import {
  formatAsOf,
  formatBytes,
  formatCount,
  formatSeconds,
  formatTime,
} from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import type { Explorer } from "./explorer.ts";
import { Glyph, type GlyphKind } from "./glyph.tsx";
import { CHUNK, type Level, nameOf } from "./level.ts";
import { CHUNKS, type Row, type Spot, TAIL } from "./rows.ts";
import type { Size } from "./sizes.ts";

const METADATA = new Set([
  "zarr.json",
  ".zarray",
  ".zgroup",
  ".zattrs",
  ".zmetadata",
  "attributes.json",
]);

interface RowProps {
  explorer: Explorer;
  row: Row;
  id: string;
  top: number;
  onPick: (event: MouseEvent, row: Row) => void;
}

export function TreeRow({ explorer, row, id, top, onPick }: RowProps) {
  const { level, child, depth } = row;
  const canOpen = explorer.canOpen(row);
  const isOpen = explorer.isOpen(row);
  const { active } = explorer.selection;
  const isActive = active?.level === level && active.child === child;
  return (
    // The tree has the focus, and all keys.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={id}
      role="treeitem"
      class="zs-explorer-row"
      style={{ transform: `translateY(${top}px)` }}
      aria-level={depth + 1}
      aria-posinset={row.position}
      aria-setsize={level.more ? -1 : row.siblings}
      aria-selected={explorer.selection.has(row)}
      aria-expanded={canOpen ? isOpen : undefined}
      aria-busy={isOpen && isLoading(row) ? true : undefined}
      data-active={isActive}
      onClick={(event) => onPick(event, row)}
      onDblClick={() => canOpen && explorer.levels.toggle(row)}
    >
      <span class="zs-explorer-indent" style={{ width: `${depth * 14 + 4}px` }} />
      {canOpen ? (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys do the same
        // biome-ignore lint/a11y/noStaticElementInteractions: see above
        <span
          class={`zs-explorer-arrow${isOpen ? " zs-explorer-open" : ""}`}
          onClick={(event) => {
            event.stopPropagation();
            explorer.selection.select(row);
            explorer.levels.toggle(row);
          }}
          onDblClick={(event) => event.stopPropagation()}
        />
      ) : (
        <span class="zs-explorer-arrow-none" />
      )}
      {child === TAIL ? (
        <Tail explorer={explorer} level={level} />
      ) : child === CHUNKS ? (
        <ChunksCells explorer={explorer} row={row} />
      ) : (
        <EntryCells explorer={explorer} row={row} />
      )}
    </div>
  );
}

function isLoading({ level, child }: Spot): boolean {
  return (level.children.get(child)?.loadingSince ?? null) !== null;
}

function glyphOf(explorer: Explorer, { level, child }: Spot): GlyphKind {
  if (!level.isFolder(child)) {
    if (level.inChunks || level.kinds[child] === CHUNK) return "chunk";
    return METADATA.has(nameOf(level.names[child] ?? "")) ? "metadata" : "key";
  }
  if (level.isChunk(child)) return "chunks";
  const node = explorer.nodeOf({ level, child });
  return node && node.kind !== "unknown" ? node.kind : "folder";
}

function EntryCells({ explorer, row }: { explorer: Explorer; row: Row }) {
  const { level, child } = row;
  const name = level.names[child] ?? "";
  const isFolder = level.isFolder(child);
  const node = explorer.nodeOf(row);
  const size = explorer.sizes.of(row);
  return (
    <>
      <Glyph kind={glyphOf(explorer, row)} />
      <span class="zs-explorer-name" title={visible(name)}>
        <Name>{name}</Name>
        {isFolder ? <span class="zs-muted">/</span> : null}
      </span>
      {node?.problem ? (
        <span class="zs-explorer-warning" title={visible(node.problem)}>
          ⚠ {visible(node.problem)}
        </span>
      ) : node?.shape !== undefined ? (
        <span class="zs-explorer-about zs-muted">
          {node.shape || "one value"} {node.dtype}
        </span>
      ) : null}
      {size ? (
        <span class="zs-explorer-count zs-number zs-muted" title="keys below">
          {formatCount(size.nkeys)}
        </span>
      ) : null}
      <SizeCell explorer={explorer} row={row} size={size} />
    </>
  );
}

function ChunksCells({ explorer, row }: { explorer: Explorer; row: Row }) {
  const { level } = row;
  const size = explorer.sizes.of(row);
  const total = level.node?.nchunks;
  const noun = level.node?.sharded ? "shards" : "chunks";
  const of = typeof total === "number" ? ` of ${formatCount(total)}` : "";
  const present = size
    ? `${size.complete ? "" : "≥ "}${formatCount(size.nkeys)}${of} ${noun}`
    : typeof total === "number"
      ? `up to ${formatCount(total)} ${noun}`
      : noun;
  return (
    <>
      <Glyph kind="chunks" />
      <span class="zs-explorer-name">{present}</span>
      <SizeCell explorer={explorer} row={row} size={size} />
    </>
  );
}

/** The size of a row as a share of its level, if that is known in full. */
function shareOf(explorer: Explorer, { level, child }: Spot): number | null {
  const nbytes = explorer.nbytesOf({ level, child });
  const total = explorer.sizes.known.get(level.prefix)?.nbytes;
  if (Number.isNaN(nbytes) || !total) return null;
  return Math.min(1, nbytes / total);
}

interface SizeCellProps {
  explorer: Explorer;
  row: Row;
  /** What was counted; of a key, nothing. */
  size: Size | undefined;
}

function SizeCell({ explorer, row, size }: SizeCellProps) {
  const nbytes = explorer.nbytesOf(row);
  const share = shareOf(explorer, row);
  const complete = size?.complete ?? true;
  const exact = Number.isNaN(nbytes) ? "" : `${formatCount(nbytes)} bytes`;
  return (
    <>
      {explorer.sizes.isRunning(row) ? (
        <span class="zs-spinner" aria-hidden="true" />
      ) : null}
      <span
        class={`zs-explorer-size zs-number${size?.isOld ? " zs-explorer-old" : ""}`}
        title={`${exact}${whenOf(size)}`}
      >
        {Number.isNaN(nbytes) ? "" : `${complete ? "" : "≥ "}${formatBytes(nbytes)}`}
      </span>
      <span class="zs-explorer-bar" aria-hidden="true">
        {share === null ? null : (
          <span
            class={complete ? "zs-explorer-share" : "zs-explorer-share zs-explorer-hollow"}
            style={{ width: `${Math.max(2, share * 100)}%` }}
          />
        )}
      </span>
    </>
  );
}

/** When a size was counted, where that is not just now. */
function whenOf(size: Size | undefined): string {
  if (size?.isKept) return `, ${formatAsOf(size.countedAt, Date.now())}`;
  return size?.isOld ? `, counted at ${formatTime(size.countedAt)}` : "";
}

/** What is said at the end of a level. */
function Tail({ explorer, level }: { explorer: Explorer; level: Level }) {
  const loaded = level.names.length;
  if (level.error !== null) {
    const error = sentenceOf(level.error);
    return (
      <>
        <span class="zs-explorer-warning" role="alert" title={error}>
          ⚠ {error}
        </span>
        <button
          type="button"
          class="zs-button zs-explorer-inline"
          tabIndex={-1}
          onClick={() => explorer.levels.retry(level)}
        >
          Retry
        </button>
      </>
    );
  }
  if (level.loadingSince !== null) return <Loading explorer={explorer} level={level} />;
  if (level.more) {
    return (
      <button
        type="button"
        class="zs-button zs-explorer-inline"
        tabIndex={-1}
        onClick={() => explorer.levels.load(level)}
      >
        Load more ({formatCount(loaded)} so far)
      </button>
    );
  }
  return <span class="zs-muted">{emptyOf(explorer, level)}</span>;
}

function emptyOf({ search }: Explorer, level: Level): string {
  if (level.names.length) return "Nothing here matches the filter.";
  if (level === search.level && search.text) return "No name has this text.";
  const where = level.prefix ? visible(level.prefix) : "the root";
  return `Nothing under ${where} (0 keys).`;
}

function Loading({ explorer, level }: { explorer: Explorer; level: Level }) {
  const seconds = (performance.now() - (level.loadingSince ?? 0)) / 1000;
  const sofar = level.names.length ? ` ${formatCount(level.names.length)} so far` : "";
  return (
    <>
      <span class="zs-explorer-skeleton zs-muted">
        Loading…{sofar}
        {seconds >= 2 ? ` ${formatSeconds(Math.floor(seconds))}` : ""}
      </span>
      {seconds >= 2 ? (
        <button
          type="button"
          class="zs-button zs-explorer-inline"
          tabIndex={-1}
          onClick={() => explorer.levels.stopLoading(level)}
        >
          Stop
        </button>
      ) : null}
    </>
  );
}
