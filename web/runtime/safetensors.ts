/** The bytes of a safetensors file go in, checked typed arrays over the same memory come out. */

import { BundleError } from "./errors.ts";

const ARRAYS = { I8: Int8Array, U8: Uint8Array, U16: Uint16Array, U32: Uint32Array, F32: Float32Array } as const;
const MAX_HEADER_BYTES = 1 << 20;

export type Dtype = keyof typeof ARRAYS;
type ArrayOf<D extends Dtype> = InstanceType<(typeof ARRAYS)[D]>;

/** One tensor, row-major. */
export interface Tensor<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayOf<D>;
}

/** The tensors of one file, asked for by name, type and shape. */
export class Tensors {
  private readonly file: string;
  private readonly tensors: ReadonlyMap<string, Tensor>;

  constructor(file: string, tensors: ReadonlyMap<string, Tensor>) {
    this.file = file;
    this.tensors = tensors;
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  dtypeOf(name: string): Dtype | undefined {
    return this.tensors.get(name)?.dtype;
  }

  /** Return the tensor's numbers; a `null` in `shape` stands for any size. */
  get<D extends Dtype>(name: string, dtype: D, shape: readonly (number | null)[]): ArrayOf<D> {
    return this.tensor(name, dtype, shape).data;
  }

  /** Return the tensor; a `null` in `shape` stands for any size. */
  tensor<D extends Dtype>(name: string, dtype: D, shape: readonly (number | null)[]): Tensor<D> {
    const tensor = this.tensors.get(name);
    const expected = `${dtype} [${shape.map((size) => size ?? "any").join(", ")}]`;
    if (tensor === undefined)
      throw new BundleError(`${this.file} has no tensor ${name}, expected ${expected}: build the bundle again`);
    const fits =
      tensor.shape.length === shape.length && shape.every((size, i) => size === null || size === tensor.shape[i]);
    if (tensor.dtype !== dtype || !fits) {
      throw new BundleError(
        `${this.file}: tensor ${name} is ${tensor.dtype} [${tensor.shape.join(", ")}], expected ${expected}: build the bundle again`,
      );
    }
    return tensor as Tensor<D>;
  }
}

/** Return the tensors of a file, or throw when any byte is not accounted for. */
export function readSafetensors(file: string, bytes: Uint8Array): Tensors {
  const { header, start } = readHeader(file, bytes);
  const tensors = new Map<string, Tensor>();
  const spans: [number, number][] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, begin, end } = readEntry(`${file}: tensor ${name}`, value, bytes.length - start);
    spans.push([begin, end]);
    tensors.set(name, { dtype, shape, data: view(dtype, bytes.subarray(start + begin, start + end)) });
  }
  spans.sort(([a, b], [c, d]) => a - c || b - d);
  let at = 0;
  for (const [begin, end] of spans) {
    if (begin !== at)
      throw new BundleError(`${file}: a tensor begins at byte ${begin}, expected ${at}: the file is damaged`);
    at = end;
  }
  if (at !== bytes.length - start) {
    throw new BundleError(
      `${file}: tensors end at byte ${at}, the data at ${bytes.length - start}: the file is damaged`,
    );
  }
  return new Tensors(file, tensors);
}

function readHeader(file: string, bytes: Uint8Array): { header: object; start: number } {
  if (bytes.length < 8)
    throw new BundleError(`${file} has ${bytes.length} bytes, expected at least 8: the file is damaged`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const most = Math.min(MAX_HEADER_BYTES, bytes.length - 8);
  if (length > most)
    throw new BundleError(`${file}: the header claims ${length} bytes, expected at most ${most}: the file is damaged`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw new BundleError(`${file}: the header is not JSON (${String(error)}): the file is damaged`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new BundleError(`${file}: the header is not a JSON object: the file is damaged`);
  }
  return { header, start: 8 + length };
}

interface Entry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readEntry(name: string, value: unknown, available: number): Entry {
  const { dtype, shape, data_offsets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype)) {
    throw new BundleError(`${name} has the type ${String(dtype)}, expected one of ${Object.keys(ARRAYS).join(" ")}`);
  }
  if (!isSizes(shape) || !isSizes(data_offsets) || data_offsets.length !== 2) {
    throw new BundleError(`${name} has no valid shape and offsets: the file is damaged`);
  }
  const [begin = 0, end = 0] = data_offsets;
  const kind = dtype as Dtype;
  const needed = shape.reduce((product, size) => product * size, ARRAYS[kind].BYTES_PER_ELEMENT);
  if (begin > end || end > available || end - begin !== needed) {
    throw new BundleError(
      `${name} of shape [${shape.join(", ")}] lies at ${begin} to ${end} of ${available} bytes, expected ${needed} bytes: the file is damaged`,
    );
  }
  return { dtype: kind, shape, begin, end };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Return a typed array over the bytes; they are copied only when they are not aligned. */
function view(dtype: Dtype, bytes: Uint8Array): ArrayOf<Dtype> {
  const kind = ARRAYS[dtype];
  const aligned = bytes.byteOffset % kind.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new kind(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / kind.BYTES_PER_ELEMENT);
}
