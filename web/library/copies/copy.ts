/** What a copy of a library gives, whatever file it is in: its words, then its cutouts one by one, each checked. */

import { sha256Of } from "../asset.ts";
import { type Skipped, sampleOf } from "../importers/index.ts";
import type { Asset } from "../protocol.ts";
import { type CutoutRecord, checkedRecord, type RecordImage } from "../record.ts";
import type { Vocabulary } from "../restore.ts";
import { isIcon } from "../source.ts";

/** A cutout of a copy. */
export interface Returned {
  /** Its place in the file, from 1; 0 is the file itself. */
  readonly row: number;
  readonly record: CutoutRecord;
  /** Its image and its icon, unless it has none, is there already, or cannot be had. */
  readonly asset: Asset | null;
  readonly icon: Asset | null;
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
  const { record } = checked;
  const cut = [...checked.cut];
  const had = async (called: string, image: RecordImage | null): Promise<Asset | null> => {
    if (image === null || isKept(image.sha256)) return null;
    const found = await imageOf(image, images);
    if (typeof found !== "string") return found;
    cut.push(`${called} (${found})`);
    return null;
  };
  const asset = await had("image", record.asset);
  const icon = await had("icon", record.icon);
  if (icon === null || isIcon(icon)) return { row, record, asset, icon, cut };
  return { row, record, asset, icon: null, cut: [...cut, "icon (it is too large)"] };
}

/** Return an image, or why there is none. */
async function imageOf({ sha256, type }: RecordImage, images: Images): Promise<Asset | string> {
  const bytes = await images(sha256);
  if (typeof bytes === "string") return bytes;
  // as: the buffer is this thread's own, which the types of `digest` ask for
  const hash = await sha256Of(bytes as Uint8Array<ArrayBuffer>);
  return hash === sha256 ? { type, bytes } : "it is not the one of its hash";
}
