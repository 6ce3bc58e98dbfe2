/** A file that another app exported goes into the library; every row of it is accounted for. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { type Copy, openCopy, type Returned } from "./copies/index.ts";
import { type Incoming, type Row, readExport, recognise } from "./importers/index.ts";
import { pause } from "./pause.ts";
import type { Asset } from "./protocol.ts";
import { isKept, Restoration, type Restored, restoreVocabulary } from "./restore.ts";
import { idOf, insertCutout, mergeCutout, sameCutout, trashCutout } from "./shelf.ts";
import { transaction } from "./statements.ts";
import { newAction, type Recorder, recorded } from "./undo.ts";

const AT_ONCE = 250; // rows between two commits
const BYTES_AT_ONCE = 1 << 24; // of images, where there are some
const MOST_LINES = 10_000; // of the report

/** A row of which there is more to say than that it was added. */
export interface IntakeLine {
  readonly row: number;
  readonly did: "merged" | "skipped" | "cut";
  /** The title or the address, or a sample of the row. */
  readonly sample: string;
  /** Why it was skipped, what it was merged with, or which fields lost something. */
  readonly why: string;
}

/** What became of a file: `added + merged + skipped` are all of its rows that were read. */
export interface Intake {
  readonly format: string;
  readonly added: number;
  readonly merged: number;
  readonly skipped: number;
  /** Whether anything is in the library now that was not; else there is nothing to undo. */
  readonly isChange: boolean;
  /** Whether it was stopped before its end. What was added until then stays, and can be undone. */
  readonly isStopped: boolean;
  readonly lines: readonly IntakeLine[];
  /** Lines beyond the first 10,000, which are only counted. */
  readonly moreLines: number;
}

export interface IntakeOptions {
  readonly signal?: AbortSignal;
  /** Told how many rows are durable, after each commit. */
  readonly onRows?: (rows: number) => void;
}

/**
 * Take a file in, some hundred rows at a time and all of them one action to undo. The same `id` takes it in once, even
 * if it was begun before. A library that was taken out comes back as it was, under its own keys. Raises ImportError for
 * a file that is no export.
 */
export async function takeIn(to: Recorder, id: string, file: Blob, options: IntakeOptions = {}): Promise<Intake> {
  const { signal, onRows } = options;
  const copy = await openCopy(to.sqlite, file);
  const format = copy === null ? await recognise(file) : undefined;
  const work = new Work(to, id, copy?.format ?? format?.name ?? "");
  const rows = () => readExport(file, { ...(signal && { signal }), ...(format && { format }) });
  try {
    for await (const row of copy === null ? rows() : work.rowsOf(copy, signal))
      if (work.wait(row)) onRows?.(work.commit());
    work.commit();
    return work.report({ isStopped: false });
  } catch (error) {
    work.commit(); // what was read until here
    if (signal?.aborted !== true) throw error;
    return work.report({ isStopped: true });
  } finally {
    copy?.close();
  }
}

/** How far an import came, for when it is asked again because the window that did it closed. */
interface Begun {
  readonly action: number;
  readonly batch: number | undefined;
}

function progressOf(id: string): string {
  return `${id} begun`;
}

const UNITED: Readonly<Record<Exclude<Restored, "added">, string>> = {
  newer: "with itself, which was changed here earlier",
  united: "with itself, tags of both",
  same: "with itself, which was here already",
};

class Work {
  private readonly to: Recorder;
  private readonly id: string;
  private readonly format: string;
  private batch: number | undefined; // known from the first row of another app on
  private action: number | undefined; // known from the first commit that changes anything on, or when it goes on
  private readonly counts = { added: 0, merged: 0, skipped: 0 };
  private readonly lines: IntakeLine[] = [];
  private moreLines = 0;
  private waiting: (Row | Returned)[] = [];
  private waitingBytes = 0;

  constructor(to: Recorder, id: string, format: string) {
    this.to = to;
    this.id = id;
    this.format = format;
    const known = to.db.selectValue("SELECT result FROM answered WHERE request = ?", [progressOf(id)]);
    if (known !== undefined) ({ action: this.action, batch: this.batch } = JSON.parse(known as string) as Begun);
  }

  /** Take in the words of a copy and yield its rows. */
  async *rowsOf(copy: Copy, signal: AbortSignal | undefined): AsyncGenerator<Row | Returned> {
    const { to } = this;
    this.record(() => restoreVocabulary(to.db, copy.vocabulary));
    for await (const row of copy.rows((sha256) => isKept(to.db, sha256))) {
      yield row;
      if (this.waiting.length > 0) continue;
      await pause();
      signal?.throwIfAborted();
    }
  }

