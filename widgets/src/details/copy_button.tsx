// Copies a text exactly as it is, and says so.
import { useEffect, useState } from "preact/hooks";
import { copyText } from "../parts/clipboard.ts";

const SAID_MS = 1_500;

type Said = "" | "Copied" | "Not allowed";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<Said>("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(text)) ? "Copied" : "Not allowed");
  return (
    <button
      type="button"
      class="zs-button zs-details-copy"
      aria-label={label}
      onClick={() => void copy()}
    >
      <span role="status">{said || "Copy"}</span>
    </button>
  );
}
