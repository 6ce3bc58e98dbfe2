/** Typed arrays with shapes go in, the bytes of a safetensors file come out. */

export interface TensorSource {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int8Array | Uint16Array | Uint32Array | Float32Array;
}

/** Return the file; `change` may damage the header before it is written. */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorSource>>,
  change: (header: Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>) => void = () => {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: number[] }> = {};
  let end = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape: [...shape], data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  change(header);
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + end);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Return a float32 tensor. */
export function floats(shape: readonly number[], data: readonly number[]): TensorSource {
  return { dtype: "F32", shape, data: Float32Array.from(data) };
}