  /** Take note of a row and return whether enough of them wait to be committed. */
  wait(row: Row | Returned): boolean {
    if ("record" in row) this.waitingBytes += bytesOf(row.asset) + bytesOf(row.icon);
    return this.waiting.push(row) >= AT_ONCE || this.waitingBytes >= BYTES_AT_ONCE;
  }

  /** Make durable what waits; return how many rows are. */
  commit(): number {
    const rows = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    if (rows.length > 0)
      this.record(() => {
        const restoration = new Restoration(this.to.db);
        for (const row of rows) this.take(row, restoration);
        restoration.finish();
      });
    const { counts } = this;
    return counts.added + counts.merged + counts.skipped;
  }

  /** Make a change that is taken back together with all others of this file. */
  private record(change: () => void): void {
    const { to } = this;
    transaction(to.db, () => {
      const action = this.isUndone() ? newAction(to.db) : (this.action ?? newAction(to.db));
      recorded(to, "import", change, action);
      if (newAction(to.db) <= action) return; // nothing changed, and the next change may be another's
      this.action = action;
      const begun = JSON.stringify({ action, batch: this.batch } satisfies Begun);
      to.db.exec("INSERT INTO answered (request, at, result) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET result = ?3", {
        bind: [progressOf(this.id), to.now(), begun],
      });
    });
  }

  /** Whether what was taken in so far was taken back meanwhile; its number may be another action's by now. */
  private isUndone(): boolean {
    const mine = "SELECT 1 FROM undo WHERE action = ? AND what = 'import'";
    return this.action !== undefined && this.to.db.selectValue(mine, [this.action]) === undefined;
  }

  report({ isStopped }: { isStopped: boolean }): Intake {
    const { format, counts, lines, moreLines } = this;
    return { format, ...counts, isChange: this.action !== undefined, isStopped, lines, moreLines };
  }

  private take(row: Row | Returned, restoration: Restoration): void {
    if ("why" in row) {
      this.counts.skipped += 1;
      this.say({ row: row.row, did: "skipped", sample: row.sample, why: row.why });
      return;
    }
    if ("record" in row) {
      this.restore(row, restoration);
      return;
    }
    const sample = row.title || row.address || row.body.slice(0, 80);
    const twin = this.add(this.to.db, row);
    this.counts[twin === null ? "added" : "merged"] += 1;
    if (twin !== null) this.say({ row: row.row, did: "merged", sample, why: `with “${twin}”` });
    if (row.cut !== undefined) this.say({ row: row.row, did: "cut", sample, why: row.cut.join(", ") });
  }

  private restore({ row, record, cut, ...images }: Returned, restoration: Restoration): void {
    const sample = record.title || record.address || record.body.slice(0, 80);
    const restored = restoration.add(record, images);
    this.counts[restored === "added" ? "added" : "merged"] += 1;
    if (restored !== "added") this.say({ row, did: "merged", sample, why: UNITED[restored] });
    if (cut.length > 0) this.say({ row, did: "cut", sample, why: cut.join(", ") });
  }

  /** Add a row, or what it says to the cutout that it is a copy of, whose title is returned. */
  private add(db: Database, { row, created, isTrashed, ...words }: Incoming): string | null {
    const now = this.to.now();
    const key = `${this.id}.${row}`;
    if (idOf(db, key) !== null) return null; // added when this was begun before
    const twin = sameCutout(db, words);
    if (twin !== null) return mergeCutout(db, twin, words, now);
    const { cut: _, ...said } = words;
    const cutout = { anchor: null, ...said, key, asset: null, created: created ?? now };
    this.batch ??= newBatch(db, this.format, now);
    insertCutout(db, cutout, this.batch);
    if (isTrashed) trashCutout(db, key, now, { isTrashed });
    return null;
  }

  private say(line: IntakeLine): void {
    if (this.lines.length < MOST_LINES) this.lines.push(line);
    else this.moreLines += 1;
  }
}

function bytesOf(image: Asset | null): number {
  return image?.bytes.length ?? 0;
}

function newBatch(db: Database, source: string, at: number): number {
  db.exec("INSERT INTO batch (source, at) VALUES (?, ?)", { bind: [source, at] });
  return Number(db.selectValue("SELECT last_insert_rowid()"));
}
