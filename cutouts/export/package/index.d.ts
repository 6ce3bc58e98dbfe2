/** What this package offers, in a page and in Node. */

import type { LoadOptions, Tagger } from "./runtime/index.js";

export type {
  CallOptions,
  Inspection,
  LoadReport,
  Manifest,
  Progress,
  Tag,
  Tagger,
  Tagging,
} from "./runtime/index.js";
export { BrowserError, BundleError, NetworkError } from "./runtime/index.js";

/** Return a tagger of the bundle in this package; `close()` ends its worker. */
export declare function loadTagger(options?: Omit<LoadOptions, "worker">): Promise<Tagger>;
