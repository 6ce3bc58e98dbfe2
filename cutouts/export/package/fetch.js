/** What the runtime asks for by its own name goes in, the file that a bundler made of it comes out. */

import { fileAt } from "./names.js";

const { fetch } = globalThis;

globalThis.fetch = (input, init) => fetch(fileAt(input) ?? input, init);
