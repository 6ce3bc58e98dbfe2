/** The bytes of an ONNX graph go in, an encoder that runs it on WebAssembly comes out; only this file loads the engine, and only when called. */

import type { InferenceSession } from "onnxruntime-web/wasm";
import type { Encoder } from "./encoder.ts";
import { BrowserError, BundleError, NetworkError } from "./errors.ts";
import type { EncoderEntry } from "./manifest.ts";

type Engine = typeof import("./engine.ts");

/** Return an encoder for the graph; the engine comes from the folder that this script came from. */
export async function startOnnx(graph: Uint8Array, entry: EncoderEntry): Promise<Encoder> {
  const engine = await loadEngine();
  let session: InferenceSession;
  try {
    session = await engine.startSession(graph);
  } catch (error) {
    throw new BrowserError(
      `the ONNX engine did not start (${String(error)}): allow WebAssembly ('wasm-unsafe-eval' in script-src) and serve runtime/*.wasm`,
    );
  }
  return new OnnxEncoder(engine, session, entry);
}

/** Return the engine, a chunk of its own so that a static bundle never fetches it. */
async function loadEngine(): Promise<Engine> {
  try {
    return await import("./engine.ts");
  } catch (error) {
    throw new NetworkError(
      `runtime/engine.js could not be loaded (${String(error)}): serve it beside runtime/worker.js, check the connection and load again`,
    );
  }
}

class OnnxEncoder implements Encoder {
  readonly dim: number;
  readonly instant = false;
  private readonly engine: Engine;
  private readonly session: InferenceSession;
  private readonly entry: EncoderEntry;
  private turn: Promise<unknown> = Promise.resolve(); // the engine runs one text at a time

  constructor(engine: Engine, session: InferenceSession, entry: EncoderEntry) {
    this.dim = entry.dim;
    this.engine = engine;
    this.session = session;
    this.entry = entry;
  }

  encode(pieces: Uint32Array): Promise<Float64Array> {
    const answer = this.turn.then(() => this.run(pieces));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    await this.turn;
    await this.session.release();
  }

  private async run(pieces: Uint32Array): Promise<Float64Array> {
    const { dim } = this.entry;
    const read = sequence(pieces, this.entry);
    // A text without pieces is one masked place: the engine takes no empty tensor.
    const shape = [1, Math.max(1, read.length)];
    const ids = new BigInt64Array(shape[1] as number);
    ids.set(BigInt64Array.from(read, BigInt));
    const mask = new BigInt64Array(ids.length).fill(1n, 0, read.length);
    const feeds = {
      input_ids: new this.engine.Tensor("int64", ids, shape),
      attention_mask: new this.engine.Tensor("int64", mask, shape),
    };
    const { sentence_embedding } = await this.session.run(feeds);
    const vector = sentence_embedding?.data;
    if (!(vector instanceof Float32Array) || vector.length !== dim) {
      throw new BundleError(
        `the ONNX graph gave no sentence_embedding of ${dim} float32 numbers: build the bundle again`,
      );
    }
    return Float64Array.from(vector);
  }
}

/** Return what the model reads of a text: its first pieces, between [CLS] and [SEP] if it has them. */
function sequence(pieces: Uint32Array, entry: EncoderEntry): readonly number[] {
  const { cls, sep, max_tokens } = entry;
  if (cls === undefined || sep === undefined) return [...pieces.subarray(0, max_tokens)];
  return [cls, ...pieces.subarray(0, max_tokens - 2), sep];
}
