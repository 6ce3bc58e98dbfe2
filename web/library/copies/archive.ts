/** A zip that the lossless export wrote goes in, the library in it comes out. */

import { ImportError } from "../errors.ts";
import { Lines, sampleOf } from "../importers/index.ts";
import { checkedModel } from "../record.ts";
import type { Vocabulary } from "../restore.ts";
import { type Copy, type CopyRow, MOST_IMAGE_BYTES, returned } from "./copy.ts";
import type { Zip, ZipEntry } from "./unzip.ts";

/** What `library.json` of an archive says it is, and the newest version of that which is known here. */
export const ARCHIVE = { format: "cutouts-library", version: 1 } as const;

const MOST_HEAD_BYTES = 16_000_000;
const MOST_TAGS = 100_000;
const MOST_MODELS = 1000;
/** The parts of an archive; a person may have packed the folder again that it was unpacked to. */
const HEAD = /^((?:[^/\\]{1,255}\/)?)library\.json$/;
const IMAGE = /^assets\/([0-9a-f]{64})(?:\.[a-z0-9]{1,20})?$/;
const LEADS_OUT = /^[/\\]|^[a-z]:|\\|(?:^|\/)\.\.(?:\/|$)|\0/i;
/** What systems add to archives on their own. */
const ADDED = /\/$|(?:^|\/)(?:__MACOSX\/.*|\.DS_Store|Thumbs\.db|desktop\.ini)$/;

interface Parts {
  readonly cutouts: ZipEntry | undefined;
  readonly images: ReadonlyMap<string, ZipEntry>;
  readonly odd: readonly CopyRow[];
}

/** Return the library in a zip, or null when it holds none; raise ImportError for one of a newer version. */
export async function openArchive(zip: Zip): Promise<Copy | null> {
  const head = zip.entries.find(({ name }) => HEAD.test(name));
  if (head === undefined) return null;
  const { format, version, counts, tags, models } = await headOf(zip, head);
  if (format !== ARCHIVE.format) return null;
  if (version !== ARCHIVE.version)
    throw new ImportError(
      `the library was written in version ${version} of its format and this app reads ${ARCHIVE.version}: reload the page to update the app`,
    );
  const parts = partsOf(zip, HEAD.exec(head.name)?.[1] ?? "");
  const expected = (counts as { cutouts?: unknown } | null | undefined)?.cutouts;
  return {
    format: "Cutouts (archive)",
    vocabulary: vocabularyOf(tags, models),
    rows: (isKept) => rowsOf(zip, parts, typeof expected === "number" ? expected : null, isKept),
    close: () => undefined,
  };
}

async function headOf(zip: Zip, entry: ZipEntry): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await zip.bytes(entry, MOST_HEAD_BYTES));
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function vocabularyOf(tags: unknown, models: unknown): Vocabulary {
  const isName = (name: unknown) => typeof name === "string" && /[^\p{Cc}\s]/u.test(name);
  return {
    tags: Array.isArray(tags) ? tags.slice(0, MOST_TAGS).filter(isName) : [],
    models: Array.isArray(models) ? models.slice(0, MOST_MODELS).flatMap((model) => checkedModel(model) ?? []) : [],
  };
}

/** Tell the entries apart by their names; nothing is written under one, so a name that leads out is only not read. */
function partsOf({ entries }: Zip, folder: string): Parts {
  const images = new Map<string, ZipEntry>();
  const odd: CopyRow[] = [];
  let cutouts: ZipEntry | undefined;
  for (const entry of entries) {
    const name = entry.name.startsWith(folder) ? entry.name.slice(folder.length) : entry.name;
    const sha256 = IMAGE.exec(name)?.[1];
    if (LEADS_OUT.test(entry.name)) odd.push(oddOf(entry, "its path leads out of the archive"));
    else if (sha256 !== undefined) images.set(sha256, entry);
    else if (name === "cutouts.jsonl") cutouts ??= entry;
    else if (name !== "library.json" && !ADDED.test(entry.name)) odd.push(oddOf(entry, "it is no part of a library"));
  }
  return { cutouts, images, odd };
}

function oddOf({ name }: ZipEntry, why: string): CopyRow {
  return { row: 0, why: `the archive holds a file that is not read: ${why}`, sample: sampleOf(name) };
}

async function* rowsOf(
  zip: Zip,
  { cutouts, images, odd }: Parts,
  expected: number | null,
  isKept: (sha256: string) => boolean,
): AsyncGenerator<CopyRow, void, undefined> {
  yield* odd;
  if (cutouts === undefined) throw new ImportError("the archive holds no cutouts.jsonl: export the library again");
  const lines = new Lines();
  const imageOf = async (sha256: string): Promise<Uint8Array | string> => {
    const entry = images.get(sha256);
    if (entry === undefined) return "it is not in the archive";
    return entry.size > MOST_IMAGE_BYTES ? "it is too large" : await zip.bytes(entry, MOST_IMAGE_BYTES);
  };
  let count = 0;
  const rowOf = async ({ number, value, why, text }: ReturnType<Lines["write"]>[number]): Promise<CopyRow> => {
    count += 1;
    return why === undefined
      ? await returned(number, value, imageOf, isKept)
      : { row: number, why, sample: sampleOf(text) };
  };
  const decoder = new TextDecoder();
  for await (const piece of zip.read(cutouts))
    for (const line of lines.write(decoder.decode(piece, { stream: true }))) yield await rowOf(line);
  for (const line of [...lines.write(decoder.decode()), ...lines.end()]) yield await rowOf(line);
  if (expected !== null && count !== expected)
    yield { row: 0, why: `the archive says that it holds ${expected} cutouts, and holds ${count}`, sample: "" };
}
