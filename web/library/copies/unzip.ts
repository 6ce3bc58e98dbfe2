/**
 * A zip goes in as a file, the list of what is in it comes out, and the bytes of any of it.
 *
 * The list at the end of the file is believed, not the headers before each entry: so an entry is read only when it is
 * asked for, and one that hides between two others is not seen. Deflate is undone by the browser itself.
 */

import { ImportError } from "../errors.ts";
import { readable } from "../importers/index.ts";

/** What a zip may hold and become. */
export interface ZipLimits {
  readonly entries: number;
  /** Of the list at the end of the file. */
  readonly listBytes: number;
  /** Of everything that is unpacked, and how many times the file's own bytes that may be besides. */
  readonly bytes: number;
  readonly times: number;
}

export const ZIP_LIMITS: ZipLimits = { entries: 250_000, listBytes: 64_000_000, bytes: 100_000_000, times: 100 };

export interface ZipEntry {
  /** A path with slashes, as written: perhaps one that leads out of the archive. */
  readonly name: string;
  readonly method: number;
  readonly isLocked: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LISTED = 0x02014b50;
const HEADER = 0x04034b50;
const LONGEST_END = 22 + 65_535; // with its comment

/** A zip whose list was read; use `openZip`. */
export class Zip {
  readonly entries: readonly ZipEntry[];
  private readonly file: Blob;
  private room: number;

  constructor(file: Blob, entries: readonly ZipEntry[], limits: ZipLimits) {
    this.file = file;
    this.entries = entries;
    this.room = limits.bytes + limits.times * file.size;
  }

  /** Yield the bytes of an entry. Raises ImportError where it is damaged, or where all that was unpacked is too much. */
  async *read(entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = (await this.stream(entry)).getReader();
    let size = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((error) => damaged(`${entry.name}: ${said(error)}`));
        if (done) break;
        size += value.length;
        this.room -= value.length;
        if (this.room < 0) throw new ImportError("the zip unpacks to far more than it can hold: it is no library");
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
    if (size !== entry.size) damaged(`${entry.name} has ${readable(size)} bytes, expected ${readable(entry.size)}`);
  }

  /** Return all bytes of an entry, at most `limit` of them. */
  async bytes(entry: ZipEntry, limit: number): Promise<Uint8Array> {
    if (entry.size > limit)
      throw new ImportError(`${entry.name} has ${readable(entry.size)} bytes, at most ${readable(limit)} are read`);
    const whole = new Uint8Array(entry.size);
    let at = 0;
    for await (const piece of this.read(entry)) {
      if (at + piece.length > whole.length) damaged(`${entry.name} is longer than it says`);
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  private async stream({
    name,
    method,
    isLocked,
    crc,
    packed,
    size,
    offset,
  }: ZipEntry): Promise<ReadableStream<Uint8Array>> {
    if (isLocked) throw new ImportError("the zip is locked by a password: unlock it");
    if (method !== 0 && method !== 8)
      throw new ImportError(`${name} is packed in a way that is not read: zip it again`);
    const header = await viewOf(this.file.slice(offset, offset + 30));
    if (header.byteLength < 30 || header.getUint32(0, true) !== HEADER) damaged(`${name} is not where the list says`);
    const begin = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (begin + packed > this.file.size) damaged(`${name} ends after the file`);
    const data = this.file.slice(begin, begin + packed);
    if (method === 0) return data.stream();
    // Within a frame of gzip the browser compares the checksum and the size too.
    const frame = new DataView(new ArrayBuffer(8));
    frame.setUint32(0, crc, true);
    frame.setUint32(4, size, true);
    const gzip = new Blob([Uint8Array.of(31, 139, 8, 0, 0, 0, 0, 0, 0, 255), data, frame]);
    return gzip.stream().pipeThrough(new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>);
  }
}

/** Return the zip in a file, or null when the file does not begin as one; raise ImportError for one that is damaged. */
export async function openZip(file: Blob, limits: ZipLimits = ZIP_LIMITS): Promise<Zip | null> {
  const head = await viewOf(file.slice(0, 4));
  if (head.byteLength < 4 || head.getUint32(0, true) !== HEADER) return null;
  const { count, size, offset } = await endOf(file);
  if (count > limits.entries)
    throw new ImportError(`the zip holds ${readable(count)} files, at most ${readable(limits.entries)} are read`);
  if (size > limits.listBytes || offset + size > file.size) damaged("its list of files is longer than can be");
  return new Zip(file, entriesOf(await viewOf(file.slice(offset, offset + size)), count), limits);
}

/** Where the list is. */
interface List {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

async function endOf(file: Blob): Promise<List> {
  const from = Math.max(0, file.size - LONGEST_END - 20); // 20 for the locator of a large zip
  const tail = await viewOf(file.slice(from));
  let at = tail.byteLength - 22;
  while (at >= 0 && !(tail.getUint32(at, true) === END && at + 22 + tail.getUint16(at + 20, true) === tail.byteLength))
    at -= 1;
  if (at < 0) damaged("it has no list of its files, so its end is missing");
  const [count, size, offset] = [
    tail.getUint16(at + 10, true),
    tail.getUint32(at + 12, true),
    tail.getUint32(at + 16, true),
  ];
  const isLarge = count === 0xffff || size === 0xffffffff || offset === 0xffffffff;
  if (!isLarge || at < 20 || tail.getUint32(at - 20, true) !== LOCATOR_64) return { count, size, offset };
  const place = Number(tail.getBigUint64(at - 12, true));
  const end = await viewOf(file.slice(place, place + 56));
  if (end.byteLength < 56 || end.getUint32(0, true) !== END_64) damaged("its end is not where it says");
  const number = (where: number) => Number(end.getBigUint64(where, true));
  return { count: number(32), size: number(40), offset: number(48) };
}

function entriesOf(list: DataView, count: number): ZipEntry[] {
  const names = new TextDecoder();
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > list.byteLength || list.getUint32(at, true) !== LISTED) damaged("its list of files is cut short");
    const [nameBytes, extra, comment] = [28, 30, 32].map((where) => list.getUint16(at + where, true)) as [
      number,
      number,
      number,
    ];
    const end = at + 46 + nameBytes + extra + comment;
    if (end > list.byteLength) damaged("its list of files is cut short");
    const name = names.decode(new Uint8Array(list.buffer, list.byteOffset + at + 46, nameBytes));
    const [crc, packed, size, offset] = [16, 20, 24, 42].map((where) => list.getUint32(at + where, true)) as [
      number,
      number,
      number,
      number,
    ];
    const method = list.getUint16(at + 10, true);
    if (Math.max(packed, size, offset) === 0xffffffff) throw new ImportError("the zip is larger than 4 GB: zip less");
    const isLocked = (list.getUint16(at + 8, true) & 1) === 1;
    entries.push({ name, method, isLocked, crc, packed, size, offset });
    at = end;
  }
  return entries;
}

async function viewOf(part: Blob): Promise<DataView> {
  return new DataView(await part.arrayBuffer().catch((error) => damaged(said(error))));
}

function damaged(found: string): never {
  throw new ImportError(`the zip is damaged (${found}): copy or download it again`);
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
