// Copies a text exactly as it is, and says so.
import { useEffect, useState } from "preact/hooks";

const SAID_MS = 1_500;

type Said = "" | "Copied" | "Not allowed";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<Said>("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () => {
    // There is no clipboard on a page that was served without encryption.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject();
    written.then(
      () => setSaid("Copied"),
      () => setSaid(copyBySelection(text) ? "Copied" : "Not allowed"),
    );
  };
  return (
    <button
      type="button"
      class="zs-button zs-details-copy"
      aria-label={label}
      onClick={copy}
    >
      <span role="status">{said || "Copy"}</span>
    </button>
  );
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
  }
}
