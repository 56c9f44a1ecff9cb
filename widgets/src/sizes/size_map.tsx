// How large every part of a store is: a treemap, and a table that says the same.
import { useState } from "preact/hooks";
import type { ViewProps } from "../parts/mount.tsx";
import { Problem } from "../parts/problem.tsx";
import { visible } from "../text/visible.ts";
import { Crumbs } from "./crumbs.tsx";
import { Legend } from "./legend.tsx";
import { type Box, boxOf, type Level, parentOf } from "./level.ts";
import type { By, ScanStatus } from "./requests.ts";
import { ScanLine } from "./scan_line.tsx";
import { Table } from "./table.tsx";
import { Treemap } from "./treemap.tsx";
import { useLevel } from "./use_level.ts";
import { type Scan, useScan } from "./use_scan.ts";

export function SizeMap({ model, channel }: ViewProps) {
  const scan = useScan(channel);
  const [path, setPath] = useState("");
  const [by, setBy] = useState<By>("bytes");
  const [selected, setSelected] = useState<string>();
  const { status } = scan;
  const { level, error, retry } = useLevel(channel, path, by, status?.version);

  const enter = (box: Box | undefined) => {
    // What cannot be entered itself lies in something that can.
    const target = box?.opens ? box : box?.above;
    if (!target) return;
    setPath(target.path);
    setSelected(undefined);
  };
  const go = (to: string) => {
    setPath(to);
    // Where one comes from is found again.
    setSelected(path.startsWith(to) && path !== to ? childOn(to, path) : undefined);
  };
  const leave = () => {
    if (path !== "") go(parentOf(path));
  };
  const box = level && boxOf(level, selected);
  return (
    <section
      class="zs-sizes"
      aria-busy={level?.path !== path}
      aria-label={`Sizes in ${visible(model.get("title"))}`}
      style={{ height: `${model.get("height")}px` }}
    >
      <Crumbs title={model.get("title")} path={path} onGo={go}>
        <Areas by={by} onChange={setBy} />
      </Crumbs>
      {scan.error === undefined ? null : <Problem error={scan.error} onRetry={scan.go} />}
      {error === undefined ? null : <Problem error={error} onRetry={retry} />}
      <div class="zs-sizes-body">
        {level && hasSomething(level, status) ? (
          <>
            <div class="zs-sizes-left">
              <Treemap
                level={level}
                selected={selected}
                counting={!level.complete}
                onSelect={(each) => setSelected(each.path)}
                onEnter={enter}
                onKeys={() => setBy("keys")}
              />
              <Legend level={level} />
            </div>
            <Table
              level={level}
              selected={(box?.above ?? box)?.path}
              onSelect={(each) => setSelected(each.path)}
              onEnter={enter}
              onLeave={leave}
            />
          </>
        ) : (
          <Nothing scan={scan} path={path} level={level} />
        )}
      </div>
      <ScanLine scan={scan} />
    </section>
  );
}

function hasSomething(level: Level, status: ScanStatus | undefined): boolean {
  return level.boxes.length > 0 && status !== undefined && status.nkeys > 0;
}

function childOn(above: string, path: string): string {
  const start = above === "" ? 0 : above.length + 1;
  const end = path.indexOf("/", start);
  return end < 0 ? path : path.slice(0, end);
}

const AREAS: { by: By; label: string }[] = [
  { by: "bytes", label: "Bytes" },
  { by: "keys", label: "Keys" },
];

function Areas({ by, onChange }: { by: By; onChange: (by: By) => void }) {
  return (
    <span class="zs-segments" role="group" aria-label="Area of a box">
      {AREAS.map((each) => (
        <button
          key={each.by}
          type="button"
          class="zs-button"
          aria-pressed={each.by === by}
          onClick={() => onChange(each.by)}
        >
          {each.label}
        </button>
      ))}
    </span>
  );
}

interface NothingProps {
  scan: Scan;
  path: string;
  level: Level | undefined;
}

function Nothing({ scan, path, level }: NothingProps) {
  const { status } = scan;
  if (status?.state === "new" && scan.error === undefined)
    return (
      <div class="zs-sizes-nothing">
        <button type="button" class="zs-button zs-sizes-start" onClick={scan.go}>
          Scan
        </button>
        <p class="zs-muted">
          Reads the listing: one request per 1,000 keys. It can be stopped at any time
          {status.kept ? ", and what was found is kept" : ""}.
        </p>
      </div>
    );
  if (status?.damaged)
    return (
      <div class="zs-sizes-nothing">
        <button type="button" class="zs-button zs-sizes-start" onClick={scan.restart}>
          Scan anew
        </button>
        <p class="zs-muted">
          Replaces the damaged snapshot. Reads the listing: one request per 1,000 keys.
        </p>
      </div>
    );
  if (status?.state === "complete" && status.nkeys === 0)
    return <p class="zs-sizes-nothing zs-muted">Nothing is stored here: 0 keys.</p>;
  if (level && level.path === path && level.nkeys > 0)
    return (
      <p class="zs-sizes-nothing zs-muted">
        What lies deeper was counted, but not told apart. A map with this path shows it.
      </p>
    );
  const waits = scan.error === undefined && status?.state !== "stopped";
  return (
    <p class="zs-sizes-nothing zs-muted">
      {waits ? "Reading the listing…" : "Nothing was counted."}
    </p>
  );
}
