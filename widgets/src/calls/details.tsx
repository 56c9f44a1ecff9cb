// All that is known of one call, asked for when its row is chosen.
import type { Channel } from "../kernel/channel.ts";
import { Name } from "../parts/name.tsx";
import { Problem } from "../parts/problem.tsx";
import { formatBytes, formatCount, formatSeconds } from "../text/numbers.ts";
import { useAnswer } from "./answer.ts";
import type { Call, CallDetails } from "./calls.ts";

interface DetailsProps {
  channel: Channel;
  call: Call;
  onClose: () => void;
}

export function Details({ channel, call, onClose }: DetailsProps) {
  const { clock, seconds, method } = call;
  const { answer, error } = useAnswer(channel, "call_details", {
    clock,
    duration: seconds,
    method,
  });
  const found = answer?.result;
  const facts = [
    formatSeconds(seconds),
    `${formatBytes(call.nbytesOut)} read`,
    `${formatBytes(call.nbytesIn)} written`,
    call.outcome,
  ];
  if (found) facts.push(`began ${timeText(found.start)}`, found.task);
  return (
    <section class="zs-calls-details" aria-label="The chosen call">
      <div class="zs-bar">
        <b>{method}</b>
        <span class="zs-muted zs-calls-facts">{facts.filter(Boolean).join(" · ")}</span>
        <button type="button" class="zs-button zs-button-plain" onClick={onClose}>
          Close
        </button>
      </div>
      {error ? <Problem error={error} /> : found ? <Subjects found={found} /> : null}
    </section>
  );
}

function Subjects({ found }: { found: CallDetails }) {
  const { keys, ranges, nhidden } = found;
  return (
    <ol class="zs-calls-keys">
      {Array.from({ length: Math.max(keys.length, ranges.length) }, (_, at) => (
        <li key={`${at}`}>
          <Name>{keys[at] ?? ""}</Name>
          {ranges[at] ? <span class="zs-calls-more"> [{ranges[at]}]</span> : null}
        </li>
      ))}
      {nhidden > 0 ? <li class="zs-muted">… and {formatCount(nhidden)} more</li> : null}
    </ol>
  );
}

function timeText(seconds: number): string {
  const time = new Date(seconds * 1000);
  return `${time.toLocaleTimeString()} +${time.getMilliseconds()} ms`;
}
