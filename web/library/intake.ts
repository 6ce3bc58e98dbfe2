/** A file that another app exported goes into the library; every row of it is accounted for. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { type Format, type Incoming, type Row, readExport, recognise } from "./importers/index.ts";
import { idOf, insertCutout, mergeCutout, sameCutout, trashCutout } from "./shelf.ts";
import { newAction, type Recorder, recorded } from "./undo.ts";

const AT_ONCE = 250; // rows between two commits
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
 * if it was begun before. Raises ImportError for a file that is no export.
 */
export async function takeIn(to: Recorder, id: string, file: Blob, options: IntakeOptions = {}): Promise<Intake> {
  const { signal, onRows } = options;
  const format = await recognise(file);
  const work = new Work(to, id, format);
  try {
    for await (const row of readExport(file, { ...(signal && { signal }), ...(format && { format }) }))
      if (work.wait(row) >= AT_ONCE) onRows?.(work.commit());
    work.commit();
    return work.report({ isStopped: false });
  } catch (error) {
    work.commit(); // what was read until here
    if (signal?.aborted !== true) throw error;
    return work.report({ isStopped: true });
  }
}

class Work {
  private readonly to: Recorder;
  private readonly id: string;
  private readonly format: string;
  private action: number | undefined; // known from the first commit that changes anything on
  private readonly batch: number;
  private readonly counts = { added: 0, merged: 0, skipped: 0 };
  private readonly lines: IntakeLine[] = [];
  private moreLines = 0;
  private waiting: Row[] = [];

  constructor(to: Recorder, id: string, format: Format | undefined) {
    this.to = to;
    this.id = id;
    this.format = format?.name ?? "";
    const { db, now } = to;
    db.exec("INSERT INTO batch (source, at) VALUES (?, ?)", { bind: [this.format, now()] });
    this.batch = Number(db.selectValue("SELECT last_insert_rowid()"));
  }

  /** Take note of a row and return how many wait to be committed. */
  wait(row: Row): number {
    return this.waiting.push(row);
  }

  /** Make durable what waits; return how many rows are. */
  commit(): number {
    const rows = this.waiting;
    this.waiting = [];
    const { to, counts } = this;
    if (rows.length > 0)
      to.db.transaction("IMMEDIATE", () => {
        const action = this.action ?? newAction(to.db);
        recorded(to, "import", () => rows.forEach((row) => void this.take(row)), action);
        if (counts.added + counts.merged > 0) this.action = action;
      });
    return counts.added + counts.merged + counts.skipped;
  }

  report({ isStopped }: { isStopped: boolean }): Intake {
    const { format, counts, lines, moreLines } = this;
    return { format, ...counts, isStopped, lines, moreLines };
  }

  private take(row: Row): void {
    if ("why" in row) {
      this.counts.skipped += 1;
      this.say({ row: row.row, did: "skipped", sample: row.sample, why: row.why });
      return;
    }
    const sample = row.title || row.address || row.body.slice(0, 80);
    const twin = this.add(this.to.db, row);
    this.counts[twin === null ? "added" : "merged"] += 1;
    if (twin !== null) this.say({ row: row.row, did: "merged", sample, why: `with “${twin}”` });
    if (row.cut !== undefined) this.say({ row: row.row, did: "cut", sample, why: row.cut.join(", ") });
  }

  /** Add a row, or what it says to the cutout that it is a copy of, whose title is returned. */
  private add(db: Database, { row, created, isTrashed, ...words }: Incoming): string | null {
    const now = this.to.now();
    const key = `${this.id}.${row}`;
    if (idOf(db, key) !== null) return null; // added when this was begun before
    const twin = sameCutout(db, words);
    if (twin !== null) return mergeCutout(db, twin, words, now);
    const { kind, title, body, note, address, tags } = words;
    const cutout = { key, kind, title, body, note, address, tags, anchor: null, asset: null, created: created ?? now };
    insertCutout(db, cutout, this.batch);
    if (isTrashed) trashCutout(db, key, now, { isTrashed });
    return null;
  }

  private say(line: IntakeLine): void {
    if (this.lines.length < MOST_LINES) this.lines.push(line);
    else this.moreLines += 1;
  }
}
