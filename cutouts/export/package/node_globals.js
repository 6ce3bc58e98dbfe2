/** A thread of Node goes in; what the runtime finds in a browser's worker comes out: messages, an address, files. */

import { readFile } from "node:fs/promises";
import { parentPort } from "node:worker_threads";
import { fileAt } from "./names.js";
import { ORIGIN, ROOT } from "./root.js";

/** A request as the engine makes one for file: addresses, which browsers fetch no other way. */
class FileRequest {
  status = 0;
  response = undefined;
  #address = "";

  open(_method, address) {
    this.#address = address;
  }

  send() {
    fetch(this.#address)
      .then(async (answer) => {
        this.status = answer.status;
        this.response = await answer.arrayBuffer();
      })
      .then(() => this.onload(), this.onerror);
  }
}

const found = {
  location: { origin: ORIGIN, href: ORIGIN + ROOT },
  navigator: globalThis.navigator ?? {},
  self: globalThis,
  WorkerGlobalScope: class {}, // by this name the engine knows a worker
  XMLHttpRequest: FileRequest,
  postMessage: (message, buffers) => parentPort.postMessage(message, buffers),
  addEventListener: (type, listener) => {
    if (type === "message") parentPort.on("message", (data) => listener({ data }));
  },
  /** Return a file of this package, and nothing else: no request leaves the machine. */
  fetch: async (input) => {
    const file = fileAt(input);
    if (file === undefined) return new Response("", { status: 404 });
    return new Response(await readFile(new URL(file)));
  },
};

for (const [name, value] of Object.entries(found))
  Object.defineProperty(globalThis, name, { value, configurable: true });
