// What the metadata of a group or an array say, or that there are none.
import { Fragment } from "preact";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { formatBytes, formatCounted } from "../text/numbers.ts";
import { visible } from "../text/visible.ts";
import { Documents } from "./documents.tsx";
import { Fact, FactList } from "./fact_list.tsx";
import { shapeText } from "./facts.ts";
import type { JsonRow } from "./json_rows.ts";
import { JsonTree } from "./json_tree.tsx";
import type { ArrayFacts, NodeFacts } from "./requests.ts";
import { StoredFacts } from "./stored.tsx";

/** What is at a path; `facts` is null at a folder without metadata. */
export interface Described {
  facts: NodeFacts | null;
  attributes: JsonRow[];
}

interface NodeInfoProps {
  channel: Channel;
  path: string;
  described: Described;
  onOpen: (key: string) => void;
}

export function NodeInfo({ channel, path, described, onOpen }: NodeInfoProps) {
  const { facts, attributes } = described;
  if (facts === null) {
    return (
      <>
        <p class="zs-details-note">A plain folder: no Zarr or N5 metadata lie in it.</p>
        <FactList>
          <StoredFacts key={path} channel={channel} path={path} array={null} />
        </FactList>
      </>
    );
  }
  return (
    <>
      {facts.problem === null ? null : <Problem error={facts.problem} />}
      <FactList>
        {facts.array ? <ArrayRows array={facts.array} /> : null}
        {facts.consolidated ? (
          <Fact name="consolidated">the metadata of all nodes below are repeated here</Fact>
        ) : null}
        <StoredFacts key={path} channel={channel} path={path} array={facts.array} />
      </FactList>
      <Attributes rows={attributes} problem={facts.attributes_problem} />
      <Documents
        key={path}
        channel={channel}
        path={path}
        names={facts.documents}
        onOpen={onOpen}
      />
    </>
  );
}

const ORDERS = { C: "C (last axis fastest)", F: "F (first axis fastest)" };

function ArrayRows({ array }: { array: ArrayFacts }) {
  const each = array.chunk_nbytes === null ? null : formatBytes(array.chunk_nbytes);
  return (
    <>
      <Fact name="shape">
        <Shape array={array} />
      </Fact>
      <Fact name="dtype">
        <span class="zs-mono">{visible(array.dtype)}</span>
        {array.itemsize === null ? null : (
          <span class="zs-muted"> · {formatCounted(array.itemsize, "byte")} each</span>
        )}
      </Fact>
      <Fact name="chunks">
        {shapeText(array.chunk_shape)}
        {each === null ? null : <span class="zs-muted"> · {each} each, decoded</span>}
      </Fact>
      <Fact name="shards">
        {array.shard_shape === null ? (
          <span class="zs-muted">none: a chunk is a key</span>
        ) : (
          shapeText(array.shard_shape)
        )}
      </Fact>
      <Fact name="codecs">
        <Codecs codecs={array.codecs} />
      </Fact>
      <Fact name="fill value">
        {array.fill_value === null ? (
          <span class="zs-muted">none</span>
        ) : (
          <bdi class="zs-mono">{visible(array.fill_value)}</bdi>
        )}
      </Fact>
      {array.shape.length > 1 ? <Fact name="order">{ORDERS[array.order]}</Fact> : null}
      <Fact name="size">
        {array.nbytes === null ? (
          <span class="zs-muted">not known before it is decoded</span>
        ) : (
          <>
            {formatBytes(array.nbytes)}
            <span class="zs-muted">
              {" "}
              uncompressed · {formatCounted(array.size, "element")}
            </span>
          </>
        )}
      </Fact>
    </>
  );
}

function Shape({ array }: { array: ArrayFacts }) {
  const { shape, names } = array;
  if (!names?.length) return <span>{shapeText(shape)}</span>;
  return (
    <span>
      {shape.map((length, axis) => (
        <Fragment key={axis}>
          {axis ? " " : null}
          <span class="zs-shape-axis">
            {axis ? <span class="zs-muted">× </span> : null}
            {length} <bdi class="zs-muted">{visible(names[axis] ?? "") || "(no name)"}</bdi>
          </span>
        </Fragment>
      ))}
    </span>
  );
}

function Codecs({ codecs }: { codecs: string[] }) {
  if (codecs.length === 0) return <span class="zs-muted">none: stored as it is</span>;
  return (
    <span class="zs-codecs">
      {codecs.map((codec, step) => (
        <span key={step}>
          {step ? <span class="zs-muted"> → </span> : null}
          <bdi class="zs-codec zs-mono">{visible(codec)}</bdi>
        </span>
      ))}
    </span>
  );
}

const MAX_ATTRIBUTES_HEIGHT = 320;

function Attributes({ rows, problem }: { rows: JsonRow[]; problem: string | null }) {
  const count = rows[0]?.[4] ?? 0;
  return (
    <section>
      <h3 class="zs-details-heading">
        Attributes <span class="zs-muted">{count || "none"}</span>
      </h3>
      {count ? (
        <JsonTree rows={rows} label="Attributes" height={MAX_ATTRIBUTES_HEIGHT} />
      ) : null}
      {problem === null ? null : <p class="zs-muted">{visible(problem)}</p>}
    </section>
  );
}
