/** One layer's settings and the shape before it go in, a checked function on that shape comes out, in float64. */

import { ACTIVATIONS, softmaxRow } from "./activations.ts";
import { BundleError } from "./errors.ts";
import type { Layer } from "./manifest.ts";
import type { Tensors } from "./safetensors.ts";

/** `(units)` or `(steps, channels)`. */
export type Shape = readonly number[];

/** A layer that is ready to run: what comes out has `shape`. */
export interface Step {
  readonly shape: Shape;
  run(input: Float64Array): Float64Array;
}

interface Place {
  readonly layer: Layer;
  readonly weights: Tensors;
  readonly index: number;
  readonly shape: Shape;
}

type Builder = (place: Place) => Step;

/** Return the step that a layer makes on inputs of `shape`, or throw naming the layer. */
export function buildLayer(layer: Layer, weights: Tensors, index: number, shape: Shape): Step {
  const builder = BUILDERS[layer.type];
  if (builder === undefined)
    throw new BundleError(`layer ${index} is ${layer.type}, which this page cannot run: update Cutouts`);
  return activated(builder({ layer, weights, index, shape }), layer.activation ?? "linear");
}

const BUILDERS: Readonly<Record<string, Builder>> = {
  dense,
  conv1d,
  max_pooling1d: (place) => pooling(place, Math.max, Number.NEGATIVE_INFINITY, false),
  average_pooling1d: (place) => pooling(place, (a, b) => a + b, 0, true),
  global_max_pooling1d: (place) => globalPooling(place, Math.max, Number.NEGATIVE_INFINITY, false),
  global_average_pooling1d: (place) => globalPooling(place, (a, b) => a + b, 0, true),
  flatten: ({ shape }) => ({ shape: [count(shape)], run: (input) => input }),
  reshape,
  batch_normalization: batchNormalization,
  activation: ({ shape }) => ({ shape, run: (input) => input }),
};

function dense({ weights, index, shape }: Place): Step {
  const wide = shape.at(-1) as number;
  const { data: kernel, shape: kernelShape } = weights.tensor(`${index}.kernel`, "F32", [wide, null]);
  const units = kernelShape[1] as number;
  const bias = weights.get(`${index}.bias`, "F32", [units]);
  const rows = count(shape) / wide;
  const run = (input: Float64Array): Float64Array => {
    const output = new Float64Array(rows * units);
    for (let row = 0; row < rows; row++) {
      for (let unit = 0; unit < units; unit++) {
        let sum = bias[unit] as number;
        for (let i = 0; i < wide; i++) sum += (input[row * wide + i] as number) * (kernel[i * units + unit] as number);
        output[row * units + unit] = sum;
      }
    }
    return output;
  };
  return { shape: [...shape.slice(0, -1), units], run };
}

function conv1d(place: Place): Step {
  const { layer, weights, index } = place;
  const [steps, channels] = stepsAndChannels(place);
  const { data: kernel, shape: kernelShape } = weights.tensor(`${index}.kernel`, "F32", [null, channels, null]);
  const [size = 0, , filters = 0] = kernelShape;
  if (size === 0 || filters === 0) throw misfit(index, layer, kernelShape, "a kernel with at least one number");
  const bias = weights.get(`${index}.bias`, "F32", [filters]);
  const dilation = layer.dilation ?? 1;
  const { out, strides, left } = windows(place, steps, (size - 1) * dilation + 1, 1);
  const run = (input: Float64Array): Float64Array => {
    const output = new Float64Array(out * filters);
    for (let step = 0; step < out; step++) {
      const row = output.subarray(step * filters, (step + 1) * filters);
      row.set(bias);
      for (let k = 0; k < size; k++) {
        const at = step * strides - left + k * dilation;
        if (at < 0 || at >= steps) continue; // padding is zeros
        for (let c = 0; c < channels; c++) {
          const value = input[at * channels + c] as number;
          const from = (k * channels + c) * filters;
          for (let f = 0; f < filters; f++) row[f] = (row[f] as number) + value * (kernel[from + f] as number);
        }
      }
    }
    return output;
  };
  return { shape: [out, filters], run };
}

