/** The sources of web/ go in, `cutouts/webapp/` comes out (with --package, `dist/`): the runtime under stable names, the pages around it. */

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build as rolldown } from "rolldown";
import { build } from "vite";
import { validatorPlugin } from "./tools/validator.js";

const STATIC_PATH_LIMIT = 30_000; // bytes of brotli, everything that a static bundle loads
const ROOT = fileURLToPath(new URL(".", import.meta.url));
const TARGET = fileURLToPath(
  new URL(process.argv.includes("--package") ? "dist/" : "../cutouts/webapp/", import.meta.url),
);
const BROWSERS = ["chrome111", "firefox119", "safari16.4"];

rmSync(TARGET, { recursive: true, force: true });
await buildRuntime();
await buildPages();
declareTypes();
measureStaticPath();

/** Write index.js, worker.js and, apart, what only an ONNX bundle needs; rolldown alone leaves `new URL` and `import()` as written. */
async function buildRuntime() {
  for (const input of ["index", "worker"]) {
    await rolldown({
      input: { [input]: `${ROOT}runtime/${input}.ts` },
      plugins: [validatorPlugin()],
      transform: { target: BROWSERS },
      output: {
        dir: `${TARGET}runtime`,
        format: "esm",
        minify: true,
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
      },
    });
  }
  cpSync(
    `${ROOT}node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm`,
    `${TARGET}runtime/ort-wasm-simd-threaded.wasm`,
  );
}

/** Write index.html and prove.html, their scripts and styles; they import the runtime as it was built. */
async function buildPages() {
  const runtime = {
    name: "cutouts-runtime-is-built",
    resolveId: (id) => (id.endsWith("runtime/index.ts") ? { id: "../runtime/index.js", external: true } : undefined),
  };
  await build({
    root: ROOT,
    configFile: false,
    base: "./",
    logLevel: "warn",
    publicDir: `${ROOT}public`,
    plugins: [{ ...runtime, enforce: "pre" }],
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
      rolldownOptions: { input: [`${ROOT}index.html`, `${ROOT}prove.html`], makeAbsoluteExternalsRelative: false },
    },
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
  const apart = ["engine.js", "onnx.js"];
  const scripts = readdirSync(`${TARGET}runtime`).filter((name) => name.endsWith(".js") && !apart.includes(name));
  const bytes = scripts
    .map((name) => brotliCompressSync(readFileSync(`${TARGET}runtime/${name}`)).length)
    .reduce((a, b) => a + b, 0);
  console.log(`runtime, static path: ${bytes} bytes of brotli in ${scripts.join(", ")}`);
  if (bytes > STATIC_PATH_LIMIT)
    throw new Error(`the static path has ${bytes} bytes of brotli, expected at most ${STATIC_PATH_LIMIT}`);
}
