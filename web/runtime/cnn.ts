/** A vector goes in, one score per label comes out of a small network, layer by layer in float64. */

import { BundleError } from "./errors.ts";
import type { Head } from "./head.ts";
import { buildLayer, type Step } from "./layers.ts";
import type { Layer } from "./manifest.ts";
import type { Tensors } from "./safetensors.ts";

/** The layers of `head.layers`, their shapes checked one after the other. */
export class CnnHead implements Head {
  readonly slope: Float32Array;
  readonly offset: Float32Array;
  private readonly steps: readonly Step[];

  constructor(weights: Tensors, layers: readonly Layer[], dim: number, labels: number) {
    this.slope = weights.get("slope", "F32", [labels]);
    this.offset = weights.get("offset", "F32", [labels]);
    const steps: Step[] = [];
    let shape: readonly number[] = [dim];
    for (const [index, layer] of layers.entries()) {
      const step = buildLayer(index === layers.length - 1 ? beforeLink(layer) : layer, weights, index, shape);
      steps.push(step);
      shape = step.shape;
    }
    if (shape.length !== 1 || shape[0] !== labels) {
      const last = layers.at(-1)?.type ?? "none";
      throw new BundleError(
        `layer ${layers.length - 1} (${last}) gives shape [${shape.join(", ")}], expected [${labels}], one score per label: build the bundle again`,
      );
    }
    this.steps = steps;
  }

  scores(_pieces: Uint32Array, vector: Float64Array): Float64Array {
    return this.steps.reduce((input, step) => step.run(input), vector);
  }
}

// Scores are what the last layer gives before a final softmax or sigmoid: the link comes after calibration.
function beforeLink(layer: Layer): Layer {
  return layer.activation === "softmax" || layer.activation === "sigmoid" ? { ...layer, activation: "linear" } : layer;
}
