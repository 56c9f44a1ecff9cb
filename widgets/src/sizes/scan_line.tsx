// How far the count is, and what can be done about it.
import { formatBytes, formatCount, formatCounted, formatSeconds } from "../text/numbers.ts";
import type { ScanStatus } from "./requests.ts";
import type { Scan } from "./use_scan.ts";

export function ScanLine({ scan }: { scan: Scan }) {
  const { status } = scan;
  const state = status?.state;
  return (
    <div class="zs-status zs-sizes-status">
      {state === "scanning" ? <span class="zs-spinner" aria-hidden="true" /> : null}
      <span
        // Progress is not read out; what it comes to is.
        role={state === "scanning" ? undefined : "status"}
        class="zs-status-text"
      >
        {status ? sentenceOf(status) : "Opening the store…"}
      </span>
      {state === "scanning" ? <Button label="Stop" onClick={scan.pause} /> : null}
      {state === "stopped" ? <Button label="Resume" onClick={scan.go} /> : null}
      {state === "failed" && scan.error === undefined ? (
        <Button label="Retry" onClick={scan.go} />
      ) : null}
      {state === "stopped" || state === "failed" || state === "complete" ? (
        <Button
          label={state === "complete" ? "Scan again" : "Restart"}
          onClick={scan.restart}
        />
      ) : null}
    </div>
  );
}

function Button({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" class="zs-button" onClick={onClick}>
      {label}
    </button>
  );
}

/** Say what is known, and whether it is all. */
export function sentenceOf(status: ScanStatus): string {
  const keys = formatCounted(status.nkeys, "key");
  const bytes = formatBytes(status.nbytes);
  const seconds = formatSeconds(status.seconds);
  const partly = status.full ? " · too many paths to tell all apart" : "";
  switch (status.state) {
    case "new":
      return "Not counted yet";
    case "complete":
      return `${keys}, ${bytes} · counted in ${seconds}${partly}`;
    case "scanning": {
      const rate = `${formatCount(Math.round(status.rate))} keys/s`;
      // After a failure it is behind what is known, for a while.
      const again =
        status.counted < status.nkeys ? `${formatCount(status.counted)} again · ` : "";
      return `Scanning: ≥ ${keys}, ≥ ${bytes} · ${again}${seconds} · ${rate}${partly}`;
    }
    default:
      return `${status.state === "failed" ? "Failed" : "Stopped"}, partial: ≥ ${keys}, ≥ ${bytes} · ${seconds}${partly}`;
  }
}
