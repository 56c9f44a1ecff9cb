// Memory: of one buffer, or of a store that holds its values there.
import type { ViewProps } from "../parts/mount.tsx";
import { BufferPanel } from "./buffer_panel.tsx";
import { DeviceBar } from "./device_bar.tsx";
import { MemoryPanel } from "./memory_panel.tsx";
import type { DeviceStatus } from "./requests.ts";
import { useDevice } from "./use_device.ts";

// The rest of the height is that of the values.
const CHROME_HEIGHT = 230;
const LEAST_HEIGHT = 120;

export function BufferInspector({ model, channel }: ViewProps) {
  const device = useDevice(channel);
  const height = Math.max(LEAST_HEIGHT, model.get("height") - CHROME_HEIGHT);
  return (
    <div class="zs-buffers">
      <DeviceBar channel={channel} device={device} />
      {model.get("shows") === "store" ? (
        <MemoryPanel
          channel={channel}
          height={height}
          lacking={lackingOf(device.status)}
          onDraw={device.ask}
        />
      ) : (
        <BufferPanel channel={channel} value={0} height={height} />
      )}
    </div>
  );
}

function lackingOf(status: DeviceStatus | null): string {
  if (status?.place !== "gpu" || ["ready", "starting"].includes(status.state)) return "";
  return "To write one takes a GPU.";
}
