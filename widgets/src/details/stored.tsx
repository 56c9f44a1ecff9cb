// What is stored below a path, counted while one looks on.
import { useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatCount } from "../text/numbers.ts";
import { Fact } from "./fact_list.tsx";
import { exactBytes, presentText, ratioText } from "./facts.ts";
import type { ArrayFacts, Stored } from "./requests.ts";
import { useAsked } from "./use_asked.ts";

interface StoredProps {
  channel: Channel;
  path: string;
  array: ArrayFacts | null;
}

type Counting = Stored & { done: boolean };

/** Chunks are counted at once; a folder may be the whole store, so it is asked for. */
export function StoredFacts({ channel, path, array }: StoredProps) {
  const [wanted, setWanted] = useState(array !== null);
  const [stopped, setStopped] = useState<Counting | null>(null);
  const { value, error, retry } = useAsked<Counting>(
    [path, wanted],
    wanted
      ? async (signal, show) => ({
          ...(await channel.call(
            "stored",
            { path },
            { slot: "stored", signal, onPart: (part) => show({ ...part, done: false }) },
          )),
          done: true,
        })
      : null,
  );
  const counted = value ?? stopped;
  const start = () => {
    setStopped(null);
    setWanted(true);
  };
  const stop = () => {
    setStopped(value);
    setWanted(false);
  };
  if (error !== null) {
    return (
      <Fact name="stored">
        <Problem error={error} onRetry={retry} />
      </Fact>
    );
  }
  if (!wanted && counted === null) {
    return (
      <Fact name="stored">
        <button type="button" class="zs-button" onClick={start}>
          Add up
        </button>
      </Fact>
    );
  }
  if (counted === null) {
    return (
      <Fact name="stored">
        <Counts>
          <button type="button" class="zs-button" onClick={stop}>
            Stop
          </button>
        </Counts>
      </Fact>
    );
  }
  const atLeast = counted.done ? "" : "≥ ";
  const ratio = array && counted.done ? ratioText(array, counted) : null;
  return (
    <>
      <Fact name="stored">
        {atLeast}
        {exactBytes(counted.nbytes)}
        {ratio === null ? null : <span class="zs-muted"> · {ratio}</span>}
        {counted.done ? null : wanted ? (
          <Counts>
            <button type="button" class="zs-button" onClick={stop}>
              Stop
            </button>
          </Counts>
        ) : (
          <button type="button" class="zs-button" onClick={start}>
            Count on
          </button>
        )}
      </Fact>
      {array === null ? (
        <Fact name="keys">
          {atLeast}
          {formatCount(counted.count)}
        </Fact>
      ) : (
        <Present array={array} counted={counted} atLeast={atLeast} />
      )}
    </>
  );
}

function Counts({ children }: { children: preact.ComponentChildren }) {
  return (
    <span class="zs-counting zs-muted">
      <span class="zs-spinner" aria-hidden="true" /> counting … {children}
    </span>
  );
}

interface PresentProps {
  array: ArrayFacts;
  counted: Counting;
  atLeast: string;
}

function Present({ array, counted, atLeast }: PresentProps) {
  const name = array.shard_shape === null ? "present" : "shards present";
  const text = presentText(counted.count, array.nchunks);
  return (
    <Fact name={name}>
      <span class="zs-present">
        <span
          class="zs-present-bar"
          aria-hidden="true"
          style={{ "--zs-share": String(counted.count / Math.max(1, array.nchunks)) }}
        />
        {atLeast}
        {text}
        {counted.done && counted.count < array.nchunks ? (
          <span class="zs-muted zs-present-note">
            readers get the fill value of the rest
          </span>
        ) : null}
      </span>
    </Fact>
  );
}
