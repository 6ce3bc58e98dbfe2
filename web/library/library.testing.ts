/** A library in memory for tests, and cutouts to put there. */

import type { Database, Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import type { NewCutout } from "./cutout.ts";
import { openDatabase } from "./database.ts";
import type { CutoutRecord } from "./record.ts";
import { loadSqlite, memoryPlace } from "./sqlite.ts";

export interface TestLibrary {
  readonly sqlite: Sqlite3Static;
  readonly db: Database;
}

export async function emptyLibrary(): Promise<TestLibrary> {
  return { sqlite: await loadSqlite(), db: openDatabase(await memoryPlace()).db };
}

export function aCutout(part: Partial<NewCutout> = {}): NewCutout {
  const plain = { kind: "page", title: "", body: "", note: "", address: "" } as const;
  return { key: `key-${++made}`, ...plain, anchor: null, asset: null, tags: [], created: 1_700_000_000_000, ...part };
}
let made = 0;

/** A record in which nothing is said. */
export const A_RECORD: CutoutRecord = {
  key: "",
  kind: "page",
  title: "",
  body: "",
  note: "",
  address: "",
  anchor: null,
  asset: null,
  icon: null,
  batch: null,
  language: "",
  source: null,
  created: 1_700_000_000_001,
  changed: 1_700_000_000_001,
  trashed: null,
  tags: [],
};