type Combine = (a: number, b: number) => number;

/** Combine the steps of each window; steps outside the input do not count, not even in an average. */
function pooling(place: Place, combine: Combine, start: number, average: boolean): Step {
  const [steps, channels] = stepsAndChannels(place);
  const size = place.layer.size ?? 2;
  const { out, strides, left } = windows(place, steps, size, size);
  const run = (input: Float64Array): Float64Array => {
    const output = new Float64Array(out * channels);
    for (let step = 0; step < out; step++) {
      const from = Math.max(step * strides - left, 0);
      const to = Math.min(step * strides - left + size, steps);
      for (let c = 0; c < channels; c++) {
        let value = start;
        for (let at = from; at < to; at++) value = combine(value, input[at * channels + c] as number);
        output[step * channels + c] = average ? value / (to - from) : value;
      }
    }
    return output;
  };
  return { shape: [out, channels], run };
}

function globalPooling(place: Place, combine: Combine, start: number, average: boolean): Step {
  const [steps, channels] = stepsAndChannels(place);
  const run = (input: Float64Array): Float64Array => {
    const output = new Float64Array(channels).fill(start);
    for (const [i, value] of input.entries()) output[i % channels] = combine(output[i % channels] as number, value);
    return average ? output.map((sum) => sum / steps) : output;
  };
  return { shape: [channels], run };
}

function reshape({ layer, index, shape }: Place): Step {
  const target = layer.shape ?? [];
  if (count(target) !== count(shape))
    throw misfit(index, layer, shape, `${count(shape)} numbers, not [${target.join(", ")}]`);
  return { shape: target, run: (input) => input };
}

function batchNormalization({ weights, index, shape }: Place): Step {
  const channels = shape.at(-1) as number;
  const scale = weights.get(`${index}.scale`, "F32", [channels]);
  const shift = weights.get(`${index}.shift`, "F32", [channels]);
  return {
    shape,
    run: (input) => input.map((x, i) => x * (scale[i % channels] as number) + (shift[i % channels] as number)),
  };
}

function activated(step: Step, name: string): Step {
  const { shape, run } = step;
  if (name === "linear") return step;
  if (name === "softmax") {
    const wide = shape.at(-1) as number;
    return {
      shape,
      run: (input) => {
        const output = Float64Array.from(run(input)); // a layer may hand on its very input
        for (let at = 0; at < output.length; at += wide) softmaxRow(output, at, at + wide);
        return output;
      },
    };
  }
  const activation = ACTIVATIONS[name];
  if (activation === undefined) throw new BundleError(`activation ${name} is unknown to this page: update Cutouts`);
  return { shape, run: (input) => run(input).map((x) => activation(x)) };
}

/** Return how many windows there are, how far apart, and how much padding is on the left, as Keras counts. */
function windows(
  place: Place,
  steps: number,
  extent: number,
  defaultStrides: number,
): { out: number; strides: number; left: number } {
  const { layer, index, shape } = place;
  const strides = layer.strides ?? defaultStrides;
  if (layer.padding === "same") {
    const out = Math.ceil(steps / strides);
    return { out, strides, left: Math.max((out - 1) * strides + extent - steps, 0) >> 1 };
  }
  if (extent > steps) throw misfit(index, layer, shape, `at least ${extent} steps`);
  return { out: Math.floor((steps - extent) / strides) + 1, strides, left: 0 };
}

function stepsAndChannels({ layer, index, shape }: Place): [number, number] {
  const [steps, channels] = shape;
  if (shape.length !== 2 || steps === undefined || channels === undefined)
    throw misfit(index, layer, shape, "(steps, channels)");
  return [steps, channels];
}

function misfit(index: number, layer: Layer, shape: Shape, expected: string): BundleError {
  return new BundleError(
    `layer ${index} (${layer.type}) gets shape [${shape.join(", ")}], expected ${expected}: build the bundle again`,
  );
}

function count(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
