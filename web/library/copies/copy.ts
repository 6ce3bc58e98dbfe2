/** What a copy of a library gives, whatever file it is in: its words, then its cutouts one by one, each checked. */

import { sha256Of } from "../asset.ts";
import { type Skipped, sampleOf } from "../importers/index.ts";
import type { Asset } from "../protocol.ts";
import { type CutoutRecord, checkedRecord } from "../record.ts";
import type { Vocabulary } from "../restore.ts";

/** A cutout of a copy. */
export interface Returned {
  /** Its place in the file, from 1; 0 is the file itself. */
  readonly row: number;
  readonly record: CutoutRecord;
  /** Its image, unless it has none, is there already, or cannot be had. */
  readonly asset: Asset | null;
  /** What was left out of it. */
  readonly cut: readonly string[];
}

export type CopyRow = Returned | Skipped;

/** A library that was taken out, open for reading. */
export interface Copy {
  /** What a person calls it. */
  readonly format: string;
  readonly vocabulary: Vocabulary;
  /** Yield every cutout; images that `isKept` knows are not read. Throws ImportError where the file cannot be read on. */
  rows(isKept: (sha256: string) => boolean): AsyncGenerator<CopyRow, void, undefined>;
  close(): void;
}

/** The largest image that is read; more does not fit into a row that Python's reader takes. */
export const MOST_IMAGE_BYTES = 99_000_000;

/** Return the bytes of an image, or why there are none. */
export type Images = (sha256: string) => Promise<Uint8Array | string>;

/** Return the row that a value of the file gives. */
export async function returned(
  row: number,
  value: unknown,
  images: Images,
  isKept: (sha256: string) => boolean,
): Promise<CopyRow> {
  const checked = checkedRecord(value);
  if (typeof checked === "string") {
    const { title, key } = (value ?? {}) as Record<string, unknown>; // as: whatever has properties
    return { row, why: checked, sample: sampleOf([title, key].find((text) => typeof text === "string") ?? "") };
  }
  const { record, cut } = checked;
  if (record.asset === null || isKept(record.asset.sha256)) return { row, record, asset: null, cut };
  const { sha256, type } = record.asset;
  const bytes = await images(sha256);
  if (typeof bytes === "string") return { row, record, asset: null, cut: [...cut, `image (${bytes})`] };
  // as: the buffer is this thread's own, which the types of `digest` ask for
  const hash = await sha256Of(bytes as Uint8Array<ArrayBuffer>);
  if (hash !== sha256) return { row, record, asset: null, cut: [...cut, "image (it is not the one of its hash)"] };
  return { row, record, asset: { type, bytes }, cut };
}
