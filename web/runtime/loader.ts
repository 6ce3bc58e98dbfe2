/** The address of a bundle goes in, its manifest and checked files come out: from the cache, the network, or both. */

import { ChunkCache, type Storage } from "./cache.ts";
import { Download, type Line } from "./download.ts";
import { BundleError, NetworkError } from "./errors.ts";
import { CHUNK_BYTES, type FileEntry, type Manifest, readManifest } from "./manifest.ts";
import type { Files } from "./model.ts";
import type { Progress } from "./protocol.ts";

const PARALLEL = 4;
const LOCK_WAIT_MS = 10_000;
const MANIFEST_WAIT_MS = 5_000; // then the copy that was kept is used, if there is one

/** The browser, as far as loading needs it; tests pass stand-ins. */
export interface Surroundings {
  readonly fetch: typeof fetch;
  readonly storage: Storage | undefined;
  readonly locks: Pick<LockManager, "request"> | undefined;
  readonly origin: string;
  pause(attempt: number, signal: AbortSignal): Promise<void>;
}

export interface LoadOptions {
  readonly cache: boolean;
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** A manifest, its files, and where they came from. */
export interface Loaded {
  readonly manifest: Manifest;
  readonly files: Files;
  readonly bytesFromCache: number;
  readonly bytesFromNetwork: number;
  readonly offline: boolean;
  readonly warnings: readonly string[];
}

/** Return the files of the bundle at `url` (which ends with a slash). */
export async function loadFiles(url: string, around: Surroundings, options: LoadOptions): Promise<Loaded> {
  if (new URL(url).origin !== around.origin) {
    throw new BundleError(
      `the bundle at ${url} is of another origin than this page, ${around.origin}: serve both from one place`,
    );
  }
  options.onProgress({ stage: "manifest", bytes: 0, totalBytes: 0 });
  const opening = ChunkCache.open(around.storage, around.origin, options.cache);
  const keeping = opening.then((cache) => cache.manifest(url, "complete"));
  const asking = quiet(fetchManifest(url, around, keeping, options.signal));
  const cache = await opening;
  const kept = await keeping;
  const begin = (text: string): Reading => read(new Load(url, readManifest(text), cache, around, options));
  // Most visits find what the last one kept: its chunks are read while the server is asked.
  const early = kept === undefined ? undefined : unlessDamaged(() => begin(kept));
  const { text, offline } = await asking;
  const { load, done } = early !== undefined && text === kept ? early : begin(text);
  await done;
  if (!load.complete) {
    await cache.keepManifest(url, text, "pending");
    await oneAtATime(url, around, options.signal, () => load.fromNetwork());
  }
  if (load.bytesFromNetwork > 0 || kept !== text) {
    await cache.complete(url, text);
    await cache.prune();
  }
  const { manifest, files, bytesFromCache, bytesFromNetwork } = load;
  return { manifest, files, bytesFromCache, bytesFromNetwork, offline, warnings: cache.warnings };
}

interface Reading {
  readonly load: Load;
  readonly done: Promise<void>;
}

/** Begin to take chunks from the cache. */
function read(load: Load): Reading {
  return { load, done: quiet(load.fromCache()) };
}

/** What was kept may be damaged, or of an older format than this page reads: then it is no beginning. */
function unlessDamaged<T>(begin: () => T): T | undefined {
  try {
    return begin();
  } catch (error) {
    if (error instanceof BundleError) return undefined;
    throw error;
  }
}

/** Return the same promise; that it fails is noticed where it is awaited, however late. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The files of one bundle on their way. */
class Load {
  readonly manifest: Manifest;
  bytesFromCache = 0;
  bytesFromNetwork = 0;
  private readonly downloads: ReadonlyMap<FileEntry, Download>;
  private readonly cache: ChunkCache;
  private readonly options: LoadOptions;
  private readonly totalBytes: number;

