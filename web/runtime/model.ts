/** The files of a bundle go in, a model that answers one text at a time comes out. */

import { type Encoder, StaticEncoder } from "./encoder.ts";
import { BundleError } from "./errors.ts";
import { decide, type Head, probabilities, readHead } from "./head.ts";
import { fileOf, type Manifest } from "./manifest.ts";
import { startOnnx } from "./onnx.ts";
import { prepare } from "./prepare.ts";
import { readSafetensors } from "./safetensors.ts";
import { readTokenizer, type Tokenizer } from "./tokenizer.ts";

/** Everything that is computed for a text on the way to its tags. */
export interface Answer {
  readonly ids: Uint32Array;
  readonly vector: Float32Array;
  readonly scores: Float64Array;
  readonly probabilities: Float64Array;
  readonly tags: string[];
}

/** The bytes of the bundle's files, by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Tokenizer, encoder and head of one bundle. */
export class Model {
  readonly manifest: Manifest;
  readonly encoder: Encoder;
  private readonly tokenizer: Tokenizer;
  private readonly head: Head;

  constructor(manifest: Manifest, tokenizer: Tokenizer, encoder: Encoder, head: Head) {
    this.manifest = manifest;
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.head = head;
  }

  /** Return the vector of a text. */
  async embed(text: string): Promise<Float32Array> {
    return Float32Array.from(await this.encoder.encode(this.piecesOf(text)));
  }

  /** Return all that is known about a text. */
  async answer(text: string): Promise<Answer> {
    const ids = this.piecesOf(text);
    const encoded = this.encoder.encode(ids);
    const vector = encoded instanceof Float64Array ? encoded : await encoded;
    const scores = this.head.scores(ids, vector);
    const likely = probabilities(this.head, scores, this.manifest.head.link);
    const tags = decide(this.manifest, likely).map((i) => this.manifest.labels[i]?.name ?? "");
    return { ids, vector: Float32Array.from(vector), scores, probabilities: likely, tags };
  }

  private piecesOf(text: string): Uint32Array {
    return this.tokenizer.encode(prepare(text, this.manifest.max_chars));
  }
}

/** Return the model that a checked manifest and its checked files describe. */
export async function buildModel(manifest: Manifest, files: Files): Promise<Model> {
  const { encoder } = manifest;
  const folder = `encoder/${encoder.space}`;
  const tokenizer = readTokenizer(readText(manifest, files, `${folder}/tokenizer.json`), encoder.vocabulary);
  const head = readHead(
    manifest,
    readSafetensors("head.safetensors", bytesOf(manifest, files, "head/head.safetensors")),
  );
  return new Model(manifest, tokenizer, await startEncoder(manifest, files, folder), head);
}

/** Return the parsed JSON of a file of the bundle. */
export function readJson(manifest: Manifest, files: Files, path: string): unknown {
  const text = readText(manifest, files, path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BundleError(`${path} is not JSON (${String(error)}): build the bundle again`);
  }
}

function readText(manifest: Manifest, files: Files, path: string): string {
  const bytes = bytesOf(manifest, files, path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BundleError(`${path} is not UTF-8: build the bundle again`);
  }
}

async function startEncoder(manifest: Manifest, files: Files, folder: string): Promise<Encoder> {
  const { encoder } = manifest;
  if (encoder.kind === "static") {
    const table = readSafetensors("table.safetensors", bytesOf(manifest, files, `${folder}/table.safetensors`));
    return new StaticEncoder(table, encoder.dim, encoder.vocabulary);
  }
  const graph = bytesOf(manifest, files, `${folder}/onnx/model_quantized.onnx`);
  return await startOnnx(graph, encoder);
}

function bytesOf(manifest: Manifest, files: Files, path: string): Uint8Array {
  const bytes = files.get(fileOf(manifest, path).path);
  if (bytes === undefined) throw new BundleError(`${path} was not loaded: build the bundle again`);
  return bytes;
}
