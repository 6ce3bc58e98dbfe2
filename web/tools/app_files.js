/** A built web part goes in, the list of files that the app needs to start without a network comes out. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";

const PAGE = "library.html";
const BESIDE = ["app.webmanifest", "icon.svg", "icon-192.png", "icon-512.png", "icon-maskable.png", "licences.txt"];
const ROOMS = ["library", "runtime"];
// The engine is larger than all else together, and only a bundle with an ONNX graph loads it.
const WHEN_USED = /^(?:runtime\/(?:engine\.js|ort-.*\.wasm)|licences\.txt)$/;

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
  const late = named.filter((path) => path.endsWith(".js")).flatMap((path) => importedLate(built, path));
  return [...new Set([PAGE, ...named, ...late, ...BESIDE, ...rooms])].sort().map((path) => ({
    path,
    sha256: createHash("sha256")
      .update(readFileSync(`${built}${path}`))
      .digest("hex"),
    isNeeded: !WHEN_USED.test(path),
  }));
}

/** Return the scripts that a built script imports when it needs them, which the page does not name. */
function importedLate(built, path) {
  const script = readFileSync(`${built}${path}`, "utf8");
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return [...script.matchAll(/\bimport\(\s*[`"']\.\/([\w.-]+\.js)[`"']/g)].map(([, name]) => `${folder}${name}`);
}
