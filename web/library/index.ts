/** The person's library, from any window: questions go to a worker, which holds the database or asks the window that does. */

import { errorFromValue, errorValue, LibraryError } from "./errors.ts";
import {
  type Answer,
  type Ask,
  type Call,
  type Cancel,
  type ModelState,
  type OperationName,
  type State,
  type ToPage,
  windowLock,
} from "./protocol.ts";

export { ANCHOR_LIMITS, checkedAnchor } from "./anchor.ts";
export { bytesOfBase64, sha256Of } from "./asset.ts";
export {
  type Anchor,
  type Cutout,
  type CutoutTag,
  type Edit,
  KINDS,
  type Kind,
  type Moment,
  type NewCutout,
  type Origin,
  type PageSource,
  type Tag,
} from "./cutout.ts";
export { ImportError, LibraryError } from "./errors.ts";
export type { Exported, ExportFormat } from "./exporters/index.ts";
export { type Address, readAddress } from "./importers/addresses.ts";
export { cleanLine, cleanText, cutTo, LIMITS } from "./importers/text.ts";
export type { Intake, IntakeLine } from "./intake.ts";
export type { KnownModel } from "./jobs.ts";
export { isNamed, momentIn, momentOf, placeOf, secondsOf } from "./place.ts";
export { ownPage } from "./players.ts";
export type { Answer, Ask, Asset, Contents, ModelState, OperationName, State } from "./protocol.ts";
export type { Found, Hit, Piece } from "./search/index.ts";
export { type SimilarTags, similarTags } from "./similar_tags.ts";
export { pageOf, siteOf, withoutFragment } from "./site.ts";
export { checkedSource, isIcon, KEPT_HTML, languageOf, SOURCE_LIMITS } from "./source.ts";

export interface LibraryOptions {
  /** Told how this window gets at the library, each time that it changes. */
  readonly onState?: (state: State) => void;
  /** Told when anything in the library changed, from whichever window. */
  readonly onChange?: (what: string) => void;
  /** Told how far the model is. */
  readonly onModel?: (model: ModelState) => void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Told how many rows of an import are durable, or how many cutouts an export has come to. */
  readonly onRows?: (rows: number) => void;
}

interface Waiting {
  readonly onRows: ((rows: number) => void) | undefined;
  resolve(answer: unknown): void;
  reject(reason: unknown): void;
}

/** Return the library; calls made before it is open wait for that. */
export function openLibrary(options: LibraryOptions = {}): Library {
  return new Library(options);
}

/** An open library; use `openLibrary`. */
export class Library {
  private readonly worker: Worker;
  private readonly options: LibraryOptions;
  private readonly waiting = new Map<string, Waiting>();
  private readonly name = windowLock(crypto.randomUUID());
  private ended: Error | undefined;

  constructor(options: LibraryOptions) {
    this.options = options;
    const { name } = this;
    this.worker = new Worker(new URL(/* @vite-ignore */ "./worker.js", import.meta.url), { type: "module", name });
    this.worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.receive(data);
    this.worker.onerror = ({ message }) =>
      this.fail(new LibraryError(`library/worker.js stopped (${message || "it was not found"}): reload the page`));
  }

  /**
   * Return the library's answer; a change is durable by then. An abort stops an import, whose answer says how far it
   * came, and an export; any other call is answered to its end, and only not waited for.
   */
  async ask<Name extends OperationName>(name: Name, ask: Ask<Name>, options: CallOptions = {}): Promise<Answer<Name>> {
    const { signal, onRows } = options;
    signal?.throwIfAborted();
    if (this.ended !== undefined) throw this.ended;
    const id = crypto.randomUUID();
    const abort = () => {
      if (name === "importFile" || name === "exportFile") this.post({ type: "cancel", id });
      if (name !== "importFile") this.waiting.get(id)?.reject(signal?.reason);
    };
    try {
      return await new Promise<Answer<Name>>((resolve, reject) => {
        this.waiting.set(id, { resolve: resolve as Waiting["resolve"], reject, onRows });
        signal?.addEventListener("abort", abort, { once: true });
        this.post({ type: "call", id, name, ask });
      });
    } finally {
      this.waiting.delete(id);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Let go of the library; another window of it takes over. */
  close(): void {
    this.end(new LibraryError("the library was closed: open it again"));
  }

  private end(reason: Error): void {
    this.ended ??= reason;
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(this.ended);
  }

  /** A browser that ends a worker tells nobody, but it lets go of the lock that the worker holds since it said so. */
  private async watch(): Promise<void> {
    await navigator.locks.request(this.name, () => {
      this.fail(new LibraryError("the browser stopped library/worker.js: reload the page; what was saved is kept"));
    });
  }

  private fail(error: LibraryError): void {
    if (this.ended !== undefined) return;
    this.end(error);
    this.options.onState?.({ name: "failed", error: errorValue(error) });
  }

  private post(message: Call | Cancel): void {
    this.worker.postMessage(message);
  }

  private receive(message: ToPage): void {
    if (message.type === "running") void this.watch();
    else if (message.type === "state") this.options.onState?.(message.state);
    else if (message.type === "changed") this.options.onChange?.(message.what);
    else if (message.type === "progress") this.waiting.get(message.id)?.onRows?.(message.rows);
    else if (message.type === "model") this.options.onModel?.(message.model);
    else if (message.type === "failed") this.waiting.get(message.id)?.reject(errorFromValue(message.error));
    else this.waiting.get(message.id)?.resolve(message.answer);
  }
}
