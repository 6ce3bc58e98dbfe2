/** Every message between the page and the worker: one arm of one union each way. */

import type { ErrorValue } from "./errors.ts";
import type { Manifest } from "./manifest.ts";

export type Stage = "manifest" | "download" | "check" | "prepare" | "self-test";

/** How far loading is; `bytes` of `totalBytes` are there and checked or about to be. */
export interface Progress {
  readonly stage: Stage;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** How loading went. */
export interface LoadReport {
  readonly bytes: number;
  readonly bytesFromCache: number;
  readonly bytesFromNetwork: number;
  /** True when the manifest could not be fetched and the kept bundle was used. */
  readonly offline: boolean;
  /** How many golden texts were replayed and answered as in Python. */
  readonly selfTestTexts: number;
  readonly milliseconds: number;
  /** What works less well than it could, and what to do. */
  readonly warnings: readonly string[];
}

/** A label that a text got. */
export interface Tag {
  readonly label: string;
  readonly probability: number;
}

export interface Tagging {
  readonly tags: readonly Tag[];
  /** One probability per label, in the order of `manifest.labels`. */
  readonly probabilities: Float64Array;
  readonly milliseconds: number;
}

/** Everything that was computed for one text. */
export interface Inspection {
  readonly ids: Uint32Array;
  readonly vector: Float32Array;
  readonly scores: Float64Array;
  readonly probabilities: Float64Array;
  readonly tags: readonly string[];
  readonly milliseconds: number;
}

/** What can be asked of a loaded bundle, and what comes back for each text. */
export interface Answers {
  readonly tag: Tagging;
  readonly embed: Float32Array;
  readonly inspect: Inspection;
}

export type Request =
  | { readonly type: "load"; readonly id: number; readonly url: string; readonly cache: boolean }
  | { readonly type: "run"; readonly id: number; readonly what: keyof Answers; readonly texts: readonly string[] }
  | { readonly type: "cancel"; readonly id: number };

export type Reply =
  | { readonly type: "progress"; readonly id: number; readonly progress: Progress }
  | { readonly type: "loaded"; readonly id: number; readonly manifest: Manifest; readonly report: LoadReport }
  | { readonly type: "ran"; readonly id: number; readonly answers: readonly Answers[keyof Answers][] }
  | { readonly type: "failed"; readonly id: number; readonly error: ErrorValue };
