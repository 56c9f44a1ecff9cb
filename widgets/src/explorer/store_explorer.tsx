// The explorer: the tree of a store, and beside it what is selected.
import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { useWidth } from "../arrays/canvas.ts";
import { Details, FIRST_TABS } from "../details/details.tsx";
import { copyText } from "../parts/clipboard.ts";
import type { ViewProps } from "../parts/mount.tsx";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { formatCount } from "../text/numbers.ts";
import { DeleteDialog, HelpDialog } from "./dialogs.tsx";
import { Explorer } from "./explorer.ts";
import { KeyField } from "./key_field.tsx";
import type { Actions } from "./keyboard.ts";
import { save } from "./saving.ts";
import type { Selected } from "./selected.ts";
import { Splitter } from "./splitter.tsx";
import { Toolbar } from "./toolbar.tsx";
import { Tree } from "./tree.tsx";

const WIDE = 700;
const MAX_CODED = 1_000;
const TABS = [
  { id: "tree", label: "Tree" },
  { id: "details", label: "Details" },
];

export function StoreExplorer({ model, channel }: ViewProps) {
  const explorer = useMemo(
    () => new Explorer(channel, model.get("has_snapshot")),
    [channel],
  );
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [dialog, setDialog] = useState<"help" | "delete" | null>(null);
  const [tab, setTab] = useState("tree");
  const [tabs, setTabs] = useState(FIRST_TABS);
  const [share, setShare] = useState(0.55);
  const [height, setHeight] = useState<number>(model.get("height"));
  const view = useRef<HTMLDivElement>(null);
  const filterBox = useRef<HTMLInputElement>(null);
  const width = useWidth(view);

  useEffect(() => {
    const unsubscribe = explorer.subscribe(() => redraw(undefined as never));
    void explorer.levels.load(explorer.root);
    const onReveal = () => {
      const key: string = model.get("revealed");
      if (key) void explorer.levels.reveal(key);
    };
    onReveal();
    model.on("change:revealed", onReveal);
    return () => {
      model.off("change:revealed", onReveal);
      unsubscribe();
      explorer.close();
    };
  }, [explorer]);

  const focusTree = () =>
    view.current?.querySelector<HTMLElement>("[role=tree]")?.focus({ preventScroll: true });
  const openDetails = () => {
    setTab("details");
    // Where there is no room for both, the tree goes, and its focus.
    if (width < WIDE)
      queueMicrotask(() =>
        view.current?.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus(),
      );
  };
  const actions = useActions(explorer, {
    focusFilter: () => filterBox.current?.focus(),
    openDetails,
    showTab: (id) => {
      // A key has no chunks.
      setTabs({ key: id === "chunks" ? tabs.key : id, node: id });
      openDetails();
    },
    showHelp: () => setDialog("help"),
    askToDelete: () => setDialog("delete"),
    leave: () => {
      if (explorer.filter) explorer.filterBy("");
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  });

  const { selected } = explorer;
  const details = (
    <Details
      channel={channel}
      selected={selected}
      tabs={tabs}
      onTabs={setTabs}
      onOpen={(key: string) => void explorer.levels.reveal(key)}
    />
  );
  const tree = <TreePane explorer={explorer} actions={actions} />;
  const { latest } = explorer.tasks;
  return (
    <div ref={view} class="zs-explorer" style={{ height: `${height}px` }}>
      <Toolbar
        explorer={explorer}
        actions={actions}
        title={model.get("title")}
        editable={model.get("editable")}
        filterBox={filterBox}
        onLeaveFilter={focusTree}
      />
      <div class="zs-explorer-body">
        {width >= WIDE ? (
          <>
            <div class="zs-explorer-left" style={{ width: `${share * 100}%` }}>
              {tree}
            </div>
            <Splitter
              label="Width of the tree"
              value={share}
              onMove={(pixels) => setShare(clamp(share + pixels / width, 0.2, 0.8))}
            />
            <div class="zs-explorer-right">{details}</div>
          </>
        ) : (
          <Tabs label="Explorer" tabs={TABS} active={tab} onChange={setTab}>
            {tab === "tree" ? tree : details}
          </Tabs>
        )}
      </div>
      <Status busy={latest !== null} onStop={latest ? () => latest.stop() : undefined}>
        {latest?.label ?? explorer.summary}
      </Status>
      <Splitter
        label="Height of the view"
        value={height / 1000}
        isRow
        onMove={(pixels) => setHeight(clamp(height + pixels, 200, 2000))}
      />
      {dialog === "help" ? <HelpDialog onClose={() => setDialog(null)} /> : null}
      {dialog === "delete" ? (
        <DeleteDialog explorer={explorer} onClose={() => setDialog(null)} />
      ) : null}
    </div>
  );
}

function TreePane({ explorer, actions }: { explorer: Explorer; actions: Actions }) {
  const { root } = explorer;
  if (root.error instanceof Error && root.error.name === "UnsupportedError") {
    return <KeyField explorer={explorer} error={root.error} />;
  }
  if (root.error !== null && root.names.length === 0) {
    return <Problem error={root.error} onRetry={() => explorer.levels.load(root)} />;
  }
  return <Tree explorer={explorer} actions={actions} />;
}

function useActions(
  explorer: Explorer,
  view: Omit<Actions, "copyKeys" | "copyCode"> & { askToDelete: () => void },
) {
  const copy = (text: string | Promise<string>, what: string) => {
    copyText(text).then(
      (isDone) =>
        explorer.tell(isDone ? `Copied ${what}.` : "⚠ The browser did not allow to copy."),
      (error) => explorer.fail(error),
    );
  };
  const all = () => {
    const selected = explorer.selection.spots.map((spot) => explorer.selectedAt(spot));
    return selected.length ? selected : [explorer.selected];
  };
  return {
    ...view,
    copyKeys: () => {
      const keys = all().map(({ key }) => key);
      copy(keys.join("\n"), keys.length === 1 ? "the key" : `${keys.length} keys`);
    },
    copyCode: () => copy(codeOf(explorer, all()), "the code"),
    save: () => {
      const [only] = all();
      if (!only) return;
      save(explorer.channel, explorer.tasks, only.key).catch((error) =>
        explorer.fail(error),
      );
    },
  };
}

/** Code for a cell that reads what is selected. */
async function codeOf({ channel }: Explorer, selected: Selected[]): Promise<string> {
  if (selected.length > MAX_CODED) {
    throw new Error(`Code is made for ${formatCount(MAX_CODED)} keys at most.`);
  }
  const keys = selected.map(({ key }) => key);
  const nodes = selected.map(({ node }) => node);
  const snippets = await channel.call("snippets", { keys, nodes }, { slot: "copy" });
  // Of one there are more, which the details show.
  const shown = keys.length === 1 ? snippets.slice(0, 1) : snippets;
  return shown.map(([, code]) => code).join("\n\n");
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
