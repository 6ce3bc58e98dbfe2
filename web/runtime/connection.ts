/** Requests go in, replies of the worker come out as promises; closing and aborting end them. */

import { BrowserError, type ErrorValue, errorFromValue } from "./errors.ts";
import type { Progress, Reply, Request } from "./protocol.ts";

type Result = Extract<Reply, { type: "loaded" | "ran" }>;
type Unsent<R> = R extends { id: number } ? Omit<R, "id"> : never;

interface Pending {
  readonly onProgress: ((progress: Progress) => void) | undefined;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/** The page's end of one worker. */
export class Connection {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private ended: Error | undefined;

  constructor(worker = startWorker()) {
    this.worker = worker;
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    this.worker.onerror = (event) => {
      const reason = event.message || "it was not found or not allowed";
      this.end(
        new BrowserError(
          `runtime/worker.js stopped (${reason}): serve it beside runtime/index.js and allow it in worker-src`,
        ),
      );
    };
  }

  /** Send a request and return its result; an abort is passed on and rejects at once with the signal's reason. */
  async ask(
    request: Unsent<Request>,
    signal?: AbortSignal,
    onProgress?: (progress: Progress) => void,
  ): Promise<Result> {
    signal?.throwIfAborted();
    if (this.ended !== undefined) throw this.ended;
    const id = ++this.lastId;
    let abort: (() => void) | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.pending.set(id, { resolve, reject, onProgress });
        abort = () => {
          this.post({ type: "cancel", id });
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", abort, { once: true });
        this.post({ ...request, id } as Request);
      });
    } finally {
      this.pending.delete(id);
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    }
  }

  /** Stop the worker; whatever still waits is rejected with `reason`. */
  end(reason: Error): void {
    this.ended ??= reason;
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(this.ended);
  }

  private post(request: Request): void {
    this.worker.postMessage(request);
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (reply.type === "progress") pending?.onProgress?.(reply.progress);
    else if (reply.type === "failed") pending?.reject(errorFromValue(reply.error satisfies ErrorValue));
    else pending?.resolve(reply);
  }
}

function startWorker(): Worker {
  return new Worker(new URL(/* @vite-ignore */ "./worker.js", import.meta.url), { type: "module" });
}
