/** Files go in one after the other, the bytes of a zip come out as they are made. */

import { Deflate, Zip, type ZipInputFile } from "fflate";
import { LibraryError } from "../errors.ts";

/** A file of the zip; its pieces are asked for when it is its turn. */
export interface Entry {
  readonly name: string;
  readonly pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
  /** Whether it is worth packing; images are packed already. */
  readonly isPacked: boolean;
}

const MOST_BYTES = 0xffffffff; // of a zip whose list counts in 32 bits
const MOST_ENTRIES = 0xffff; // of one without a second list end
const END_BYTES = 22;
const DEFLATE = 8;

/** Yield the zip of these files; raise LibraryError where it would grow beyond 4 GB. */
export async function* zipped(entries: AsyncIterable<Entry>, now: number): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  let [ready, bytes, count]: [Uint8Array[], number, number] = [[], 0, 0];
  const zip = new Zip((error, piece, isLast) => {
    if (error !== null) throw error;
    ready.push(isLast && count >= MOST_ENTRIES ? withLargeCount(piece, count, bytes) : piece);
    bytes += piece.length;
    if (bytes > MOST_BYTES)
      throw new LibraryError("a zip has room for 4 GB and this would be larger: export the database instead");
  });
  const taken = () => {
    const pieces = ready;
    ready = [];
    return pieces;
  };
  for await (const { name, pieces, isPacked } of entries) {
    // Not fflate's own ZipDeflate: the zip remembers each until its end, with a buffer of 96 kB.
    const file: ZipInputFile = { filename: name, size: 0, crc: 0, compression: DEFLATE, mtime: now };
    zip.add(file);
    count += 1;
    // Images are put into deflate without packing: some readers refuse what is stored and ends where it says afterwards.
    const deflate = new Deflate({ level: isPacked ? 6 : 0 }, (packed, isLast) => file.ondata?.(null, packed, isLast));
    for await (const piece of pieces) {
      const data = typeof piece === "string" ? encoder.encode(piece) : piece;
      file.size += data.length;
      file.crc = crc32(data, file.crc);
      deflate.push(data);
      yield* taken();
    }
    deflate.push(new Uint8Array(), true);
    yield* taken();
  }
  zip.end();
  yield* taken();
}

/** Return the list of files with an end that counts in 64 bits before its own, which counts to 65,535. */
function withLargeCount(list: Uint8Array, count: number, offset: number): Uint8Array {
  const size = list.length - END_BYTES;
  const view = new DataView(new ArrayBuffer(size + 56 + 20 + END_BYTES));
  new Uint8Array(view.buffer).set(list.subarray(0, size));
  const whole = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  view.setUint32(size, 0x06064b50, true);
  whole(size + 4, 44); // bytes that follow
  view.setUint16(size + 12, 45, true); // the version that wrote it, and the one that reads it
  view.setUint16(size + 14, 45, true);
  whole(size + 24, count);
  whole(size + 32, count);
  whole(size + 40, size);
  whole(size + 48, offset);
  view.setUint32(size + 56, 0x07064b50, true);
  whole(size + 64, offset + size); // where the end of 64 bits is
  view.setUint32(size + 72, 1, true);
  view.setUint32(size + 76, 0x06054b50, true);
  view.setUint16(size + 84, MOST_ENTRIES, true);
  view.setUint16(size + 86, MOST_ENTRIES, true);
  view.setUint32(size + 88, size, true);
  view.setUint32(size + 92, offset, true);
  return new Uint8Array(view.buffer);
}

/** Return the checksum of bytes that follow those of checksum `before`. */
function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (REMAINDERS[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  return rest;
});
