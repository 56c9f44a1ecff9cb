// Saving a value as a file of the reader.
import type { Channel } from "../kernel/channel.ts";
import { formatBytes } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { nameOf } from "./level.ts";
import type { Tasks } from "./tasks.ts";

// What a file system or a browser would take for more than a name.
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]/gu;

/** A file name for a key: plain, not hidden, not too long. */
export function fileNameOf(key: string): string {
  const name = nameOf(key).replace(UNSAFE, "_").replace(/^\.+/, "");
  return name.slice(-100) || "value";
}

/** Fetch a value window by window, so that the kernel never runs ahead of the page. */
export async function save(channel: Channel, tasks: Tasks, key: string): Promise<void> {
  const pieces: DataView[] = [];
  const label = `Downloading ${visible(key)}`;
  const isDone = await tasks.run("download", label, async (signal) => {
    let start = 0;
    let total = 1;
    while (start < total) {
      const onPart = (_part: { at: number }, buffers: DataView[]) => {
        pieces.push(...buffers);
      };
      const end = await channel.call("download", { key, start }, { signal, onPart });
      start = end.stop;
      total = end.total;
      tasks.tell("download", `${label}: ${formatBytes(start)} of ${formatBytes(total)}`);
      if (total === 0) break;
    }
  });
  // Of no kind that a browser shows: opened, it would be a page of this origin.
  const type = "application/octet-stream";
  if (isDone) offer(new Blob(pieces as BlobPart[], { type }), fileNameOf(key));
}

function offer(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
