// What stands above the tree: where one is, what is shown of it, and what can be done.
import type { RefObject } from "preact";
import { Name } from "../parts/name.tsx";
import type { Explorer } from "./explorer.ts";
import { Icon, IconButton } from "./icons.tsx";
import { type Actions, levelAt } from "./keyboard.ts";
import { nameOf, prefixesOf } from "./level.ts";
import type { SortKey } from "./order.ts";

interface ToolbarProps {
  explorer: Explorer;
  actions: Actions & { save: () => void; askToDelete: () => void };
  /** What is shown, as text. */
  title: string;
  editable: boolean;
  filterBox: RefObject<HTMLInputElement | null>;
  onLeaveFilter: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { explorer, actions, title, editable } = props;
  const { selection } = explorer;
  const keys = [...selection.keys];
  const isOneKey = keys.length === 1 && !keys[0]?.endsWith("/");
  return (
    <div class="zs-toolbar zs-explorer-toolbar">
      <Crumbs explorer={explorer} title={title} />
      <Filter {...props} />
      <SortChoice explorer={explorer} />
      <IconButton
        icon="sum"
        label="Size the selection (s)"
        onClick={() => void explorer.sizes.countRows(selection.spots)}
      />
      <IconButton
        icon="refresh"
        label="Load again (r)"
        onClick={() => void explorer.levels.refresh(levelAt(explorer))}
      />
      <IconButton icon="copy" label="Copy the key (c)" onClick={actions.copyKeys} />
      <IconButton
        icon="code"
        label="Copy code that reads it (Shift+C)"
        onClick={actions.copyCode}
      />
      <IconButton
        icon="save"
        label="Download the value"
        disabled={!isOneKey}
        onClick={actions.save}
      />
      {editable ? (
        <IconButton
          icon="delete"
          label="Delete the selection…"
          disabled={keys.length === 0}
          onClick={actions.askToDelete}
        />
      ) : null}
      <IconButton icon="help" label="Keys of the keyboard (?)" onClick={actions.showHelp} />
    </div>
  );
}

function Crumbs({ explorer, title }: { explorer: Explorer; title: string }) {
  const { selected } = explorer;
  const { key } = selected;
  const parts = key ? [...prefixesOf(key), key] : [];
  return (
    <nav class="zs-explorer-crumbs" aria-label="Path">
      <button
        type="button"
        class="zs-explorer-crumb"
        title={title}
        aria-label={parts.length ? "The whole store" : `The whole store: ${title}`}
        onClick={() => explorer.selection.select(null)}
      >
        <Icon name="home" />
        {parts.length ? null : <span class="zs-explorer-title">{title}</span>}
      </button>
      {parts.map((part) => (
        <span key={part} class="zs-explorer-part">
          <span class="zs-muted" aria-hidden="true">
            /
          </span>
          <button
            type="button"
            class="zs-explorer-crumb"
            aria-current={part === key ? "location" : undefined}
            onClick={() => void explorer.levels.reveal(part)}
          >
            <Name>{nameOf(part)}</Name>
          </button>
        </span>
      ))}
    </nav>
  );
}

function Filter({ explorer, filterBox, onLeaveFilter }: ToolbarProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    // As it is now: what was typed just before may not have been drawn yet.
    const { filter } = explorer;
    event.stopPropagation();
    if (event.key === "Enter") {
      event.preventDefault();
      if (filter.startsWith("/")) {
        void explorer.levels.reveal(filter.slice(1));
        onLeaveFilter();
      } else if (filter) {
        void explorer.search.start(searchPlace(explorer), filter);
      }
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (explorer.search.isRunning) explorer.search.stop();
      else if (filter) explorer.filterBy("");
      else onLeaveFilter();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      onLeaveFilter();
    }
  };
  return (
    <input
      ref={filterBox}
      class="zs-input zs-explorer-filter"
      type="text"
      value={explorer.filter}
      placeholder="Filter, or /path to go to"
      aria-label="Filter names; Enter searches the store; /path goes there"
      title="Filters what is loaded. Enter searches the store; /path goes there."
      spellcheck={false}
      data-lm-suppress-shortcuts="true"
      onInput={(event) => explorer.filterBy(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}

/** A search looks below the folder that is selected, or through all of the store. */
function searchPlace(explorer: Explorer): string {
  const { selected } = explorer;
  return selected.kind === "prefix" ? selected.key : "";
}

const ORDERS: [SortKey, string][] = [
  ["name", "name"],
  ["size", "size"],
  ["time", "time"],
];

function SortChoice({ explorer }: { explorer: Explorer }) {
  const { key, descending } = explorer.sort;
  return (
    <span class="zs-explorer-sort">
      <select
        class="zs-select"
        aria-label="Sort by"
        title="Sort by (o)"
        value={key}
        onChange={(event) => explorer.sortBy(event.currentTarget.value as SortKey)}
      >
        {ORDERS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <IconButton
        icon={descending ? "down" : "up"}
        label={
          descending ? "Largest, latest, last first" : "Smallest, earliest, first first"
        }
        onClick={() => explorer.sortBy(key, !descending)}
      />
    </span>
  );
}
