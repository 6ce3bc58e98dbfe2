/** An open library and the address of a bundle go in; everything that waits is read, a few cutouts at a time. */

import { errorValue } from "./errors.ts";
import { finishJob, nextJobs, type Registered, useModel } from "./jobs.ts";
import type { Shelf } from "./operations.ts";
import type { ModelState, Notice } from "./protocol.ts";
import { loadReader, type Reader } from "./reader.ts";
import { leastAlike, loadVectors, parseQuery, type VectorIndex } from "./search/index.ts";
import { transaction } from "./statements.ts";

const AT_ONCE = 16; // cutouts read between two writes

/** The model of the window that owns the library. */
export class Study {
  private readonly shelf: Shelf;
  private readonly tell: (notice: Notice) => void;
  private reader: Reader | undefined;
  private by: Registered | undefined;
  private isReading = false;
  state: ModelState = { name: "none" };
  /** The bundle that was asked for last. */
  url: string | undefined;
  /** The vectors of the model that reads, in memory. */
  index: VectorIndex | null = null;
  /** The least similarity of cutouts that are alike by these vectors. */
  least = -1;

  constructor(shelf: Shelf, tell: (notice: Notice) => void) {
    this.shelf = shelf;
    this.tell = tell;
  }

  /** Load a model and begin to read; the former one serves until the new one is there. */
  async use(url: string): Promise<ModelState> {
    this.url = url;
    try {
      this.become({ name: "loading", bytes: 0, totalBytes: 0 });
      const reader = await loadReader(url, ({ bytes, totalBytes }) =>
        this.become({ name: "loading", bytes, totalBytes }),
      );
      const { db, now } = this.shelf;
      this.by = transaction(db, () => useModel(db, reader.entry, now()));
      this.reader?.close();
      this.reader = reader;
      this.index = loadVectors(db, reader.entry.space);
      this.least = leastAlike(reader.manifest.encoder.name);
      this.become({ name: "ready", manifest: reader.manifest, report: reader.report });
    } catch (error) {
      this.become({ name: "failed", error: errorValue(error) });
    }
    void this.read();
    return this.state;
  }

  /** Read what waits, until nothing does. Called after every change; one run at a time is enough. */
  async read(): Promise<void> {
    const { reader, by } = this;
    if (this.isReading || reader === undefined || by === undefined) return;
    this.isReading = true;
    try {
      const { db, now } = this.shelf;
      for (let jobs = nextJobs(db, AT_ONCE); jobs.length > 0 && this.reader === reader; jobs = nextJobs(db, AT_ONCE)) {
        const readings = await reader.read(jobs);
        transaction(db, () => {
          for (const [index, job] of jobs.entries()) {
            const reading = readings[index];
            if (reading !== undefined) finishJob(db, by, job, reading, now());
          }
        });
        this.tell({ type: "changed", what: "read" });
      }
    } catch (error) {
      if (this.reader === reader) this.become({ name: "failed", error: errorValue(error) });
    } finally {
      this.isReading = false;
    }
    if (this.reader !== reader) void this.read();
  }

  /** Return the vector of what a query asks for, or null where there is no model or nothing but filters. */
  async embed(query: string): Promise<Float32Array | null> {
    const { text } = parseQuery(query);
    return this.reader === undefined || text.trim() === "" ? null : await this.reader.embed(text);
  }

  /** Stop reading and let the model go. */
  close(): void {
    this.reader?.close();
    this.reader = undefined;
    this.become({ name: "none" });
  }

  private become(state: ModelState): void {
    this.state = state;
    this.tell({ type: "model", model: state });
  }
}
