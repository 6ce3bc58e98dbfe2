/** What is in the library, or a few cutouts of it, goes out as a file, in the format that the person chooses. */

import { useSignal } from "@preact/signals";
import type { Exported } from "../library/index.ts";
import { ask, counted } from "./state.ts";

const FORMATS = [
  { id: "database", name: "Everything, as one SQLite file", does: "opens here again, in Python and with sqlite3" },
  {
    id: "zip",
    name: "Everything, as a zip",
    does: "a line of JSON for each cutout, images beside it; opens here again",
  },
  { id: "bookmarks", name: "Bookmarks", does: "for any browser; what has no address stays out" },
  { id: "markdown", name: "Markdown", does: "a zip with a file for each cutout" },
  { id: "csv", name: "Table", does: "CSV for a spreadsheet" },
] as const;

type Format = (typeof FORMATS)[number]["id"];

type Progress =
  | { readonly name: "idle" }
  | { readonly name: "writing"; readonly rows: number; readonly stop: AbortController }
  | { readonly name: "done"; readonly exported: Exported }
  | { readonly name: "failed"; readonly why: string };

/** `keys` are those of the cutouts to take out, or null for the whole library. */
export function TakeOut({ keys }: { keys: readonly string[] | null }) {
  const progress = useSignal<Progress>({ name: "idle" });
  const format = useSignal<Format>("database");
  const write = async () => {
    const stop = new AbortController();
    progress.value = { name: "writing", rows: 0, stop };
    const onRows = (rows: number) => {
      progress.value = { name: "writing", rows, stop };
    };
    try {
      const exported = await ask("exportFile", { format: format.value, keys }, { signal: stop.signal, onRows });
      progress.value = { name: "done", exported };
      hand(exported);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      progress.value = stop.signal.aborted ? { name: "idle" } : { name: "failed", why: error.message };
    }
  };
  const now = progress.value;
  return (
    <>
      <p class="choices">
        <label for="export-format">As</label>
        <select
          id="export-format"
          value={format.value}
          onChange={({ currentTarget }) => (format.value = idOf(currentTarget.value))}
        >
          {FORMATS.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        {now.name === "writing" ? (
          <button type="button" onClick={() => now.stop.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={() => void write()}>
            Take out
          </button>
        )}
      </p>
      <p class="hint">{FORMATS.find(({ id }) => id === format.value)?.does}</p>
      <p role="status" class={now.name === "failed" ? "failure" : undefined}>
        {said(now)}
      </p>
    </>
  );
}

function idOf(value: string): Format {
  return FORMATS.find(({ id }) => id === value)?.id ?? "database";
}

function said(now: Progress): string {
  if (now.name === "writing") return `${now.rows.toLocaleString()} written`;
  if (now.name === "failed") return now.why;
  if (now.name === "idle") return "";
  const { cutouts, leftOut, name } = now.exported;
  return `${counted(cutouts)} in ${name}${leftOut > 0 ? `, ${leftOut.toLocaleString()} left out` : ""}`;
}

/** Let the browser save the file; its address is given up once that has begun. */
export function hand({ file, name }: Pick<Exported, "file" | "name">): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
