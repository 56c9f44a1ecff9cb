// One buffer: where it is, its values as numbers of a type, its bytes.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Hex } from "../parts/hex.tsx";
import { Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Counting } from "./counting.tsx";
import { FactsTable } from "./facts_table.tsx";
import type { Facts } from "./requests.ts";
import { Values } from "./values.tsx";

interface BufferPanelProps {
  channel: Channel;
  /** Which buffer: its number. */
  value: number;
  height: number;
}

const AGAIN_MS = 500;

export function BufferPanel({ channel, value, height }: BufferPanelProps) {
  const [facts, setFacts] = useState<Facts | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [dtype, setDtype] = useState("");
  const [tab, setTab] = useState("values");

  const load = useCallback(() => {
    const stop = new AbortController();
    setError(null);
    channel
      .call("buffer_facts", { value }, { signal: stop.signal })
      .then((found) => {
        setFacts(found);
        setDtype((before) => before || found.dtype);
      })
      .catch((reason: unknown) => {
        if (!(reason instanceof Stopped)) setError(reason);
      });
    return () => stop.abort();
  }, [channel, value]);
  useEffect(load, [load]);
  const pending = facts?.pending === true;
  useEffect(() => {
    if (!pending) return;
    const timer = setTimeout(load, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [pending, facts, load]);

  const read = useCallback(
    async (start: number, stop: number, signal: AbortSignal) => {
      const pieces: Uint8Array[] = [];
      await channel.call(
        "buffer_bytes",
        { start, stop, value },
        {
          signal,
          onPart: (_part, [view]) => {
            if (view)
              pieces.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
          },
        },
      );
      return pieces[0] ?? new Uint8Array();
    },
    [channel, value],
  );

  if (error !== null) return <Problem error={error} onRetry={load} />;
  if (facts === null) return <Status busy>Reading the facts of the buffer …</Status>;
  return (
    <>
      <FactsTable facts={facts} />
      <Counting
        key={dtype}
        channel={channel}
        value={value}
        dtype={dtype}
        onDevice={facts.device !== "cpu"}
        onLens={setDtype}
      >
        <Tabs
          label="What is shown of the buffer"
          tabs={[
            { id: "values", label: "Values" },
            { id: "bytes", label: "Bytes" },
          ]}
          active={tab}
          onChange={setTab}
        >
          {tab === "bytes" ? (
            <Hex
              nbytes={facts.nbytes}
              height={height}
              label="Bytes of the buffer"
              read={read}
            />
          ) : (
            <Values
              channel={channel}
              value={value}
              dtype={dtype}
              nbytes={facts.nbytes}
              height={height}
            />
          )}
        </Tabs>
      </Counting>
    </>
  );
}
