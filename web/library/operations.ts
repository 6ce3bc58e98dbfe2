/** A question goes in, the open library answers it; each change is one transaction, made once however often it is asked. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { bytesOfHex } from "./asset.ts";
import { LibraryError } from "./errors.ts";
import { keepOpened } from "./events.ts";
import type { Source } from "./exporters/index.ts";
import { knownModels } from "./jobs.ts";
import type { Answer, Ask, Asset, Call, Contents, OperationName } from "./protocol.ts";
import { editCutout, emptyTrash, getCutout, insertCutout, tagCutout, trashCutout, untagCutout } from "./shelf.ts";
import { transaction } from "./statements.ts";
import { allTags, countTags, deleteTag, renameTag } from "./tags.ts";
import { recorded, undoLast } from "./undo.ts";

/** An open library and what stands around it. */
export interface Shelf extends Source {
  readonly setAside: readonly string[];
}

type Change<Name extends OperationName> = (shelf: Shelf, ask: Ask<Name>) => Answer<Name>;
type Changes = { readonly [Name in OperationName]?: Change<Name> };

/** What a person can take back. */
const CHANGES: Changes = {
  save: ({ db }, { cutout, asset, icon }) => {
    refuseRelative(cutout.address);
    if (asset !== undefined && cutout.asset !== null) keepAsset(db, cutout.asset, asset);
    if (icon !== undefined && cutout.icon) keepAsset(db, cutout.icon, icon);
    return { isNew: insertCutout(db, cutout) };
  },
  edit: ({ db, now }, { key, edit }) => {
    refuseRelative(edit.address ?? "");
    editCutout(db, key, edit, now());
    return null;
  },
  tag: ({ db, now }, { keys, name }) => {
    for (const key of keys) tagCutout(db, key, name, now());
    return null;
  },
  untag: ({ db, now }, { keys, name }) => {
    for (const key of keys) untagCutout(db, key, name, now());
    return null;
  },
  replaceTag: ({ db, now }, { keys, from, to }) => {
    for (const key of keys) {
      untagCutout(db, key, from, now());
      tagCutout(db, key, to, now());
    }
    return null;
  },
  trash: ({ db, now }, { keys, isTrashed }) => {
    for (const key of keys) trashCutout(db, key, now(), { isTrashed });
    return null;
  },
  emptyTrash: ({ db }) => ({ cutouts: emptyTrash(db), canUndo: true }),
  renameTag: ({ db }, { from, to }) => {
    renameTag(db, from, to);
    return null;
  },
  deleteTag: ({ db }, { name }) => {
    deleteTag(db, name);
    return null;
  },
};

const QUESTIONS: Changes = {
  get: ({ db }, { key }) => getCutout(db, key),
  asset: ({ db }, { sha256 }) => readAsset(db, sha256),
  tags: ({ db }) => allTags(db),
  contents: (shelf) => contents(shelf),
  models: ({ db }) => knownModels(db),
  check: ({ db }) => ({ problems: check(db) }),
};

function refuseRelative(address: string): void {
  if (address !== "" && !URL.canParse(address))
    throw new LibraryError(`“${address}” is not absolute: expected an address such as https://example.org, or none`);
}

/** Return the answer to a call; raise LibraryError for one that is not known. */
export function answer(shelf: Shelf, { id, name, ask }: Call): unknown {
  if (name === "undo") return once(shelf, id, () => ({ what: undoLast(shelf) }));
  if (name === "opened") return once(shelf, id, () => opened(shelf, ask as Ask<"opened">));
  const change = CHANGES[name] as Change<OperationName> | undefined;
  if (change !== undefined) return once(shelf, id, () => recorded(shelf, name, () => change(shelf, ask as never)));
  const question = QUESTIONS[name] as Change<OperationName> | undefined;
  if (question === undefined) throw new LibraryError(`the library knows no ${name}: reload the page to update the app`);
  return question(shelf, ask as never);
}

function opened({ db, now }: Shelf, ask: Ask<"opened">): null {
  keepOpened(db, ask, now());
  return null;
}

/** Return whether a call leaves less to keep, so that the room held in reserve is for it. */
export function makesRoom(name: OperationName): boolean {
  return ["trash", "emptyTrash", "untag", "deleteTag", "undo"].includes(name);
}

/** Answer a call that makes room; where none is left to keep the way back, an emptied trash has none, and no one before. */
export function answerWithoutRoom(shelf: Shelf, call: Call): unknown {
  if (call.name !== "emptyTrash") return answer(shelf, call);
  return once(shelf, call.id, () => {
    shelf.db.exec("DELETE FROM undo");
    return { cutouts: emptyTrash(shelf.db), canUndo: false };
  });
}

/** Return whether a call changes what is in the library. */
export function isChange(name: OperationName): boolean {
  return name === "undo" || name === "importFile" || name in CHANGES;
}

/**
 * Return what `work` returns, all or nothing. A call that was answered before gets that answer again: its window asks
 * anew when the window that held the library closed before the answer came.
 */
function once<Result>({ db, now }: Shelf, id: string, work: () => Result): Result {
  return transaction(db, () => {
    const known = db.selectValue("SELECT result FROM answered WHERE request = ?", [id]);
    if (known !== undefined) return JSON.parse(known as string) as Result;
    const result = work();
    db.exec("INSERT INTO answered (request, at, result) VALUES (?, ?, ?)", {
      bind: [id, now(), JSON.stringify(result)],
    });
    return result;
  });
}

/** Forget the answers that no window can still be waiting for. */
export function forgetAnswers({ db, now }: Shelf): void {
  db.exec("DELETE FROM answered WHERE at < ?", { bind: [now() - REMEMBERED_MS] });
}
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

function keepAsset(db: Database, sha256: string, { type, bytes }: Asset): void {
  db.exec("INSERT INTO asset (sha256, type, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", {
    bind: [bytesOfHex(sha256), type, bytes],
  });
}

function readAsset(db: Database, sha256: string): Asset | null {
  const row = db.selectArray("SELECT type, bytes FROM asset WHERE sha256 = ?", [bytesOfHex(sha256)]);
  return row === undefined ? null : { type: row[0] as string, bytes: row[1] as Uint8Array };
}

function contents({ db, setAside }: Shelf): Contents {
  const count = (sql: string) => Number(db.selectValue(sql));
  return {
    cutouts: count("SELECT count(*) FROM cutout WHERE trashed IS NULL"),
    trashed: count("SELECT count(*) FROM cutout WHERE trashed IS NOT NULL"),
    tags: countTags(db),
    waiting: count("SELECT count(*) FROM job"),
    bytes: count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"),
    setAside,
  };
}

/** Return what SQLite finds wrong with the file and with its full text; nothing when all is well. */
function check(db: Database): string[] {
  const found = db.selectValues("PRAGMA integrity_check").map(String);
  const keys = db.selectArrays("PRAGMA foreign_key_check").map((row) => `${row[0]} ${row[1]} points to nothing`);
  const problems = [...found.filter((line) => line !== "ok"), ...keys];
  // Rank 1 compares with the cutouts too; `runs` holds some of them only.
  for (const [index, rank] of [
    ["words", 1],
    ["runs", 0],
  ] as const) {
    try {
      db.exec(`INSERT INTO ${index} (${index}, rank) VALUES ('integrity-check', ${rank})`);
    } catch (error) {
      problems.push(`the index ${index}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return problems;
}
