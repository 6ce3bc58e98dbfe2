/** The bytes of an ONNX graph go in, a session of the WebAssembly engine comes out; one thread, no other origin. */

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";

export { Tensor };

/** Return a session that runs the graph in this thread, as it is written: to optimise a fused graph again gave the same numbers, no sooner, and 20 ms later. */
export async function startSession(graph: Uint8Array): Promise<InferenceSession> {
  env.wasm.numThreads = 1;
  env.wasm.proxy = false;
  env.wasm.wasmPaths = { wasm: new URL(/* @vite-ignore */ "./ort-wasm-simd-threaded.wasm", import.meta.url).href };
  env.logLevel = "error";
  return await InferenceSession.create(graph, { executionProviders: ["wasm"], graphOptimizationLevel: "disabled" });
}
