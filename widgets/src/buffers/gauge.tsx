// A bar of how full something is, with its parts in words below.
import { formatBytes, formatCount } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { type GaugeFigures, shareOf } from "./gauges.ts";

export function Gauge({ gauge }: { gauge: GaugeFigures }) {
  return (
    <div class="zs-buffers-gauge" role="group" aria-label={visible(gauge.label)}>
      <div class="zs-buffers-gauge-label">{visible(gauge.label)}</div>
      <div class="zs-buffers-gauge-bar" aria-hidden="true">
        {gauge.parts.map((part) => (
          <span
            key={part.kind}
            data-kind={part.kind}
            style={{ width: `${shareOf(part, gauge) * 100}%` }}
          />
        ))}
      </div>
      <div class="zs-buffers-gauge-words zs-muted">
        {gauge.parts.map((part) => (
          <span key={part.kind} title={`${formatCount(part.nbytes)} bytes`}>
            <span class="zs-buffers-mark" data-kind={part.kind} aria-hidden="true" />
            {`${part.word} ${formatBytes(part.nbytes)}`}
          </span>
        ))}
        <span>{gauge.note}</span>
      </div>
    </div>
  );
}
