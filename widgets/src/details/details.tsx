// The pane beside the tree: what the selection is, what is in it, and how to read it.
import { useState } from "preact/hooks";
import { ArrayValue } from "../arrays/array_value.tsx";
import { ChunkMap } from "../arrays/chunk_map.tsx";
import type { Selected } from "../explorer/selected.ts";
import type { Channel } from "../kernel/channel.ts";
import { Name } from "../parts/name.tsx";
import { Problem } from "../parts/problem.tsx";
import { type Tab, Tabs } from "../parts/tabs.tsx";
import { Code } from "./code.tsx";
import { KeyInfo } from "./key_info.tsx";
import { type Described, NodeInfo } from "./node_info.tsx";
import { useAsked } from "./use_asked.ts";
import { type Form, useValue, Value } from "./value.tsx";
import { Waiting } from "./waiting.tsx";

interface DetailsProps {
  channel: Channel;
  selected: Selected | null;
  tabs: DetailsTabs;
  onTabs: (tabs: DetailsTabs) => void;
  /** Show another key in the tree. */
  onOpen: (key: string) => void;
}

/** Which tab is shown of a key, and which of a folder, a group or an array. */
export interface DetailsTabs {
  key: string;
  node: string;
}

const INFO: Tab = { id: "info", label: "Info" };
const CHUNKS: Tab = { id: "chunks", label: "Chunks" };
const VALUE: Tab = { id: "value", label: "Value" };
const CODE: Tab = { id: "code", label: "Code" };

// What was chosen for one key is likely wanted of the next.
export const FIRST_TABS: DetailsTabs = { key: VALUE.id, node: INFO.id };

export function Details({ channel, selected, tabs, onTabs, onOpen }: DetailsProps) {
  if (selected === null) {
    return (
      <section class="zs-details" aria-label="Details">
        <p class="zs-details-empty zs-muted">
          Select a key, a group or an array to see what it is.
        </p>
      </section>
    );
  }
  return (
    <section class="zs-details" aria-label="Details">
      {selected.kind === "key" ? (
        <KeyDetails
          key={selected.key}
          channel={channel}
          selected={selected}
          tab={tabs.key}
          onTab={(key) => onTabs({ ...tabs, key })}
        />
      ) : (
        <NodeDetails
          key={selected.key}
          channel={channel}
          selected={selected}
          tab={tabs.node}
          onTab={(node) => onTabs({ ...tabs, node })}
          onOpen={onOpen}
        />
      )}
    </section>
  );
}

interface PartProps {
  channel: Channel;
  selected: Selected;
  tab: string;
  onTab: (tab: string) => void;
}

const AUTO: Form = { wish: "auto", all: false };

function KeyDetails({ channel, selected, tab, onTab }: PartProps) {
  const [form, setForm] = useState(AUTO);
  const isCode = tab === CODE.id;
  const asked = useValue(channel, isCode ? null : selected.key, form);
  return (
    <>
      <Heading name={selected.key} about="key" />
      <Tabs label="Details" tabs={[VALUE, INFO, CODE]} active={tab} onChange={onTab}>
        {isCode ? (
          <Code channel={channel} selected={selected} node={null} />
        ) : tab === INFO.id ? (
          <KeyInfo selected={selected} asked={asked} />
        ) : (
          <Value
            channel={channel}
            keyName={selected.key}
            asked={asked}
            form={form}
            onForm={setForm}
          />
        )}
      </Tabs>
    </>
  );
}

interface NodeProps extends PartProps {
  onOpen: (key: string) => void;
}

function NodeDetails({ channel, selected, tab, onTab, onOpen }: NodeProps) {
  const path = selected.key.replace(/\/$/, "");
  const { value, error, retry } = useAsked<Described>([path], async (signal) => {
    const attributes: Described["attributes"] = [];
    const facts = await channel.call(
      "describe",
      { path },
      {
        slot: "describe",
        signal,
        onPart: ({ rows }) => {
          for (const row of rows) attributes.push(row);
        },
      },
    );
    return { facts, attributes };
  });
  const facts = value?.facts;
  const kind = value ? (facts?.kind ?? null) : selected.node;
  const hasValues = value ? facts?.array != null : selected.node === "array";
  const tabs = hasValues ? [INFO, CHUNKS, VALUE, CODE] : [INFO, CODE];
  const active = tabs.some(({ id }) => id === tab) ? tab : INFO.id;
  const about = [kind ?? "folder", facts?.format].filter(Boolean).join(" · ");
  return (
    <>
      <Heading name={path} about={about} />
      <Tabs label="Details" tabs={tabs} active={active} onChange={onTab}>
        {active === CODE.id ? (
          <Code channel={channel} selected={selected} node={kind} />
        ) : error !== null ? (
          <Problem error={error} onRetry={retry} />
        ) : active === CHUNKS.id ? (
          <ChunkMap channel={channel} path={path} onOpen={onOpen} />
        ) : active === VALUE.id ? (
          <ArrayValue channel={channel} path={path} />
        ) : value === null ? (
          <Waiting />
        ) : (
          <NodeInfo channel={channel} path={path} described={value} onOpen={onOpen} />
        )}
      </Tabs>
    </>
  );
}

/** The last segment of a key or path, and what it is. */
function Heading({ name, about }: { name: string; about: string }) {
  return (
    <h2 class="zs-details-title">
      <Name>{name.split("/").at(-1) || "/"}</Name>
      <span class="zs-muted">{about}</span>
    </h2>
  );
}
