/** What was saved elsewhere comes in: a file is chosen, rows go by, and a report says what became of each. */

import { useSignal } from "@preact/signals";
import type { Intake } from "../library/index.ts";
import { ask, counted, say } from "./state.ts";
import { withoutTurns } from "./turns.ts";

type Progress =
  | { readonly name: "idle" }
  | { readonly name: "reading"; readonly file: string; readonly rows: number; readonly stop: AbortController }
  | { readonly name: "done"; readonly file: string; readonly intake: Intake }
  | { readonly name: "failed"; readonly file: string; readonly why: string };

/** `offered` are files that were dropped, or opened with the app. */
export function Bring({ offered = [] }: { offered?: readonly File[] }) {
  const progress = useSignal<Progress>({ name: "idle" });
  const taken = useSignal<ReadonlySet<File>>(new Set());
  const take = async (file: File) => {
    const stop = new AbortController();
    progress.value = { name: "reading", file: file.name, rows: 0, stop };
    const onRows = (rows: number) => {
      progress.value = { name: "reading", file: file.name, rows, stop };
    };
    try {
      const intake = await ask("importFile", { file }, { signal: stop.signal, onRows });
      progress.value = { name: "done", file: file.name, intake };
      taken.value = new Set([...taken.value, file]);
      say(`${counted(intake.added)} added from ${file.name}`, { canUndo: intake.isChange });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      progress.value = { name: "failed", file: file.name, why: error.message };
    }
  };
  return (
    <section aria-labelledby="bring">
      <h3 id="bring">Bring what you saved elsewhere</h3>
      <p class="hint">
        Bookmarks of any browser, and exports of Pocket, Pinboard, Raindrop, Instapaper, Readwise, Omnivore, wallabag
        and others. The file is read here and sent nowhere.
      </p>
      <Now
        progress={progress.value}
        offered={offered.filter((file) => !taken.value.has(file))}
        onFile={(file) => void take(file)}
      />
    </section>
  );
}

interface NowProps {
  readonly progress: Progress;
  /** Those that are not in yet. */
  readonly offered: readonly File[];
  onFile(file: File): void;
}

function Now({ progress, offered, onFile }: NowProps) {
  if (progress.name === "reading") {
    return (
      <p>
        <span role="status">
          {withoutTurns(progress.file)}: {progress.rows.toLocaleString()} rows
        </span>{" "}
        <button type="button" onClick={() => progress.stop.abort()}>
          Stop
        </button>
      </p>
    );
  }
  return (
    <>
      {progress.name === "failed" && (
        <p class="failure" role="alert">
          {withoutTurns(progress.file)}: {progress.why}
        </p>
      )}
      {progress.name === "done" && (
        <Report from={`${withoutTurns(progress.file)} (${progress.intake.format})`} intake={progress.intake} />
      )}
      {offered.map((file, place) => (
        <p key={`${place} ${file.name}`}>
          <button type="button" class="primary" onClick={() => onFile(file)}>
            Bring in <bdi>{withoutTurns(file.name)}</bdi>
          </button>
        </p>
      ))}
      <label class="file">
        <span>{progress.name === "done" ? "Another file" : "Choose a file"}</span>
        <input
          type="file"
          class="unseen"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            currentTarget.value = ""; // the same file can be chosen again
            if (file !== undefined) onFile(file);
          }}
        />
      </label>
    </>
  );
}

/** What became of each row; `from` says where they came from, or where they went. */
export function Report({ from, intake }: { from: string; intake: Intake }) {
  const { added, merged, skipped, isStopped, lines, moreLines } = intake;
  return (
    <div class="report">
      <p role="status">
        {from}: {added.toLocaleString()} added, {merged.toLocaleString()} merged with what was there,{" "}
        {skipped.toLocaleString()} left out.{isStopped && " It was stopped before its end."}
      </p>
      {lines.length > 0 && (
        <details>
          <summary>Which, and why</summary>
          <ul class="requests">
            {lines.map(({ row, did, sample, why }) => (
              <li key={`${row} ${did}`}>
                {row}: <bdi>{withoutTurns(sample) || "(nothing)"}</bdi> {DID[did]} <bdi>{withoutTurns(why)}</bdi>
              </li>
            ))}
          </ul>
          {moreLines > 0 && <p>And {moreLines.toLocaleString()} more.</p>}
        </details>
      )}
    </div>
  );
}

const DID = { merged: "was merged", skipped: "was left out:", cut: "lost something of:" } as const;
