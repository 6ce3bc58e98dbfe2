/** Nothing goes in, a tagger of the bundle in this package comes out, in Node: the runtime in a thread of its own. */

import { Worker as Thread } from "node:worker_threads";
import { ORIGIN, ROOT } from "./root.js";
import { loadBundle } from "./runtime/index.js";

export { BrowserError, BundleError, NetworkError } from "./runtime/index.js";

/** Return the tagger, checked against Python's own answers on this very device; `close()` ends its thread. */
export function loadTagger(options = {}) {
  return loadBundle(new URL(ROOT, ORIGIN), { ...options, cache: false, worker: () => new NodeWorker() });
}

/** A thread that is spoken to as a browser's worker. */
class NodeWorker {
  onmessage = undefined;
  onerror = undefined;
  #thread = new Thread(new URL("./node_worker.js", import.meta.url));

  constructor() {
    this.#thread.on("message", (data) => this.onmessage?.({ data }));
    this.#thread.on("error", (error) => this.onerror?.({ message: String(error) }));
  }

  postMessage(message) {
    this.#thread.postMessage(message);
  }

  terminate() {
    void this.#thread.terminate();
  }
}
