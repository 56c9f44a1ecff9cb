// What stands over the explorer for a moment.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../parts/problem.tsx";
import { formatBytes, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import type { Explorer } from "./explorer.ts";
import { HELP } from "./keyboard.ts";
import { nameOf, prefixesOf } from "./level.ts";

interface DialogProps {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}

function Dialog({ label, onClose, children }: DialogProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus({ preventScroll: true });
    return () => before instanceof HTMLElement && before.focus({ preventScroll: true });
  }, []);
  return (
    <div class="zs-explorer-shade">
      <div
        ref={box}
        class="zs-explorer-dialog"
        role="dialog"
        aria-modal="true"
        aria-label={label}
        tabIndex={-1}
        data-lm-suppress-shortcuts="true"
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") onClose();
        }}
      >
        {children}
      </div>
    </div>
  );
}

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label="Keys of the keyboard" onClose={onClose}>
      <table class="zs-explorer-help">
        <tbody>
          {HELP.map(([keys, what]) => (
            <tr key={keys}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="zs-explorer-buttons">
        <button type="button" class="zs-button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

const MOST_SHOWN = 10;

export function DeleteDialog(props: { explorer: Explorer; onClose: () => void }) {
  const { explorer, onClose } = props;
  const [keys] = useState(() => [...explorer.selection.keys]);
  const [error, setError] = useState<unknown>(null);
  const folders = keys.filter((key) => key.endsWith("/"));
  useEffect(() => {
    void explorer.sizes.count(folders);
  }, []);
  const sizes = folders.map((key) => explorer.sizes.known.get(key));
  const isCounted = sizes.every((size) => size?.complete && !size.isOld);
  const nkeys = sizes.reduce(
    (sum, size) => sum + (size?.nkeys ?? 0),
    keys.length - folders.length,
  );
  const nbytes = sizes.reduce((sum, size) => sum + (size?.nbytes ?? 0), 0);
  const remove = async () => {
    try {
      await explorer.channel.call("delete", { keys }, { onPart: () => {} });
      onClose();
      explorer.selection.select(null);
      for (const parent of new Set(keys.map((key) => prefixesOf(key).at(-1) ?? ""))) {
        await explorer.levels.refresh(parent);
      }
      explorer.tell(`Deleted ${formatCounted(nkeys, "key")}.`);
    } catch (reason) {
      setError(reason);
    }
  };
  return (
    <Dialog label="Delete" onClose={onClose}>
      <p>
        Delete {isCounted ? "" : "at least "}
        <strong>{formatCounted(nkeys, "key")}</strong>
        {folders.length ? ` (${formatBytes(nbytes)} in folders)` : ""}? This cannot be
        undone.
      </p>
      <ul class="zs-explorer-doomed">
        {keys.slice(0, MOST_SHOWN).map((key) => (
          <li key={key} title={nameOf(key)}>
            <bdi class="zs-mono">{visible(key)}</bdi>
          </li>
        ))}
        {keys.length > MOST_SHOWN ? <li>… {keys.length - MOST_SHOWN} more</li> : null}
      </ul>
      {error ? <Problem error={error} /> : null}
      <div class="zs-explorer-buttons">
        <button type="button" class="zs-button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="zs-button zs-explorer-danger"
          disabled={!isCounted}
          onClick={() => void remove()}
        >
          Delete
        </button>
      </div>
    </Dialog>
  );
}
