/** The sources of web/extension go in; its scripts, pages, icons and a manifest for each browser come out in one folder. */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { rolldown } from "rolldown";
import { build } from "vite";

const WEB = fileURLToPath(new URL("../", import.meta.url));
const FROM = `${WEB}extension/`;
const TARGET = ["chrome116", "firefox140"]; // as the manifests say
const ROOM = /\blibrary\/index\.ts$/;
const DOOR = "./library/index.js"; // where the library stands in the unpacked extension
const CAPTURE_LIMIT = 60_000; // bytes of brotli, read by the browser at each cutout
// Run in a page or as a service worker, which take no modules without more ado.
const SCRIPTS = { background: "background.ts", capture: "capture/index.ts", notice: "notice.ts" };

/** Write the folder `target` (slash at its end); the pages know how large the ONNX engine is, and a plugin sees what is bundled. The rooms are put beside it when the extension is put together. */
export async function buildExtension(target, engineBytes, plugin) {
  await buildPages(target, engineBytes, plugin);
  for (const [name, file] of Object.entries(SCRIPTS))
    await buildScript(target, name, file, { plugins: [plugin] }, { format: "iife" });
  const input = { plugins: [plugin], external: [ROOM] };
  await buildScript(target, "event_page", "event_page.ts", input, { format: "esm", paths: () => DOOR });
  measureCapture(target);
  mkdirSync(target, { recursive: true });
  cpSync(`${WEB}public/icon.svg`, `${target}icon.svg`);
  await writeManifests(target);
}

async function buildPages(target, engineBytes, plugin) {
  const rooms = {
    name: "cutouts-library-is-built",
    enforce: "pre",
    resolveId: (id) => (ROOM.test(id) ? { id: DOOR, external: true } : undefined),
  };
  await build({
    root: FROM,
    configFile: false,
    base: "./",
    logLevel: "warn",
    publicDir: `${FROM}public`,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    define: { ENGINE_BYTES: String(engineBytes) },
    plugins: [rooms, plugin],
    build: {
      target: TARGET,
      outDir: target,
      emptyOutDir: false,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: ["panel", "offscreen"].map((page) => `${FROM}${page}.html`),
        makeAbsoluteExternalsRelative: false,
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
      },
    },
  });
}

/** Of the library, scripts take what they use; the one that opens it takes it as it is built, its worker beside it. */
async function buildScript(target, name, file, input, output) {
  const bundle = await rolldown({
    ...input,
    input: { [name]: `${FROM}${file}` },
    moduleTypes: { ".css": "text" },
    transform: { target: TARGET },
  });
  await bundle.write({ dir: target, minify: true, entryFileNames: "[name].js", ...output });
  await bundle.close();
}

/** Fail when what is put into a page has grown beyond its limit. */
function measureCapture(target) {
  const bytes = brotliCompressSync(readFileSync(`${target}capture.js`)).length;
  console.log(`extension, capture.js: ${bytes} bytes of brotli`);
  if (bytes > CAPTURE_LIMIT)
    throw new Error(`capture.js has ${bytes} bytes of brotli, expected at most ${CAPTURE_LIMIT}`);
}

/** The manifests are data that a module of the extension makes: it is bundled and asked. */
async function writeManifests(target) {
  const bundle = await rolldown({ input: `${FROM}manifest.ts` });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const module = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  const { version } = JSON.parse(readFileSync(`${WEB}package.json`, "utf8"));
  for (const browser of module.EXTENSION_BROWSERS)
    writeFileSync(`${target}${browser}.json`, `${JSON.stringify(module.manifestFor(browser, version), null, 2)}\n`);
}
