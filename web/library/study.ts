/** An open library and the address of a bundle go in; everything that waits is read, a few cutouts at a time. */

import { errorValue } from "./errors.ts";
import { finishJob, nextJobs, type Registered, useModel } from "./jobs.ts";
import type { Shelf } from "./operations.ts";
import { pause } from "./pause.ts";
import type { ModelState, Notice } from "./protocol.ts";
import { loadReader, type Reader } from "./reader.ts";
import { leastAlike, loadVectors, loadVectorsBetween, parseQuery, spaceOf, type VectorIndex } from "./search/index.ts";
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
  private loading: Promise<void> = Promise.resolve();
  private asked = 0;
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

  /**
   * Load a model and begin to read; the former one serves until the new one is there with all vectors. Of several asked
   * for at once, the last is loaded and answers for all.
   */
  async use(url: string): Promise<ModelState> {
    this.url = url;
    this.loading = this.load(url, ++this.asked);
    for (let load: Promise<void> | undefined; load !== this.loading; await load) load = this.loading;
    void this.read();
    return this.state;
  }

  private async load(url: string, asked: number): Promise<void> {
    const isWanted = () => this.asked === asked;
    try {
      this.become({ name: "loading", bytes: 0, totalBytes: 0 });
      const reader = await loadReader(url, ({ bytes, totalBytes }) => {
        if (isWanted()) this.become({ name: "loading", bytes, totalBytes });
      });
      const index = isWanted() ? await this.vectorsOf(reader.entry.space, isWanted) : null;
      if (!isWanted()) {
        reader.close();
        return;
      }
      const { db, now } = this.shelf;
      this.by = transaction(db, () => useModel(db, reader.entry, now()));
      this.reader?.close();
      this.reader = reader;
      this.index = index ?? loadVectors(db, reader.entry.space); // of a space that is new there are none
      this.least = leastAlike(reader.manifest.encoder.name);
      this.become({ name: "ready", manifest: reader.manifest, report: reader.report });
    } catch (error) {
      if (isWanted()) this.become({ name: "failed", error: errorValue(error) });
    }
  }

  /** Return the vectors of a space; those in memory are kept as the tables are. Between slices, questions are answered. */
  private async vectorsOf(name: string, isWanted: () => boolean): Promise<VectorIndex | null> {
    const { db } = this.shelf;
    if (this.index !== null && this.index.space === spaceOf(db, name)) return this.index;
    return await loadVectorsBetween(db, name, async (passages) => {
      this.become({ name: "reading", passages });
      await pause();
      return isWanted();
    });
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
    this.asked++;
    this.reader?.close();
    this.reader = undefined;
    this.become({ name: "none" });
  }

  private become(state: ModelState): void {
    this.state = state;
    this.tell({ type: "model", model: state });
  }
}
