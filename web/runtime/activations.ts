/** A number goes in, its activation comes out, as Keras 3 defines each by name, in float64. */

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Activations that look at one number; `softmax` looks at a row and is `softmaxRow`. */
export const ACTIVATIONS: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => clip(x, 0, 6),
  leaky_relu: (x) => (x < 0 ? 0.2 * x : x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  silu: (x) => x * sigmoid(x),
  sigmoid,
  hard_sigmoid: (x) => clip(x / 6 + 0.5, 0, 1),
  tanh: Math.tanh,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  softsign: (x) => x / (1 + Math.abs(x)),
  exponential: Math.exp,
};

/** Replace `values[start..end)` by their softmax. */
export function softmaxRow(values: Float64Array, start: number, end: number): void {
  const row = values.subarray(start, end);
  const highest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const [i, value] of row.entries()) sum += row[i] = Math.exp(value - highest);
  for (const [i, value] of row.entries()) row[i] = value / sum;
}

/** Return the error function to about 1e-15: its series near zero, a continued fraction beyond. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size > 3) return Math.sign(x) * (1 - erfcFraction(size));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
    if (term === 0) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

// erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), for x above 2 or so.
function erfcFraction(x: number): number {
  let below = x;
  for (let n = 60; n >= 1; n--) below = x + n / 2 / below;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * below);
}
