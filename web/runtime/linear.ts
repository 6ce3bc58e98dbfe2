/** Pieces and a vector go in, one score per label comes out: word features beside meaning. */

import { BundleError } from "./errors.ts";
import type { Head } from "./head.ts";
import type { Tensors } from "./safetensors.ts";

const SINGLE = 0xffff0000; // the key of a single piece b is SINGLE + b
const MAX_PIECE = 0xfffe; // the largest piece that a key can hold; a larger one is no word feature

/** One linear layer over tf-idf of pieces and pairs, and over the encoder's vector. */
export class LinearHead implements Head {
  readonly slope: Float32Array;
  readonly offset: Float32Array;
  private readonly keys: Uint32Array; // (features,), sorted
  private readonly idf: Float32Array; // (features,)
  private readonly rows: Int8Array; // (features, labels)
  private readonly rowScales: Float32Array; // (features,)
  private readonly vectorWeights: Float32Array; // (labels, dim)
  private readonly bias: Float32Array; // (labels,)

  constructor(weights: Tensors, dim: number, labels: number) {
    this.keys = weights.get("keys", "U32", [null]);
    const features = this.keys.length;
    this.idf = weights.get("idf", "F32", [features]);
    this.rows = weights.get("rows", "I8", [features, labels]);
    this.rowScales = weights.get("row_scales", "F32", [features]);
    this.vectorWeights = weights.get("vector_weights", "F32", [labels, dim]);
    this.bias = weights.get("bias", "F32", [labels]);
    this.slope = weights.get("slope", "F32", [labels]);
    this.offset = weights.get("offset", "F32", [labels]);
    for (let i = 1; i < features; i++) {
      if ((this.keys[i - 1] as number) >= (this.keys[i] as number)) {
        throw new BundleError(
          `head.safetensors: keys are not sorted at ${i}, expected each to be larger: build the bundle again`,
        );
      }
    }
  }

  scores(pieces: Uint32Array, vector: Float64Array): Float64Array {
    const scores = new Float64Array(this.bias);
    this.addWords(this.featuresOf(pieces), scores);
    this.addVector(vector, scores);
    return scores;
  }

  // By index, here and wherever numbers are many: an iterator takes several times as long.
  private addVector(vector: Float64Array, scores: Float64Array): void {
    const { vectorWeights } = this;
    for (let label = 0, row = 0; label < scores.length; label++, row += vector.length) {
      let sum = 0;
      for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) * (vectorWeights[row + i] as number);
      scores[label] = (scores[label] as number) + sum;
    }
  }

  /** Return the positions in `keys` of each single piece and each pair in the text, sorted, repeated as often as they occur. */
  private featuresOf(pieces: Uint32Array): Uint32Array {
    const found = new Uint32Array(2 * pieces.length);
    let count = 0;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] as number;
      if (piece > MAX_PIECE) continue;
      const single = search(this.keys, SINGLE + piece);
      if (single >= 0) found[count++] = single;
      const before = pieces[i - 1] ?? MAX_PIECE + 1; // of the first there is no pair
      if (before > MAX_PIECE) continue;
      const pair = search(this.keys, before * 65536 + piece);
      if (pair >= 0) found[count++] = pair;
    }
    return found.subarray(0, count).sort();
  }

  /** Add `value * row` of each feature, values being `(1 + ln n) * idf` divided by their length. */
  private addWords(features: Uint32Array, scores: Float64Array): void {
    const { idf, rowScales, rows } = this;
    const found: number[] = [];
    const values: number[] = [];
    let squares = 0;
    for (let i = 0, next = 0; i < features.length; i = next) {
      const row = features[i] as number;
      while (next < features.length && features[next] === row) next++;
      const value = (1 + Math.log(next - i)) * (idf[row] as number);
      squares += value * value;
      found.push(row);
      values.push(value);
    }
    const length = Math.sqrt(squares);
    if (length === 0) return;
    for (let i = 0; i < found.length; i++) {
      const row = found[i] as number;
      const factor = ((values[i] as number) / length) * (rowScales[row] as number);
      for (let label = 0, at = row * scores.length; label < scores.length; label++) {
        scores[label] = (scores[label] as number) + factor * (rows[at + label] as number);
      }
    }
  }
}

/** Return the position of `key` in a sorted array, or -1. */
export function search(keys: Uint32Array, key: number): number {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle] as number;
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
