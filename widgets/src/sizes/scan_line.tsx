// How far the count is, and what can be done about it.
import { useEffect, useReducer } from "preact/hooks";
import {
  formatAsOf,
  formatBytes,
  formatCount,
  formatCounted,
  formatSeconds,
  formatShare,
} from "../text/numbers.ts";
import type { ScanStatus } from "./requests.ts";
import type { Scan } from "./use_scan.ts";

export function ScanLine({ scan }: { scan: Scan }) {
  const { status } = scan;
  const state = status?.state;
  const fraction = state === "scanning" ? status?.fraction : null;
  useMinutes(typeof status?.as_of === "number");
  return (
    <div class="zs-status zs-sizes-status">
      {state === "scanning" ? <span class="zs-spinner" aria-hidden="true" /> : null}
      <span
        // Progress is not read out; what it comes to is.
        role={state === "scanning" ? undefined : "status"}
        class="zs-status-text"
      >
        {status ? sentenceOf(status, Date.now()) : "Opening the store…"}
      </span>
      {typeof fraction === "number" ? <Done fraction={fraction} /> : null}
      {state === "scanning" ? <Button label="Stop" onClick={scan.pause} /> : null}
      {state === "stopped" ? <Button label="Resume" onClick={scan.go} /> : null}
      {state === "failed" && scan.error === undefined ? (
        <Button label="Retry" onClick={scan.go} />
      ) : null}
      {state === "complete" && status?.kept ? (
        <Button label="Scan again" onClick={scan.go} />
      ) : status?.damaged ? null : state === "stopped" ||
        state === "failed" ||
        state === "complete" ? (
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

/** The share of the scan that is done, as a bar. */
function Done({ fraction }: { fraction: number }) {
  const percent = Math.round(100 * Math.max(0, Math.min(1, fraction)));
  return (
    <span
      class="zs-sizes-done"
      role="progressbar"
      aria-label="Estimated share of the scan that is done"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

const MINUTE = 60_000;

/** Draw anew each minute, where it is said how long ago something was. */
function useMinutes(isOn: boolean): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => redraw(undefined as never), MINUTE);
    return () => clearInterval(timer);
  }, [isOn]);
}

/** Say what is known, and whether it is all. */
export function sentenceOf(status: ScanStatus, now: number): string {
  if (status.damaged) return "The snapshot cannot be read: nothing is known";
  if (status.as_of !== null) return keptSentenceOf(status, status.as_of, now);
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
      return `Scanning: ≥ ${keys}, ≥ ${bytes} · ${again}${seconds} · ${rate}${restOf(status)}${partly}`;
    }
    default:
      return `${status.state === "failed" ? "Failed" : "Stopped"}, partial: ≥ ${keys}, ≥ ${bytes} · ${seconds}${partly}`;
  }
}

/** Say what a snapshot knows, and of when; and how far a scan that replaces it is. */
function keptSentenceOf(status: ScanStatus, asOf: number, now: number): string {
  const more = status.whole ? "" : "≥ ";
  const keys = formatCounted(status.nkeys, "key");
  const partial = status.whole ? "" : "Partial: ";
  const partly = status.full ? " · too many paths to tell all apart" : "";
  const known = `${partial}${more}${keys}, ${more}${formatBytes(status.nbytes)} · ${formatAsOf(asOf, now)}${partly}`;
  const counted = formatCounted(status.counted, "key");
  switch (status.state) {
    case "scanning": {
      const rate = `${formatCount(Math.round(status.rate))} keys/s`;
      return `${known} · scanning again: ${counted}, ${rate}${restOf(status)}`;
    }
    case "stopped":
      return status.counted > 0 ? `${known} · stopped after ${counted}` : known;
    case "failed":
      return status.counted > 0 ? `${known} · failed after ${counted}` : known;
    default:
      return known;
  }
}

function restOf({ fraction, left }: ScanStatus): string {
  const share = fraction === null ? "" : ` · ${formatShare(fraction)}`;
  if (left === null) return share;
  // An estimate: seconds are said of the last minute only.
  const rest =
    left < 60 ? `${Math.ceil(left)} s` : `${formatCount(Math.round(left / 60))} min`;
  return `${share} · about ${rest} left`;
}
