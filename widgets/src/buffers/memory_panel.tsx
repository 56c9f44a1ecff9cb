// The memory of a store: a map of it, a list of its values, the one that was chosen.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Name } from "../parts/name.tsx";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { formatBytes, formatCount, formatCounted } from "../text/numbers.ts";
import { BufferPanel } from "./buffer_panel.tsx";
import type { MapFigures, Picked, Resident, Strip } from "./requests.ts";
import { type Listed, ResidentList } from "./resident_list.tsx";
import { Strips } from "./strips.tsx";

interface MemoryPanelProps {
  channel: Channel;
  height: number;
  /** Why nothing can be written to the store; "" if it can. */
  lacking: string;
  /** Called when the memory is drawn again. */
  onDraw: () => void;
}

interface Drawn {
  figures: MapFigures;
  strips: Strip[];
}

export function MemoryPanel({ channel, height, lacking, onDraw }: MemoryPanelProps) {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [listed, setListed] = useState<Listed | null>(null);
  const [picked, setPicked] = useState<Picked | null>(null);
  const [problem, setProblem] = useState<unknown>(null);

  const draw = useCallback(() => {
    const stop = new AbortController();
    const strips: Strip[] = [];
    setError(null);
    channel
      .call(
        "memory_map",
        {},
        { slot: "map", signal: stop.signal, onPart: (strip) => strips.push(strip) },
      )
      .then((figures) => {
        setDrawn({ figures, strips });
        setListed(strips[0] ? listedOf(strips[0], 0, strips[0].nvalues) : null);
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    return () => stop.abort();
  }, [channel]);
  useEffect(draw, [draw]);

  const choose = (asked: Promise<Picked>) => {
    setProblem(null);
    asked.then(setPicked).catch((reason: unknown) => {
      if (!(reason instanceof Stopped)) setProblem(reason);
    });
  };
  const pick = (strip: number, at: number) => {
    const map = drawn?.figures.map ?? 0;
    choose(channel.call("memory_pick", { map, strip, at }, { slot: "pick" }));
  };

  if (error !== null) return <Problem error={error} onRetry={draw} />;
  if (drawn === null) return <Status busy>Drawing the memory …</Status>;
  const { figures, strips } = drawn;
  return (
    <>
      <div class="zs-toolbar">
        <MapLine figures={figures} />
        <KeyField
          onFind={(key) => choose(channel.call("memory_find", { key }, { slot: "pick" }))}
        />
        <button
          type="button"
          class="zs-button"
          onClick={() => {
            draw();
            onDraw();
          }}
        >
          Draw again
        </button>
      </div>
      {strips.length === 0 ? (
        <p class="zs-buffers-empty zs-muted">{emptyWords(figures.nvalues, lacking)}</p>
      ) : (
        <div class="zs-buffers-memory">
          <Strips
            strips={strips}
            listed={listed}
            onPick={pick}
            onList={(strip, first, count) => setListed(listedOf(strip, first, count))}
          />
          <Hidden figures={figures} />
          {listed ? (
            <ResidentList
              key={`${figures.map} ${listed.strip} ${listed.first} ${listed.count}`}
              channel={channel}
              map={figures.map}
              listed={listed}
              onPick={(resident: Resident) => pick(listed.strip, resident.at)}
            />
          ) : null}
        </div>
      )}
      {problem === null ? null : <Problem error={problem} />}
      {picked === null ? null : (
        <section class="zs-buffers-picked" aria-label="The chosen value">
          <p class="zs-buffers-picked-key">
            <Name>{picked.key}</Name>
          </p>
          <BufferPanel
            key={picked.value}
            channel={channel}
            value={picked.value}
            height={height}
          />
        </section>
      )}
    </>
  );
}

function listedOf(strip: Strip, first: number, count: number): Listed {
  return { strip: strip.strip, shared: strip.kind === "shared", first, count };
}

function emptyWords(nvalues: number, lacking: string): string {
  if (nvalues > 0) return "The values of the store are empty: no memory holds them.";
  return `The store holds no values. ${lacking || "What is written to it is drawn here."}`;
}

function MapLine({ figures }: { figures: MapFigures }) {
  const beyond = figures.region_nbytes - figures.nbytes;
  return (
    <dl class="zs-figures" aria-label="The memory of the store">
      <div>
        <dt>values</dt>
        <dd>{formatCount(figures.nvalues)}</dd>
      </div>
      <div title={`${formatCount(figures.nbytes)} bytes`}>
        <dt>bytes</dt>
        <dd>{formatBytes(figures.nbytes)}</dd>
      </div>
      <div title={`${formatCount(figures.region_nbytes)} bytes`}>
        <dt>in memory</dt>
        <dd>
          {`${formatBytes(figures.region_nbytes)} in ${formatCounted(figures.regions, "region")}`}
        </dd>
      </div>
      {beyond > 0 ? (
        <div title={`${formatCount(beyond)} bytes`}>
          <dt>padding and dead</dt>
          <dd>{formatBytes(beyond)}</dd>
        </div>
      ) : null}
    </dl>
  );
}

function Hidden({ figures }: { figures: MapFigures }) {
  if (figures.hidden_regions <= 0 && figures.complete) return null;
  const values = formatCounted(Math.max(0, figures.hidden_values), "value");
  const nbytes = formatBytes(Math.max(0, figures.hidden_nbytes));
  return (
    <p class="zs-muted">
      {figures.hidden_regions > 0
        ? `and ${formatCount(figures.hidden_regions)} more regions with ${values}, ${nbytes}`
        : `and ${values} more, ${nbytes}`}
    </p>
  );
}

function KeyField({ onFind }: { onFind: (key: string) => void }) {
  return (
    <label class="zs-field zs-buffers-find">
      <span class="zs-muted">Key</span>
      <input
        class="zs-input zs-mono"
        size={18}
        placeholder="Enter shows it"
        data-lm-suppress-shortcuts="true"
        onKeyDown={(event) => {
          event.stopPropagation();
          const key = event.currentTarget.value;
          if (event.key === "Enter" && key !== "") onFind(key);
        }}
      />
    </label>
  );
}
