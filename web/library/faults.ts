/** A call that failed goes in; it is answered after all where room or an index can be had, or the file is found damaged. */

import type { Database } from "@sqlite.org/sqlite-wasm";
import { isDamage } from "./database.ts";
import { DamagedError, isFull, LibraryError, NO_ROOM } from "./errors.ts";
import { answerWithoutRoom, makesRoom, type Shelf } from "./operations.ts";
import type { Call } from "./protocol.ts";
import type { Pool } from "./sqlite.ts";
import { transaction } from "./statements.ts";

const INDEX_DAMAGED = 267; // SQLITE_CORRUPT_VTAB: an index for full text

/** An open library whose files can be looked after. */
export interface Kept extends Shelf {
  readonly place: Pool & Shelf["place"];
}

/** Return the answer, or raise why there is none; DamagedError when the library's file is no longer whole. */
export async function answerAgain(
  from: Kept,
  call: Call,
  error: unknown,
  answerOf: (from: Kept, call: Call) => Promise<unknown>,
): Promise<unknown> {
  if (isFull(error)) {
    if (!makesRoom(call.name)) throw new LibraryError(NO_ROOM);
    return await from.place.withReserve(() => {
      settle(from.db);
      const answered = answerWithoutRoom(from, call);
      settle(from.db);
      return answered;
    });
  }
  if (!isDamage(error)) throw error;
  if ((error as { resultCode?: number }).resultCode === INDEX_DAMAGED && rebuild(from.db))
    return await answerOf(from, call);
  if (isWhole(from.db)) throw error; // it was another file, such as one that was to be brought in
  throw new DamagedError();
}

/** Put what is written ahead into the database, so that its room is free for the next change. */
function settle(db: Database): void {
  try {
    db.exec("PRAGMA wal_checkpoint");
  } catch (error) {
    if (!isFull(error)) throw error; // then there is less room, perhaps enough
  }
}

/** Make the indexes for full text anew from the cutouts; return whether these could be read. */
function rebuild(db: Database): boolean {
  try {
    transaction(db, () =>
      db.exec("INSERT INTO words (words) VALUES ('rebuild'); INSERT INTO runs (runs) VALUES ('rebuild')"),
    );
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

function isWhole(db: Database): boolean {
  try {
    return db.selectValue("PRAGMA quick_check(1)") === "ok";
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}
