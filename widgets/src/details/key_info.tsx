// What is known of a key besides its value.
import type { Selected } from "../explorer/selected.ts";
import { Name } from "../parts/name.tsx";
import { Problem } from "../parts/problem.tsx";
import { visible } from "../text/visible.ts";
import { CopyButton } from "./copy_button.tsx";
import { Fact, FactList } from "./fact_list.tsx";
import { exactBytes } from "./facts.ts";
import type { Asked } from "./use_asked.ts";
import type { Shown } from "./value.tsx";

interface KeyInfoProps {
  selected: Selected;
  asked: Asked<Shown>;
}

export function KeyInfo({ selected, asked }: KeyInfoProps) {
  const { key, modified } = selected;
  const head = asked.value?.head;
  const nbytes = head && head.kind !== "missing" ? head.nbytes : selected.nbytes;
  const segments = key.split("/");
  return (
    <>
      <FactList>
        <Fact name="name">
          <Name>{segments.at(-1) ?? key}</Name>
        </Fact>
        <Fact name="key">
          <span class="zs-details-key">
            <bdi class="zs-mono">{visible(key)}</bdi>
            <CopyButton text={key} label="Copy the key" />
          </span>
        </Fact>
        {head ? <Fact name="kind">{visible(head.label)}</Fact> : null}
        {nbytes === null ? null : <Fact name="size">{exactBytes(nbytes)}</Fact>}
        {Number.isFinite(modified) ? (
          <Fact name="modified">{timeText(modified ?? 0)}</Fact>
        ) : null}
      </FactList>
      {asked.error === null ? null : <Problem error={asked.error} onRetry={asked.retry} />}
    </>
  );
}

function timeText(modified: number): string {
  const format = new Intl.DateTimeFormat(undefined, {
    dateStyle: "medium",
    timeStyle: "medium",
  });
  return format.format(modified);
}
