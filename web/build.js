/** The sources of web/ go in, `cutouts/webapp/` comes out (with --package, `dist/`): the rooms under stable names, the pages around it. */

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build as rolldown } from "rolldown";
import { build } from "vite";
import { appFiles, engineBytes } from "./tools/app_files.js";
import { buildExtension } from "./tools/extension.js";
import { licences, notePackages, packageOf } from "./tools/licences.js";
import { BROWSERS, ENTRIES, importersOfEntries, inputOptions, OUTPUT_OPTIONS, ROOMS } from "./tools/rooms.js";

const STATIC_PATH_LIMIT = 30_000; // bytes of brotli, everything that a static bundle loads
const ROOT = fileURLToPath(new URL(".", import.meta.url));
const PLACE = fileURLToPath(
  new URL(process.argv.includes("--package") ? "dist/" : "../cutouts/webapp/", import.meta.url),
);
const TARGET = `${ROOT}node_modules/.cutouts-${process.pid}/`; // takes its place when it is whole
const packages = new Set(); // whose code is in what comes out

try {
  for (const [room, beside] of Object.entries(ROOMS)) await buildRoom(room, beside);
  await buildPages();
  await buildExtension(`${TARGET}extension/`, engineBytes(`${TARGET}runtime/`), notePackages(packages));
  writeFileSync(`${TARGET}licences.txt`, licences(packages));
  await buildService();
  declareTypes();
  measureStaticPath();
  rmSync(PLACE, { recursive: true, force: true });
  renameSync(TARGET, PLACE);
} finally {
  rmSync(TARGET, { recursive: true, force: true });
}

/** Write a room's index.js, worker.js and what they load when asked, such as the engine of an ONNX bundle. */
async function buildRoom(room, beside) {
  for (const entry of ENTRIES) {
    const output = { ...OUTPUT_OPTIONS, dir: `${TARGET}${room}` };
    const options = inputOptions(room, entry);
    const plugins = [...options.plugins, notePackages(packages)];
    const { output: chunks } = await rolldown({ ...options, plugins, output });
    const importers = importersOfEntries(chunks);
    if (importers.length > 0)
      throw new Error(`${importers.join(", ")} import an entry, expected none: move what they share into the engine`);
  }
  for (const file of beside.map((name) => `${ROOT}node_modules/${name}`)) {
    packages.add(packageOf(file));
    cpSync(file, `${TARGET}${room}/${basename(file)}`);
  }
}

/** Write the pages, their scripts and styles; they import the rooms as these were built. */
async function buildPages() {
  const rooms = {
    name: "cutouts-rooms-are-built",
    resolveId: (id) => {
      const room = /\b(runtime|library)\/index\.ts$/.exec(id)?.[1];
      return room === undefined ? undefined : { id: `../${room}/index.js`, external: true };
    },
    // Vite does not know of it, so the page would ask for it one round trip later.
    transformIndexHtml: (_, { path }) =>
      [
        ["index.html", "runtime"],
        ["library.html", "library"],
      ]
        .filter(([page]) => path.endsWith(page))
        .map(([, room]) => ({
          tag: "link",
          attrs: { rel: "modulepreload", href: `./${room}/index.js` },
          injectTo: "head",
        })),
  };
  await build({
    root: ROOT,
    configFile: false,
    base: "./",
    logLevel: "warn",
    publicDir: `${ROOT}public`,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    define: { ENGINE_BYTES: String(engineBytes(`${TARGET}runtime/`)) },
    plugins: [{ ...rooms, enforce: "pre" }, notePackages(packages)],
    experimental: {
      // The proof page stands at /prove/<token>/, so only it names its files from the root.
      renderBuiltUrl: (name, { hostType, hostId }) =>
        hostType === "html" && hostId.endsWith("prove.html") ? `/${name}` : { relative: true },
    },
    build: {
      target: BROWSERS,
      outDir: TARGET,
      emptyOutDir: false,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: ["index", "library", "prove"].map((page) => `${ROOT}${page}.html`),
        makeAbsoluteExternalsRelative: false,
      },
    },
  });
}

/** Write the service worker, with the list of the files that it keeps; at the root, so that it speaks for the whole site. */
async function buildService() {
  await rolldown({
    input: { service: `${ROOT}service/service.ts` },
    transform: { target: BROWSERS, define: { APP_FILES: JSON.stringify(appFiles(TARGET)) } },
    output: { dir: TARGET, format: "iife", minify: true, entryFileNames: "[name].js" },
  });
}

function declareTypes() {
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", `${TARGET}runtime`];
  execFileSync(process.execPath, [tsc, "--project", `${ROOT}runtime/tsconfig.build.json`, ...options], {
    stdio: "inherit",
  });
}

/** Fail when what a static bundle loads has grown beyond its limit. */
function measureStaticPath() {
  const scripts = readdirSync(`${TARGET}runtime`).filter((name) => name.endsWith(".js") && name !== "engine.js");
  const bytes = scripts
    .map((name) => brotliCompressSync(readFileSync(`${TARGET}runtime/${name}`)).length)
    .reduce((a, b) => a + b, 0);
  console.log(`runtime, static path: ${bytes} bytes of brotli in ${scripts.join(", ")}`);
  if (bytes > STATIC_PATH_LIMIT)
    throw new Error(`the static path has ${bytes} bytes of brotli, expected at most ${STATIC_PATH_LIMIT}`);
}
