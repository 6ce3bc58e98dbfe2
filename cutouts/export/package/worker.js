/** The worker of a page: first it learns where the package's files are, then it loads and tags. */

import "./fetch.js";
import "./runtime/worker.js";
