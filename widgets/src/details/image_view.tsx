// A picture, through a data: URL in an <img>, where nothing in it can run.
import { useState } from "preact/hooks";
import type { Channel } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import { visible } from "../text/visible.ts";
import { Pieces } from "./pieces.ts";
import type { ValueHead } from "./requests.ts";
import { useAsked } from "./use_asked.ts";
import { Waiting } from "./waiting.tsx";

interface ImageViewProps {
  channel: Channel;
  keyName: string;
  head: ValueHead;
}

const UNREADABLE = new Error("the browser cannot show this picture: it may be damaged");

export function ImageView({ channel, keyName, head }: ImageViewProps) {
  const [broken, setBroken] = useState(false);
  const url = useAsked<string>(
    [keyName],
    head.problem === null
      ? async (signal) => {
          const pieces = new Pieces();
          const kind = await channel.call(
            "value_image",
            { key: keyName },
            { slot: "value", signal, onPart: (_, buffers) => pieces.add(buffers) },
          );
          return dataUrl(new Blob([pieces.bytes()], { type: kind }));
        }
      : null,
  );
  if (head.problem !== null) return <p class="zs-details-note">{head.problem}.</p>;
  if (url.error !== null) return <Problem error={url.error} onRetry={url.retry} />;
  if (broken) return <Problem error={UNREADABLE} />;
  if (url.value === null) return <Waiting />;
  return (
    <div class="zs-details-image">
      <img
        src={url.value}
        alt={`Content of ${visible(keyName)}`}
        onError={() => setBroken(true)}
      />
    </div>
  );
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
