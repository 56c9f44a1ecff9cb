// The calls as a file that the browser saves.
import { useState } from "preact/hooks";
import { type Channel, Stopped } from "../kernel/channel.ts";
import { Problem } from "../parts/problem.tsx";
import type { RecordingSummary } from "./calls.ts";
import { choices, Pick } from "./pick.tsx";

type Form = "csv" | "json lines" | "chrome trace";

declare module "../kernel/requests.ts" {
  interface Requests {
    export_calls: {
      args: { source: number; form: Form };
      part: { offset: number; total: number };
      result: null;
    };
  }
}

const FORMS: [form: Form, label: string, name: string][] = [
  ["csv", "CSV", "calls.csv"],
  ["json lines", "JSON lines", "calls.jsonl"],
  ["chrome trace", "Chrome trace", "calls.trace.json"],
];

interface ExportMenuProps {
  channel: Channel;
  recordings: RecordingSummary[];
}

export function ExportMenu({ channel, recordings }: ExportMenuProps) {
  const [source, setSource] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const save = async (form: Form, name: string) => {
    const pieces: BlobPart[] = [];
    setError(null);
    try {
      await channel.call(
        "export_calls",
        { source, form },
        {
          slot: "export",
          onPart: (_, [piece]) => piece && pieces.push(piece as BlobPart),
        },
      );
      download(new Blob(pieces, { type: "text/plain" }), name);
    } catch (reason) {
      if (!(reason instanceof Stopped)) setError(reason);
    }
  };
  return (
    <div class="zs-calls-export">
      {recordings.length > 0 ? null : <span class="zs-muted">Export</span>}
      {recordings.length > 0 ? (
        <Pick
          label="Export of"
          value={source}
          options={choices(recordings, "all calls")}
          onChange={setSource}
        />
      ) : null}
      {FORMS.map(([form, label, name]) => (
        <button key={form} type="button" class="zs-button" onClick={() => save(form, name)}>
          {label}
        </button>
      ))}
      {error ? <Problem error={error} /> : null}
    </div>
  );
}

function download(content: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
