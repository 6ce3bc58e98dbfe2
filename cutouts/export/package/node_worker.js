/** The thread in Node: first it gets what a browser's worker has, then it loads and tags. */

import "./node_globals.js";
import "./runtime/worker.js";
