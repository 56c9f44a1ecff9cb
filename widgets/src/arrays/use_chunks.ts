// The chunks of an array as they are listed, one slice of the listing after the other.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import type { GridFacts } from "./requests.ts";

/** Columns of numbers that grow. */
export interface Chunks {
  flat: Float64Array;
  nbytes: Float64Array;
}

export interface Listing {
  grid: GridFacts | null;
  chunks: Chunks;
  state: "listing" | "done" | "stopped";
  error: unknown;
}

const NONE: Chunks = { flat: new Float64Array(0), nbytes: new Float64Array(0) };
const START: Listing = { grid: null, chunks: NONE, state: "listing", error: null };
// Redrawn more often, a long listing would be a flicker.
const DRAW_MS = 120;

/** List the chunks of an array; `stop` keeps what was found. */
export function useChunks(channel: Channel, path: string) {
  const [listing, setListing] = useState<Listing>(START);
  const [run, setRun] = useState(0);
  const controller = useRef(new AbortController());

  useEffect(() => {
    const control = new AbortController();
    controller.current = control;
    const found = new Columns();
    let timer = 0;
    setListing(START);
    const draw = () => {
      timer = 0;
      setListing((before) => ({ ...before, chunks: found.chunks() }));
    };
    const end = (state: Listing["state"], error: unknown = null) => {
      clearTimeout(timer);
      const chunks = found.chunks();
      setListing((before) => ({ ...before, chunks, state, error }));
    };
    channel
      .call(
        "chunk_map",
        { path },
        {
          signal: control.signal,
          onPart: (part, [flat, nbytes]) => {
            if (part.kind === "grid") setListing((before) => ({ ...before, grid: part }));
            else if (flat && nbytes) found.add(flat, nbytes);
            timer ||= window.setTimeout(draw, DRAW_MS);
          },
        },
      )
      .then(
        () => end("done"),
        (error) => {
          // Stopped by the reader, or nobody looks any more: the next effect says so.
          if (!(error instanceof Stopped)) end("stopped", error);
          else if (control === controller.current) end("stopped");
        },
      );
    return () => {
      controller.current = new AbortController();
      clearTimeout(timer);
      control.abort();
    };
  }, [channel, path, run]);

  return {
    ...listing,
    stop: () => controller.current.abort(),
    again: () => setRun((before) => before + 1),
  };
}

/** Two columns that double their room when it is full. */
class Columns {
  private flat = new Float64Array(1024);
  private nbytes = new Float64Array(1024);
  private count = 0;

  add(flat: DataView, nbytes: DataView): void {
    const more = flat.byteLength / 8;
    while (this.count + more > this.flat.length) {
      this.flat = grown(this.flat);
      this.nbytes = grown(this.nbytes);
    }
    this.flat.set(numbersOf(flat), this.count);
    this.nbytes.set(numbersOf(nbytes), this.count);
    this.count += more;
  }

  chunks(): Chunks {
    return {
      flat: this.flat.subarray(0, this.count),
      nbytes: this.nbytes.subarray(0, this.count),
    };
  }
}

function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * column.length);
  larger.set(column);
  return larger;
}

/** A copy: what a message holds need not lie where numbers of eight bytes may. */
function numbersOf(view: DataView): Float64Array {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return new Float64Array(bytes.slice().buffer);
}
