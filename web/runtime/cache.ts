/** Chunks and manifests go in under their hash and address, and come out checked; without storage everything still works. */

import { BrowserError } from "./errors.ts";
import type { Manifest } from "./manifest.ts";

const NAME = "cutouts-1";

/** `pending`: its chunks are still being fetched; `complete`: loading it needs no network. */
export type ManifestState = "pending" | "complete";

/** What Cache Storage offers and this file uses; tests pass a stand-in. */
export type Storage = Pick<CacheStorage, "open">;

/** Return the SHA-256 of bytes in hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new BrowserError(
      "this page is not a secure context, so files cannot be checked: serve it over https, or from localhost",
    );
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Chunks under their SHA-256, shared by every bundle of this origin. */
export class ChunkCache {
  readonly warnings: string[] = [];
  private cache: Cache | undefined;
  private readonly root: string;

  private constructor(cache: Cache | undefined, root: string) {
    this.cache = cache;
    this.root = root;
  }

  /** Return the cache, or one that keeps nothing when storage is refused or not wanted. */
  static async open(storage: Storage | undefined, origin: string, wanted: boolean): Promise<ChunkCache> {
    const root = `${origin}/.cutouts/`;
    if (!wanted) return new ChunkCache(undefined, root);
    let reason = "the browser offers no Cache Storage here";
    try {
      if (storage !== undefined) return new ChunkCache(await storage.open(NAME), root);
    } catch (error) {
      reason = String(error);
    }
    const nothing = new ChunkCache(undefined, root);
    nothing.warnings.push(warning(reason));
    return nothing;
  }

  get available(): boolean {
    return this.cache !== undefined;
  }

  /** Return the chunk with that hash; a damaged entry is deleted and counts as absent. */
  async chunk(hash: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await this.read(`chunk/${hash}`);
    if (bytes === undefined || (await sha256(bytes)) === hash) return bytes;
    await this.forget(`chunk/${hash}`);
    return undefined;
  }

  /** Keep a chunk whose hash was checked. */
  async keepChunk(hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.write(`chunk/${hash}`, bytes);
  }

  /** Return the text of the manifest that was kept for an address. */
  async manifest(url: string, state: ManifestState): Promise<string | undefined> {
    const bytes = await this.read(`${state}/${encodeURIComponent(url)}`);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  async keepManifest(url: string, text: string, state: ManifestState): Promise<void> {
    await this.write(`${state}/${encodeURIComponent(url)}`, new TextEncoder().encode(text));
  }

  /** The bundle at `url` is complete: its manifest is the one to use offline. */
  async complete(url: string, text: string): Promise<void> {
    await this.keepManifest(url, text, "complete");
    await this.forget(`pending/${encodeURIComponent(url)}`);
  }

  /** Delete every chunk that no kept manifest refers to. */
  async prune(): Promise<void> {
    if (this.cache === undefined) return;
    const wanted = new Set<string>();
    const chunks: Request[] = [];
    for (const request of await this.cache.keys()) {
      if (request.url.startsWith(`${this.root}chunk/`)) chunks.push(request);
      else for (const hash of await this.chunksOf(request)) wanted.add(hash);
    }
    for (const request of chunks) {
      if (!wanted.has(request.url.slice(this.root.length + "chunk/".length))) await this.cache.delete(request);
    }
  }

  private async chunksOf(request: Request): Promise<string[]> {
    const answer = await this.cache?.match(request);
    try {
      const manifest = JSON.parse((await answer?.text()) ?? "") as Manifest;
      return manifest.files.flatMap((file) => file.chunks);
    } catch {
      await this.cache?.delete(request); // a damaged manifest keeps nothing alive
      return [];
    }
  }

  private async read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const answer = await this.cache?.match(this.root + key);
      return answer === undefined ? undefined : new Uint8Array(await answer.arrayBuffer());
    } catch (error) {
      this.stop(error);
      return undefined;
    }
  }

  private async write(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.cache?.put(this.root + key, new Response(bytes));
    } catch (error) {
      this.stop(error);
    }
  }

  private async forget(key: string): Promise<void> {
    try {
      await this.cache?.delete(this.root + key);
    } catch (error) {
      this.stop(error);
    }
  }

  // Storage that fails once (full, or taken away) is not asked again; tagging goes on without it.
  private stop(error: unknown): void {
    if (this.cache === undefined) return;
    this.cache = undefined;
    this.warnings.push(warning(String(error)));
  }
}

function warning(reason: string): string {
  return `nothing is kept for the next visit (${reason}): leave private mode or free some space to load faster`;
}
