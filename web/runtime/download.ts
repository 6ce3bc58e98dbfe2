/** A file's description and address go in, its checked bytes come out, going on where an interruption stopped. */

import { sha256 } from "./cache.ts";
import { BundleError, NetworkError } from "./errors.ts";
import { CHUNK_BYTES, type FileEntry } from "./manifest.ts";

const ATTEMPTS = 4; // without a single new chunk in between
const STALL_MS = 30_000;

/** What a download needs from outside. */
export interface Line {
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  readonly mode: RequestCache;
  /** Called with the number of bytes that have just arrived; negative when some must be fetched again. */
  onBytes(count: number): void;
  /** Called with each chunk that was checked. */
  onChunk(hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Wait before attempt number `attempt`. */
  pause(attempt: number, signal: AbortSignal): Promise<void>;
}

/** One file on its way: which of its chunks are there. */
export class Download {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly have: boolean[];
  private readonly file: FileEntry;
  private readonly url: string;
  private readonly line: Line;
  private readonly mismatched = new Set<number>();
  private mode: RequestCache;
  private whole = false; // the server cannot be trusted with ranges
  private failure: Error | undefined;

  constructor(file: FileEntry, url: string, line: Line) {
    this.file = file;
    this.url = url;
    this.line = line;
    this.mode = line.mode;
    this.bytes = allocate(file);
    this.have = file.chunks.map(() => false);
  }

  get complete(): boolean {
    return !this.have.includes(false);
  }

  /** Put in a chunk that was found, and checked, elsewhere. */
  accept(index: number, chunk: Uint8Array): void {
    this.bytes.set(chunk, index * CHUNK_BYTES);
    this.have[index] = true;
  }

  /** Fetch what is missing; a few attempts, then a NetworkError. */
  async run(): Promise<void> {
    let attempt = 0;
    while (!this.complete) {
      const before = this.have.filter(Boolean).length;
      const problem = await this.attempt();
      this.line.signal.throwIfAborted();
      if (this.complete) return;
      attempt = this.have.filter(Boolean).length > before ? 1 : attempt + 1;
      if (attempt > ATTEMPTS) {
        throw new NetworkError(
          `${this.file.path} could not be fetched (${problem ?? "damaged on the way"}): check the connection and load again; what was received is kept`,
        );
      }
      await this.line.pause(attempt, this.line.signal);
    }
  }

  /** Fetch from the first missing chunk on; return what went wrong on the way, if anything did. */
  private async attempt(): Promise<string | undefined> {
    const first = this.have.indexOf(false);
    const stop = this.chunkEnd(this.have.lastIndexOf(false));
    const stall = new Stall();
    const checks: Promise<void>[] = [];
    let problem: string | undefined;
    try {
      const { body, start } = await this.request(
        first * CHUNK_BYTES,
        AbortSignal.any([this.line.signal, stall.signal]),
      );
      const reader = body.getReader();
      let next = first;
      let at = start;
      while (at < stop) {
        const { done, value } = await reader.read();
        if (done) break;
        stall.reset();
        this.place(value, at, stop);
        at += value.length;
        for (; next < this.have.length && this.chunkEnd(next) <= at; next++) {
          if (!this.have[next]) checks.push(this.check(next));
        }
      }
      // The end is read too: a browser reports an answer that was left before it as failed.
      if (stop < this.file.bytes || (at >= stop && !(await reader.read()).done)) reader.cancel().catch(() => undefined);
      if (at < stop) problem = `the answer ended at byte ${at}, expected ${this.file.bytes}`;
    } catch (error) {
      if (error instanceof BundleError || error instanceof NetworkError) this.failure = error;
      problem = error instanceof Error ? error.message : String(error);
    }
    stall.end();
    await Promise.all(checks);
    if (this.failure !== undefined) throw this.failure;
    return problem;
  }

  /** Ask for the file from byte `from` on; the answer may nevertheless begin at 0. */
  private async request(
    from: number,
    signal: AbortSignal,
  ): Promise<{ body: ReadableStream<Uint8Array>; start: number }> {
    const headers: Record<string, string> = from > 0 && !this.whole ? { Range: `bytes=${from}-` } : {};
    const answer = await this.line.fetch(this.url, {
      headers,
      signal,
      mode: "same-origin",
      credentials: "same-origin",
      cache: this.mode,
    });
    const { status, body } = answer;
    if (status === 206) {
      // A range of compressed bytes is no range of the file.
      const begins = answer.headers.get("Content-Range")?.startsWith(`bytes ${from}-`) === true;
      if (begins && !answer.headers.has("Content-Encoding") && body !== null) return { body, start: from };
      this.whole = true;
      throw new Error("the server answers ranges wrongly");
    }
    if (status === 416) {
      throw new BundleError(
        `${this.file.path} is shorter than its ${this.file.bytes} bytes: the bundle changed on the server, load again`,
      );
    }
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      throw new NetworkError(
        `${this.file.path}: the server answered ${status}: is the bundle complete at ${this.url}?`,
      );
    }
    if (status !== 200 || body === null) throw new Error(`the server answered ${status}`);
    return { body, start: 0 };
  }

  /** Copy what arrived at `at` into the chunks that are missing; checked chunks are never written again. */
  private place(value: Uint8Array, at: number, stop: number): void {
    const end = Math.min(at + value.length, stop);
    for (let from = at; from < end; ) {
      const index = Math.floor(from / CHUNK_BYTES);
      const to = Math.min(this.chunkEnd(index), end);
      if (!this.have[index]) {
        this.bytes.set(value.subarray(from - at, to - at), from);
        this.line.onBytes(to - from);
      }
      from = to;
    }
  }

  private async check(index: number): Promise<void> {
    const chunk = this.bytes.subarray(index * CHUNK_BYTES, this.chunkEnd(index));
    const expected = this.file.chunks[index] as string;
    const found = await sha256(chunk);
    if (found === expected) {
      this.have[index] = true;
      await this.line.onChunk(expected, chunk);
      return;
    }
    this.line.onBytes(-chunk.length);
    this.mode = "reload";
    if (this.mismatched.has(index)) {
      this.failure = new BundleError(
        `${this.file.path}: chunk ${index} has the hash ${found.slice(0, 12)}, expected ${expected.slice(0, 12)}: the bundle is damaged or was changed on the server; copy it there again`,
      );
    }
    this.mismatched.add(index);
  }

  private chunkEnd(index: number): number {
    return Math.min((index + 1) * CHUNK_BYTES, this.file.bytes);
  }
}

/** Aborts when nothing has arrived for a while. */
class Stall {
  private readonly controller = new AbortController();
  private timer = this.start();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  reset(): void {
    clearTimeout(this.timer);
    this.timer = this.start();
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.controller.abort(new Error(`nothing arrived for ${STALL_MS / 1000} s`)), STALL_MS);
  }
}

function allocate(file: FileEntry): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(file.bytes);
  } catch {
    throw new BundleError(
      `${file.path} has ${file.bytes} bytes, more than this browser gives one page: use a smaller bundle`,
    );
  }
}
