/** Every message of the library: between a page and its worker, and between the workers of several windows. */

import type { LoadReport, Manifest } from "../runtime/index.ts";
import type { Cutout, Edit, NewCutout, Tag } from "./cutout.ts";
import type { ErrorValue } from "./errors.ts";
import type { Opened } from "./events.ts";
import type { Exported, Wanted } from "./exporters/index.ts";
import type { Intake } from "./intake.ts";
import type { KnownModel } from "./jobs.ts";
import type { Found, Hit } from "./search/index.ts";

/** The bytes of an image or of a frame. */
export interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What is in the library, in numbers. */
export interface Contents {
  readonly cutouts: number;
  readonly trashed: number;
  readonly tags: number;
  /** Cutouts that wait for a model to read them. */
  readonly waiting: number;
  /** Size of the database in bytes. */
  readonly bytes: number;
  /** Files that were found damaged and are left as they were. */
  readonly setAside: readonly string[];
}

/** What can be asked of the library, and what comes back. Those in `CHANGES` are durable before they are answered. */
export interface Operations {
  save: { ask: { cutout: NewCutout; asset?: Asset; icon?: Asset }; answer: { isNew: boolean } };
  edit: { ask: { key: string; edit: Edit }; answer: null };
  tag: { ask: { keys: readonly string[]; name: string }; answer: null };
  untag: { ask: { keys: readonly string[]; name: string }; answer: null };
  /** Take one tag off and give another, as one change. */
  replaceTag: { ask: { keys: readonly string[]; from: string; to: string }; answer: null };
  trash: { ask: { keys: readonly string[]; isTrashed: boolean }; answer: null };
  emptyTrash: { ask: null; answer: { cutouts: number; canUndo: boolean } };
  /** Take in what another app exported; the rows that are durable are told on the way. */
  importFile: { ask: { file: Blob }; answer: Intake };
  /** Take these cutouts out as a file, or with null for `keys` the whole library; nothing is changed. */
  exportFile: { ask: Wanted; answer: Exported };
  renameTag: { ask: { from: string; to: string }; answer: null };
  deleteTag: { ask: { name: string }; answer: null };
  undo: { ask: null; answer: { what: string | null } };
  /**
   * What answers a query, its best first; without one everything, the newest first. `here` are the addresses of the
   * page that is read beside the list: without words to look for, what was saved from there comes first, then from its site.
   */
  find: { ask: { text: string; limit: number; offset: number; here?: readonly string[] }; answer: Found };
  /** Others like a cutout, the likest first: by meaning where a model has read it, else by its rarest words. */
  like: { ask: { key: string; limit: number }; answer: readonly Hit[] };
  get: { ask: { key: string }; answer: Cutout | null };
  asset: { ask: { sha256: string }; answer: Asset | null };
  /** Note which hit of a search was opened, for a ranking to learn from; nothing that is shown changes. */
  opened: { ask: Opened; answer: null };
  tags: { ask: null; answer: readonly Tag[] };
  contents: { ask: null; answer: Contents };
  /** The models that have read cutouts here, the last first. */
  models: { ask: null; answer: readonly KnownModel[] };
  /** A file that was set aside, as it is. */
  setAsideFile: { ask: { name: string }; answer: { file: Blob; name: string } };
  check: { ask: null; answer: { problems: readonly string[] } };
  /** Load the bundle at this address, read what waits with it and whatever is saved from now on. */
  useModel: { ask: { url: string }; answer: ModelState };
  model: { ask: null; answer: ModelState };
  /** Delete everything; there is no way back. */
  wipe: { ask: null; answer: null };
}

/**
 * The model that reads cutouts: none yet, on its way, there, or not to be had (and why). While `reading`, what it made of
 * the library comes into memory, `passages` so far: until that is done, search answers by words or by the former model.
 */
export type ModelState =
  | { readonly name: "none" }
  | { readonly name: "loading"; readonly bytes: number; readonly totalBytes: number }
  | { readonly name: "reading"; readonly passages: number }
  | { readonly name: "ready"; readonly manifest: Manifest; readonly report: LoadReport }
  | { readonly name: "failed"; readonly error: ErrorValue };

export type OperationName = keyof Operations;
export type Ask<Name extends OperationName> = Operations[Name]["ask"];
export type Answer<Name extends OperationName> = Operations[Name]["answer"];

/** A question to the library; `id` is its own in the whole world, so asking again changes nothing twice. */
export interface Call {
  readonly type: "call";
  readonly id: string;
  readonly name: OperationName;
  readonly ask: unknown;
}

/** Stop what a call began, if that can be stopped; its answer says how far it came. */
export interface Cancel {
  readonly type: "cancel";
  readonly id: string;
}

export type Reply =
  | { readonly type: "answered"; readonly id: string; readonly answer: unknown }
  | { readonly type: "failed"; readonly id: string; readonly error: ErrorValue };

/**
 * How this window gets at the library: it opens it, holds it, asks the window that holds it, waits for that one to
 * answer, or has none (and the reason).
 */
export type State =
  | { readonly name: "opening" | "owner" | "follower" | "waiting" }
  | { readonly name: "failed"; readonly error: ErrorValue };

/** What every window is told: something changed, a call went on, or the model came closer. */
export type Notice =
  | { readonly type: "changed"; readonly what: string }
  | { readonly type: "progress"; readonly id: string; readonly rows: number }
  | { readonly type: "model"; readonly model: ModelState };

/** What a worker tells its page; "running" once it holds the lock of `windowLock`. */
export type ToPage = Reply | { readonly type: "state"; readonly state: State } | { readonly type: "running" } | Notice;

/** What workers tell each other. Calls are for the owner, replies for the worker whose call has that id. */
export type BetweenWorkers = Call | Cancel | Reply | Notice | { readonly type: "owner" };

/** Return the name of a window's worker, and of the lock that it holds for as long as it runs. */
export function windowLock(id: string): string {
  return `cutouts-window ${id}`;
}
