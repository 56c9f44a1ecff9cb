// For stores that cannot list their keys: a key can still be typed.
import type { TargetedKeyboardEvent } from "preact";
import { useState } from "preact/hooks";
import { sentenceOf } from "../parts/problem.tsx";
import type { Explorer } from "./explorer.ts";

export function KeyField({ explorer, error }: { explorer: Explorer; error: Error }) {
  const [key, setKey] = useState("");
  // As it is now: what was typed just before may not have been drawn yet.
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (event.currentTarget.value) explorer.selection.selectKey(event.currentTarget.value);
  };
  return (
    <form
      class="zs-explorer-key-field"
      onSubmit={(event) => {
        event.preventDefault();
        explorer.selection.selectKey(key);
      }}
    >
      <p>This store cannot list. Type a key:</p>
      <div class="zs-explorer-key-line">
        <input
          class="zs-input"
          aria-label="Key"
          value={key}
          placeholder="zarr.json"
          spellcheck={false}
          data-lm-suppress-shortcuts="true"
          onInput={(event) => setKey(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="zs-button" disabled={!key}>
          Show
        </button>
      </div>
      <p class="zs-muted">{sentenceOf(error)}</p>
    </form>
  );
}
