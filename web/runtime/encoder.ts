/** Pieces go in, one vector comes out, whichever kind of encoder the bundle has. */

import { BundleError } from "./errors.ts";
import type { Tensors } from "./safetensors.ts";

/** Turns the pieces of a text into a vector of `dim` numbers. */
export interface Encoder {
  readonly dim: number;
  /** True when encoding is so cheap that many texts share one measurement of time. */
  readonly instant: boolean;
  encode(pieces: Uint32Array): Float64Array | Promise<Float64Array>;
  close(): Promise<void>;
}

/** Averages one row per word piece: plain typed arrays, no engine. */
export class StaticEncoder implements Encoder {
  readonly dim: number;
  readonly instant = true;
  private readonly rowOf: Int32Array; // by piece; -1 when the piece has no row
  private readonly rows: Int8Array; // (rows, dim)
  private readonly scales: Float32Array; // (rows,)

  constructor(table: Tensors, dim: number, vocabulary: number) {
    const pieces = table.get("pieces", table.dtypeOf("pieces") === "U32" ? "U32" : "U16", [null]);
    this.dim = dim;
    this.rows = table.get("rows", "I8", [pieces.length, dim]);
    this.scales = table.get("scales", "F32", [pieces.length]);
    this.rowOf = new Int32Array(vocabulary).fill(-1);
    let last = -1;
    for (const [row, piece] of pieces.entries()) {
      if (piece <= last || piece >= vocabulary) {
        throw new BundleError(
          `table.safetensors: piece ${piece} follows ${last}, expected a sorted list below ${vocabulary}: build the bundle again`,
        );
      }
      this.rowOf[piece] = row;
      last = piece;
    }
  }

  encode(pieces: Uint32Array): Float64Array {
    const { dim, rows, scales, rowOf } = this;
    const vector = new Float64Array(dim);
    for (const piece of pieces) {
      const row = rowOf[piece];
      if (row === undefined || row < 0) continue;
      const scale = scales[row] as number;
      for (let i = 0, at = row * dim; i < dim; i++)
        vector[i] = (vector[i] as number) + scale * (rows[at + i] as number);
    }
    let squares = 0;
    for (let i = 0; i < dim; i++) squares += (vector[i] as number) * (vector[i] as number);
    const length = Math.sqrt(squares);
    if (length > 0) for (let i = 0; i < dim; i++) vector[i] = (vector[i] as number) / length;
    return vector;
  }

  async close(): Promise<void> {}
}
