/** Requests come in, replies go out: loading and tagging happen in this thread, one message never blocks the next for long. */

import { tellRequests } from "../requests.ts";
import { errorValue } from "./errors.ts";
import { readGolden, selfTest } from "./golden.ts";
import { type LoadOptions, loadFiles } from "./loader.ts";
import { buildModel, type Model, readJson } from "./model.ts";
import type { LoadReport, Reply, Request } from "./protocol.ts";
import { run } from "./run.ts";

const aborts = new Map<number, AbortController>();
const listed = tellRequests("model");
let model: Model | undefined;

addEventListener("message", ({ data }: MessageEvent<Request>): void => {
  if (data.type === "cancel") aborts.get(data.id)?.abort();
  else void serve(data);
});

async function serve(request: Exclude<Request, { type: "cancel" }>): Promise<void> {
  const abort = new AbortController();
  aborts.set(request.id, abort);
  try {
    if (request.type === "load") await load(request, abort.signal);
    else {
      if (model === undefined) throw new Error("run before load");
      const { answers, buffers } = await run(model, request.what, request.texts, abort.signal);
      postMessage({ type: "ran", id: request.id, answers } satisfies Reply, buffers);
    }
  } catch (error) {
    postMessage({ type: "failed", id: request.id, error: errorValue(error) } satisfies Reply);
  } finally {
    aborts.delete(request.id);
  }
}

async function load({ id, url, cache }: Extract<Request, { type: "load" }>, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const options: LoadOptions = {
    cache,
    signal,
    onProgress: (progress) => postMessage({ type: "progress", id, progress } satisfies Reply),
  };
  const around = {
    fetch: listed,
    storage: storage(),
    locks: navigator.locks,
    origin: location.origin,
    pause,
  };
  const { manifest, files, ...source } = await loadFiles(url, around, options);
  const bytes = source.bytesFromCache + source.bytesFromNetwork;
  options.onProgress({ stage: "prepare", bytes, totalBytes: bytes });
  const built = await buildModel(manifest, files);
  options.onProgress({ stage: "self-test", bytes, totalBytes: bytes });
  const selfTestTexts = await selfTest(built, readGolden(readJson(manifest, files, "golden.json")));
  signal.throwIfAborted();
  model = built;
  const report: LoadReport = { bytes, ...source, selfTestTexts, milliseconds: performance.now() - start };
  postMessage({ type: "loaded", id, manifest, report } satisfies Reply);
}

// Some browsers throw on the very name of Cache Storage in private mode.
function storage(): CacheStorage | undefined {
  try {
    return globalThis.caches;
  } catch {
    return undefined;
  }
}

function pause(attempt: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 250 * 2 ** attempt);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
