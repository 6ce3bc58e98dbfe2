/** Nothing goes in, a tagger of the bundle in this package comes out, in a page: with a bundler or without. */

import { ROOT } from "./root.js";
import { loadBundle } from "./runtime/index.js";

export { BrowserError, BundleError, NetworkError } from "./runtime/index.js";

/** Return the tagger, checked against Python's own answers on this very device; `close()` ends it. */
export function loadTagger(options = {}) {
  // Written out, so that a bundler sees what is started.
  const worker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return loadBundle(new URL(ROOT, location.origin), { ...options, worker });
}
