/** A library with something of everything, to be taken out, and what has to be the same in the one that comes back. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex, hexOfBytes } from "../asset.ts";
import { KINDS } from "../cutout.ts";
import { useModel } from "../jobs.ts";
import { aCutout, emptyLibrary, type TestLibrary } from "../library.testing.ts";
import { insertCutout, tagCutout, trashCutout, untagCutout } from "../shelf.ts";
import { tagId } from "../tags.ts";
import { recorded } from "../undo.ts";
import type { ExportFormat, Source } from "./index.ts";
import { exportFile } from "./index.ts";

export const NOW = 1_700_000_000_000;

const ICON_ADDRESS = "https://example.org/icon.png?a=b&c=%22";

/** What is hard to keep: scripts, directions, signs of formats, control characters, one after the other in every field. */
export const TEXTS: readonly string[] = [
  "plain",
  "日本語の本文。梨の木",
  "العربية \u202eمن اليمين\u202c",
  "👩‍👩‍👧‍👦 é e\u0301 \u{10ffff}",
  "tab\tline\nline\r\nbell\u0007 nul\u0000 unit\u001f next\u0085 \u2028 \ufeffmark",
  '=1+1;-2\n@x "quoted", \'=3 </A><DD>&amp; \\<b> ![](x)',
  "--- \n---\n# no heading",
  "",
];

/** Return the library: all kinds, tags of every origin, trash, images, anchors, sources, copies of the same page. */
export async function stockedLibrary(): Promise<TestLibrary> {
  const library = await emptyLibrary();
  const { db } = library;
  const sha256 = await kept(db, "image/png", 300);
  const icon = await kept(db, "image/x-icon", 40);
  db.exec("INSERT INTO batch (source, at) VALUES ('Pocket (CSV)', ?)", { bind: [NOW - 5] });
  const by = useModel(db, { sha256: "ab".repeat(32), name: "mine", space: "tiny", dim: 4 }, NOW - 9);
  const made = () =>
    TEXTS.forEach((text, index) => {
      const cutout = aCutout({
        ...{
          key: `key ${index} ${text}`,
          kind: KINDS[index % 4] ?? "page",
          title: text,
          body: `b ${text}`,
          note: text,
        },
        address: index % 3 === 0 ? "" : `https://www.example.org/${index % 2}?q=a&b="<>`,
        anchor:
          index % 2 === 0
            ? null
            : { text, before: "b", after: "a\n", isInFrame: true, start: 61.5 + index, end: 70.25 + index },
        ...{ asset: index % 4 === 2 ? sha256 : null, created: NOW + index, tags: ["Fruit", `tag, ${index}`] },
        ...{ language: index % 3 === 1 ? "pt-BR" : "", icon: index % 4 === 1 ? icon : null },
        source: index % 2 === 1 ? null : { html: `<b>${text}</b>`, description: text, iconAddress: ICON_ADDRESS },
      });
      insertCutout(db, cutout, index === 1 ? 1 : null);
    });
  db.transaction(() => recorded({ ...library, now: () => NOW }, "save", made));
  const keys = db.selectValues("SELECT key FROM cutout ORDER BY id").map(String) as [string, string, string, string];
  const propose = (key: string, name: string, probability: number) =>
    db.exec("INSERT INTO cutout_tag SELECT id, ?, 'model', ?, ?, ? FROM cutout WHERE key = ?", {
      bind: [tagId(db, name), by.model, probability, NOW + 50, key],
    });
  propose(keys[0], "日本語", 0.1 + 0.2);
  propose(keys[1], "kept", 0.75);
  tagCutout(db, keys[1], "kept", NOW + 60);
  untagCutout(db, keys[2], "Fruit", NOW + 61);
  trashCutout(db, keys[3], NOW + 62, { isTrashed: true });
  tagId(db, "on nothing");
  return library;
}

/** Put bytes of their own into the library as an image, and return their hash. */
async function kept(db: Database, type: string, length: number): Promise<string> {
  const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
  const sha256 = hexOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  db.exec("INSERT INTO asset VALUES (?, ?, ?)", { bind: [bytesOfHex(sha256), type, bytes] });
  return sha256;
}

/** Return every row that a copy of a library has to have too. */
export function everything(db: Database): Record<string, unknown> {
  const tables = ["cutout", "source", "tag", "cutout_tag", "asset", "batch", "model"];
  return Object.fromEntries(tables.map((table) => [table, db.selectArrays(`SELECT * FROM ${table} ORDER BY 1, 2`)]));
}

/** Return a library with a place for files, in memory. */
export function sourceOf(library: TestLibrary): Source {
  const { sqlite } = library;
  const { capi, oo1 } = sqlite;
  const files = new Set<string>();
  return {
    ...library,
    now: () => NOW,
    place: {
      names: () => [...files],
      open: (name) => {
        files.add(name);
        return new oo1.DB(name, "w");
      },
      read: async (name) => {
        const db = new oo1.DB(name, "r");
        const bytes = capi.sqlite3_js_db_export(db);
        db.close();
        return bytes;
      },
      remove: (name) => {
        capi.sqlite3_js_posix_create_file(name, new Uint8Array());
        files.delete(name);
      },
    },
  };
}

/** Return the file that a library is taken out into. */
export async function fileOf(library: TestLibrary, format: ExportFormat, keys: readonly string[] | null = null) {
  return (await exportFile(sourceOf(library), { format, keys })).file;
}
