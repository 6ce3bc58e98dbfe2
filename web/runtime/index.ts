/** The address of a bundle goes in, a tagger comes out; everything heavy happens in a worker. */

import { Connection } from "./connection.ts";
import type { Manifest } from "./manifest.ts";
import type { Answers, Inspection, LoadReport, Progress, Tagging } from "./protocol.ts";

export { BrowserError, BundleError, NetworkError } from "./errors.ts";
export type { EncoderEntry, FileEntry, HeadEntry, Label, Layer, Manifest } from "./manifest.ts";
export type { Inspection, LoadReport, Progress, Stage, Tag, Tagging } from "./protocol.ts";

export interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** False keeps nothing for the next visit. */
  readonly cache?: boolean;
  /** Starts worker.js, where a bundler has to see that or where there is no page; otherwise the one beside index.js is started. */
  readonly worker?: () => Worker;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Return a tagger for the bundle at `url`, checked against Python's own answers on this very device. */
export async function loadBundle(url: string | URL, options: LoadOptions = {}): Promise<Tagger> {
  const { signal, onProgress, cache = true, worker } = options;
  const folder = new URL(url, globalThis.location?.href);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  signal?.throwIfAborted();
  const connection = new Connection(worker?.());
  try {
    const result = await connection.ask({ type: "load", url: folder.href, cache }, signal, onProgress);
    if (result.type !== "loaded") throw new Error(`the worker answered ${result.type} to load`);
    return new Tagger(connection, result.manifest, result.report);
  } catch (error) {
    connection.end(closed());
    throw error;
  }
}

/** A loaded bundle. */
export class Tagger {
  readonly manifest: Manifest;
  /** How loading went: bytes, sources, warnings. */
  readonly report: LoadReport;
  private readonly connection: Connection;

  /** Use `loadBundle`. */
  constructor(connection: Connection, manifest: Manifest, report: LoadReport) {
    this.connection = connection;
    this.manifest = manifest;
    this.report = report;
  }

  /** Return the tags of a text, or of each text, most probable first. */
  tag(text: string, options?: CallOptions): Promise<Tagging>;
  tag(texts: readonly string[], options?: CallOptions): Promise<Tagging[]>;
  async tag(input: string | readonly string[], options: CallOptions = {}): Promise<Tagging | Tagging[]> {
    const answers = await this.run("tag", typeof input === "string" ? [input] : input, options);
    return typeof input === "string" ? (answers[0] as Tagging) : answers;
  }

  /** Return one vector of `manifest.encoder.dim` numbers per text. */
  async embed(texts: readonly string[], options: CallOptions = {}): Promise<Float32Array[]> {
    return await this.run("embed", texts, options);
  }

  /** Return everything that is computed for each text. */
  async inspect(texts: readonly string[], options: CallOptions = {}): Promise<Inspection[]> {
    return await this.run("inspect", texts, options);
  }

  /** Stop the worker and free its memory; calls that still wait are rejected. */
  close(): void {
    this.connection.end(closed());
  }

  private async run<What extends keyof Answers>(
    what: What,
    texts: readonly string[],
    options: CallOptions,
  ): Promise<Answers[What][]> {
    const result = await this.connection.ask({ type: "run", what, texts: [...texts] }, options.signal);
    if (result.type !== "ran") throw new Error(`the worker answered ${result.type} to run`);
    return result.answers as Answers[What][];
  }
}

function closed(): DOMException {
  return new DOMException("the bundle was closed: load it again", "AbortError");
}
