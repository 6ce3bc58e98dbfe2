/** A built web part goes in, the list of files that the app needs to start without a network comes out. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";

const PAGE = "library.html";
const BESIDE = ["app.webmanifest", "icon.svg", "icon-192.png", "icon-512.png", "icon-maskable.png"];
const ROOMS = ["library", "runtime"];
// The engine is larger than all else together, and only a bundle with an ONNX graph loads it.
const WHEN_USED = /^runtime\/(?:engine\.js|ort-.*\.wasm)$/;

/** Return the bytes of the ONNX engine in the built folder `runtime` (slash at its end), as they lie there. */
export function engineBytes(runtime) {
  const files = readdirSync(runtime).filter((name) => WHEN_USED.test(`runtime/${name}`));
  return files.reduce((sum, name) => sum + statSync(`${runtime}${name}`).size, 0);
}

/** Return path, hash and whether it is kept at once, for each file of the app in the folder `built` (slash at its end). */
export function appFiles(built) {
  const page = readFileSync(`${built}${PAGE}`, "utf8");
  const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path);
  const rooms = ROOMS.flatMap((room) =>
    readdirSync(`${built}${room}`)
      .filter((name) => /\.(?:js|wasm)$/.test(name))
      .map((name) => `${room}/${name}`),
  );
  return [...new Set([PAGE, ...named, ...BESIDE, ...rooms])].sort().map((path) => ({
    path,
    sha256: createHash("sha256")
      .update(readFileSync(`${built}${path}`))
      .digest("hex"),
    isNeeded: !WHEN_USED.test(path),
  }));
}