  constructor(url: string, manifest: Manifest, cache: ChunkCache, around: Surroundings, options: LoadOptions) {
    const wanted = manifest.files.filter((file) => file.load).sort((a, b) => b.bytes - a.bytes);
    const line: Line = {
      fetch: around.fetch,
      signal: options.signal,
      mode: cache.available ? "no-store" : "no-cache", // one copy on the disk is enough
      pause: around.pause,
      onBytes: (count) => {
        this.bytesFromNetwork += count;
        this.report("download");
      },
      onChunk: (hash, bytes) => cache.keepChunk(hash, bytes),
    };
    this.manifest = manifest;
    this.cache = cache;
    this.options = options;
    this.totalBytes = wanted.reduce((sum, file) => sum + file.bytes, 0);
    this.downloads = new Map(wanted.map((file) => [file, new Download(file, new URL(file.path, url).href, line)]));
  }

  get complete(): boolean {
    return [...this.downloads.values()].every((download) => download.complete);
  }

  get files(): Files {
    return new Map([...this.downloads].map(([file, download]) => [file.path, download.bytes]));
  }

  /** Take every chunk that the cache has, each checked. */
  async fromCache(): Promise<void> {
    await forEach([...this.downloads], async ([file, download]) => {
      await Promise.all(file.chunks.map((hash, index) => this.chunkFromCache(file, download, index, hash)));
    });
  }

  /** Fetch the rest; another tab may have fetched some of it in the meantime. */
  async fromNetwork(): Promise<void> {
    await this.fromCache();
    await forEach([...this.downloads.values()], (download) => download.run());
  }

  private async chunkFromCache(file: FileEntry, download: Download, index: number, hash: string): Promise<void> {
    if (download.have[index]) return;
    const chunk = await this.cache.chunk(hash);
    this.options.signal.throwIfAborted();
    if (chunk === undefined || chunk.length !== Math.min(CHUNK_BYTES, file.bytes - index * CHUNK_BYTES)) return;
    download.accept(index, chunk);
    this.bytesFromCache += chunk.length;
    this.report("check");
  }

  private report(stage: "check" | "download"): void {
    this.options.onProgress({ stage, bytes: this.bytesFromCache + this.bytesFromNetwork, totalBytes: this.totalBytes });
  }
}

/** Return the manifest as the server has it now, or the one that was kept when the server does not answer. */
async function fetchManifest(
  url: string,
  around: Surroundings,
  keeping: Promise<string | undefined>,
  signal: AbortSignal,
): Promise<{ text: string; offline: boolean }> {
  const address = new URL("manifest.json", url).href;
  const patience = new AbortController();
  const losePatience = (): void => patience.abort(new Error(`no answer within ${MANIFEST_WAIT_MS / 1000} s`));
  const timer = keeping.then((kept) => (kept === undefined ? undefined : setTimeout(losePatience, MANIFEST_WAIT_MS)));
  let problem: string;
  try {
    const answer = await around.fetch(address, {
      cache: "no-cache",
      mode: "same-origin",
      credentials: "same-origin",
      signal: AbortSignal.any([signal, patience.signal]),
    });
    if (answer.ok) return { text: await answer.text(), offline: false };
    problem = `the server answered ${answer.status}`;
    if (answer.status < 500) throw new NetworkError(`${address}: ${problem}: is there a bundle at this address?`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NetworkError) throw error;
    problem = error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(await timer);
  }
  const kept = await keeping;
  if (kept !== undefined) return { text: kept, offline: true };
  throw new NetworkError(`${address} could not be fetched (${problem}): check the connection and load again`);
}

/** Run while no other tab loads the same bundle; after a while run anyway, so that a stuck tab blocks nobody. */
async function oneAtATime(
  url: string,
  around: Surroundings,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> {
  if (around.locks === undefined) return await run();
  const patience = AbortSignal.timeout(LOCK_WAIT_MS);
  let started = false;
  try {
    await around.locks.request(`cutouts ${url}`, { signal: AbortSignal.any([signal, patience]) }, async () => {
      started = true;
      await run();
    });
  } catch (error) {
    if (started || signal.aborted) throw error;
    await run(); // locks are refused or taken: fetching twice is better than not at all
  }
}

/** Call `work` on every item, a few at once. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
