// What surrounds every view: the theme's class, the connection to the kernel.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import type { Model } from "../model.ts";

interface FrameProps {
  model: Model;
  channel: Channel;
  children: ComponentChildren;
}

export function Frame({ model, channel, children }: FrameProps) {
  const [connection, setConnection] = useState(channel.connection);
  const [ready, setReady] = useState(false);
  useEffect(() => channel.onConnection(() => setConnection(channel.connection)), [channel]);
  useEffect(() => {
    // JupyterLab moves a comm to a thread of its own only after its first messages; once
    // two have gone by, a running cell holds the view up no more.
    const greet = async () => {
      await channel.call("hello", {});
      await channel.call("hello", {});
      setReady(true);
    };
    greet().catch(() => {});
  }, [channel]);

  return (
    <div class="zs" data-view={model.get("view")} data-ready={ready}>
      {connection === "gone" ? (
        <>
          <p class="zs-banner" role="status">
            Not connected to a kernel; this is what was shown last. Run the cell for the
            live view.
          </p>
          <pre class="zs-still">{model.get("still")}</pre>
        </>
      ) : (
        children
      )}
      {connection === "waiting" ? (
        <p class="zs-banner" role="status">
          Waiting: the kernel is busy.
        </p>
      ) : null}
    </div>
  );
}
