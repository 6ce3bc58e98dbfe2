/** Cutouts go in, a zip comes out that is the library again: every field, every tag with who gave it, every image. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex } from "../asset.ts";
import { ARCHIVE } from "../copies/index.ts";
import type { ModelRecord } from "../record.ts";
import type { Walk } from "./walk.ts";
import { type Entry, zipped } from "./zip.ts";

/** Endings by which a system knows an image; any other type goes without one, the record has it. */
const ENDINGS: Readonly<Record<string, string>> = {
  ...{ "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/avif": ".avif" },
  ...{ "image/svg+xml": ".svg", "video/mp4": ".mp4", "video/webm": ".webm", "audio/mpeg": ".mp3" },
};

/** Yield the zip. */
export function archive(db: Database, walk: Walk, now: number): AsyncGenerator<Uint8Array, void, undefined> {
  return zipped(entriesOf(db, walk), now);
}

async function* entriesOf(db: Database, walk: Walk): AsyncGenerator<Entry, void, undefined> {
  const images = new Map<string, string>();
  const models = new Set<string>();
  async function* lines(): AsyncGenerator<string, void, undefined> {
    for await (const record of walk.records()) {
      for (const image of [record.asset, record.icon]) if (image !== null) images.set(image.sha256, image.type);
      for (const { model } of record.tags) if (model !== null) models.add(model);
      yield `${JSON.stringify(record)}\n`;
    }
  }
  yield { name: "cutouts.jsonl", pieces: lines(), isPacked: true };
  for (const [sha256, type] of images) {
    const bytes = db.selectValue("SELECT bytes FROM asset WHERE sha256 = ?", [bytesOfHex(sha256)]);
    if (bytes instanceof Uint8Array) yield imageEntry(sha256, type, bytes);
    await walk.rest();
  }
  const chosen = modelsOf(db).filter(({ sha256 }) => walk.isWhole || models.has(sha256));
  const head = {
    ...ARCHIVE,
    counts: { cutouts: walk.cutouts, assets: images.size },
    tags: walk.isWhole ? db.selectValues("SELECT name FROM tag ORDER BY id") : [],
    models: chosen,
  };
  yield { name: "library.json", pieces: [`${JSON.stringify(head, null, 1)}\n`], isPacked: true };
}

function imageEntry(sha256: string, type: string, bytes: Uint8Array): Entry {
  return { name: `assets/${sha256}${ENDINGS[type] ?? ""}`, pieces: [bytes], isPacked: false };
}

/** Return every model that has read the library. */
export function modelsOf(db: Database): ModelRecord[] {
  return db.selectObjects("SELECT sha256, name, space, at FROM model ORDER BY id") as unknown as ModelRecord[];
}
