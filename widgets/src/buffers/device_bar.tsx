// The line at the top: where the memory is, and if there is no GPU, why and what to do.
import { useRef } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { visible } from "../text/visible.ts";
import { Gauge } from "./gauge.tsx";
import { cardGauge, poolGauge } from "./gauges.ts";
import type { DeviceStatus } from "./requests.ts";
import { type Device, useFigures } from "./use_device.ts";

interface DeviceBarProps {
  channel: Channel;
  device: Device;
}

export function DeviceBar({ channel, device }: DeviceBarProps) {
  const { status, error, refresh } = device;
  const box = useRef<HTMLDivElement>(null);
  const polled = status?.place === "gpu" && status.in_use && status.state === "ready";
  const { figures, error: lost } = useFigures(channel, polled, box);
  return (
    <div ref={box} class="zs-buffers-device" role="group" aria-label="Device">
      {error === null ? null : <Problem error={error} onRetry={refresh} />}
      {status === null ? (
        <State word="…" kind="starting">
          Asking where the memory is
        </State>
      ) : status.place === "cpu" ? (
        <Host status={status} />
      ) : (
        <Gpu status={status} onRetry={refresh} />
      )}
      {status?.warnings.map((warning) => (
        <p key={warning} class="zs-banner">
          {visible(warning)}
        </p>
      ))}
      {polled && lost !== null ? <Problem error={lost} onRetry={refresh} /> : null}
      {polled && figures?.card ? (
        <div class="zs-buffers-gauges">
          <Gauge gauge={cardGauge(figures.card, figures.pool)} />
          {figures.pool ? <Gauge gauge={poolGauge(figures.pool)} /> : null}
        </div>
      ) : null}
    </div>
  );
}

function Host({ status }: { status: DeviceStatus }) {
  return (
    <State word="cpu" kind="ready">
      Host memory
      {status.text === "" ? null : (
        <span class="zs-muted zs-buffers-aside">{visible(status.text)}</span>
      )}
    </State>
  );
}

function Gpu({ status, onRetry }: { status: DeviceStatus; onRetry: () => void }) {
  if (status.state === "starting")
    return (
      <State word="starting" kind="starting">
        {status.in_use
          ? "The first call to the device is under way"
          : "Looking for CuPy and a device"}
      </State>
    );
  if (status.state === "ready")
    return (
      <State word="ready" kind="ready">
        {visible(status.text)}
        {status.in_use ? null : (
          <span class="zs-muted zs-buffers-aside">The store uses no memory of it yet</span>
        )}
      </State>
    );
  return (
    <State word={status.state} kind={status.state === "error" ? "error" : "none"}>
      <span class="zs-buffers-reason">{visible(status.reason)}</span>
      {status.hint === "" ? null : (
        <span class="zs-muted zs-buffers-aside">{visible(status.hint)}</span>
      )}
      <button type="button" class="zs-button" onClick={onRetry}>
        Look again
      </button>
    </State>
  );
}

interface StateProps {
  word: string;
  kind: "ready" | "starting" | "none" | "error";
  children: preact.ComponentChildren;
}

const SIGNS = { ready: "●", none: "○", error: "⚠" };

function State({ word, kind, children }: StateProps) {
  return (
    <div class="zs-buffers-state" data-kind={kind}>
      <span class="zs-buffers-pill">
        {kind === "starting" ? (
          <span class="zs-spinner" aria-hidden="true" />
        ) : (
          <span aria-hidden="true">{SIGNS[kind]}</span>
        )}
        <span class="zs-unseen">Device state: </span>
        {word}
      </span>
      <span class="zs-buffers-said" role="status">
        {children}
      </span>
    </div>
  );
}
