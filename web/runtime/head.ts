/** Pieces and a vector go in, one score per label comes out; then probabilities, then tags. */

import { CnnHead } from "./cnn.ts";
import { LinearHead } from "./linear.ts";
import type { Manifest } from "./manifest.ts";
import type { Tensors } from "./safetensors.ts";

/** Turns pieces and a vector into one score per label. */
export interface Head {
  readonly slope: Float32Array; // (labels,)
  readonly offset: Float32Array; // (labels,)
  scores(pieces: Uint32Array, vector: Float64Array): Float64Array;
}

/** Return the head that the manifest describes, its shapes checked. */
export function readHead(manifest: Manifest, weights: Tensors): Head {
  const { encoder, head, labels } = manifest;
  if (head.kind === "linear") return new LinearHead(weights, encoder.dim, labels.length);
  return new CnnHead(weights, head.layers ?? [], encoder.dim, labels.length);
}

/** Return one probability per label: the calibrated scores through the link. */
export function probabilities(head: Head, scores: Float64Array, link: "softmax" | "sigmoid"): Float64Array {
  const z = scores.map((score, i) => score * (head.slope[i] as number) + (head.offset[i] as number));
  if (link === "sigmoid") return z.map((number) => 1 / (1 + Math.exp(-number)));
  const highest = z.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = z.map((number) => Math.exp(number - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Return the positions of the labels that the text gets, most probable first. */
export function decide(manifest: Pick<Manifest, "labels" | "multiple">, probability: Float64Array): number[] {
  const { labels, multiple } = manifest;
  const enough = (i: number): boolean => (probability[i] as number) >= (labels[i]?.threshold ?? 1);
  if (!multiple) {
    let best = 0;
    for (let i = 1; i < probability.length; i++)
      if ((probability[i] as number) > (probability[best] as number)) best = i;
    return enough(best) ? [best] : [];
  }
  const chosen = labels.map((_, i) => i).filter(enough);
  return chosen.sort((a, b) => (probability[b] as number) - (probability[a] as number) || a - b);
}
