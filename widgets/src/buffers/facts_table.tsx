// Where a buffer is, whose memory it is, and which types could be read from it.
import { formatBytes, formatCount, formatShare } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { LENSES } from "./lenses.ts";
import type { Facts } from "./requests.ts";

const KINDS: Record<string, string> = {
  host: "host memory",
  pinned: "pinned host memory",
  device: "device memory",
  managed: "managed memory",
};

export function FactsTable({ facts }: { facts: Facts }) {
  return (
    <div class="zs-buffers-facts">
      <Fact label="Device" title={KINDS[facts.memory] ?? ""}>
        {facts.memory in KINDS ? `${facts.device}, ${KINDS[facts.memory]}` : facts.device}
      </Fact>
      <Fact label="Size" title={`${formatCount(facts.nbytes)} bytes`}>
        {formatBytes(facts.nbytes)}
      </Fact>
      <Fact label="Pointer">
        <span class="zs-mono">{facts.pointer}</span>
      </Fact>
      <Fact label="Aligned to">{formatBytes(facts.alignment)}</Fact>
      <Fact label="Access">{facts.readonly ? "read-only" : "writable"}</Fact>
      <Fact label="Memory">
        <Owner facts={facts} />
      </Fact>
      <Fact
        label="Types that fit"
        title="start at this pointer without a copy and leave no bytes at the end"
      >
        {fittingWords(facts.fitting)}
      </Fact>
      {facts.pending ? (
        <Fact label="State">
          <span class="zs-buffers-pending">
            <span class="zs-spinner" aria-hidden="true" />
            copy under way
          </span>
        </Fact>
      ) : null}
    </div>
  );
}

function fittingWords(fitting: string[]): string {
  if (fitting.length === LENSES.length) return "all";
  return fitting.length > 0 ? fitting.join(", ") : "none";
}

function Owner({ facts }: { facts: Facts }) {
  if (!facts.is_view) return <>{`all of its owner, ${visible(facts.owner)}`}</>;
  const whole = facts.owner_nbytes ?? facts.nbytes;
  const share = whole > 0 ? facts.nbytes / whole : 1;
  const start = whole > 0 ? (facts.offset ?? 0) / whole : 0;
  return (
    <>
      <span
        class="zs-buffers-part"
        role="img"
        aria-label={`${formatShare(share)} of the memory, from ${formatShare(start)} on`}
      >
        <span
          class="zs-buffers-part-mark"
          style={{
            insetInlineStart: `${start * 100}%`,
            width: `max(2px, ${share * 100}%)`,
          }}
        />
      </span>
      {` a view of ${visible(facts.owner)}, ${formatBytes(whole)}`}
      {facts.offset === null ? "" : `, at byte ${formatCount(facts.offset)}`}
    </>
  );
}

interface FactProps {
  label: string;
  title?: string;
  children: preact.ComponentChildren;
}

function Fact({ label, title, children }: FactProps) {
  return (
    <div class="zs-buffers-fact" title={title}>
      <span class="zs-muted">{label}</span>
      <span>{children}</span>
    </div>
  );
}
