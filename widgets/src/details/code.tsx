// Python that reads the selection, to copy.
import type { Selected } from "../explorer/selected.ts";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { visible } from "../text/visible.ts";
import { CopyButton } from "./copy_button.tsx";
import type { Snippet } from "./requests.ts";
import { useAsked } from "./use_asked.ts";
import { Waiting } from "./waiting.tsx";

interface CodeProps {
  channel: Channel;
  selected: Selected;
  node: "group" | "array" | null;
}

export function Code({ channel, selected, node }: CodeProps) {
  const { key } = selected;
  const { value, error, retry } = useAsked<Snippet[]>([key, node], (signal) =>
    channel.call("snippets", { keys: [key], nodes: [node] }, { slot: "code", signal }),
  );
  if (error !== null) return <Problem error={error} onRetry={retry} />;
  if (value === null) return <Waiting />;
  return (
    <div>
      <p class="zs-muted">
        Here <code class="zs-mono">store</code> is the store that is explored.
      </p>
      {value.map(([title, code]) => (
        <section key={title}>
          <div class="zs-code-head">
            <h3>{title}</h3>
            <CopyButton text={code} label={`Copy: ${title}`} />
          </div>
          <pre class="zs-source" tabIndex={0}>
            {code.split("\n").map(visible).join("\n")}
          </pre>
        </section>
      ))}
    </div>
  );
}
