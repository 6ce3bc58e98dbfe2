/** Nothing in; some room of the device is held, and given up when there is none left to open the library or to delete. */

import { isFull } from "./errors.ts";

const NAME = "reserve"; // beside the folder of the database files
const BYTES = 8 << 20; // what SQLite writes ahead, and as much again to put that into the database
const PIECE = 1 << 18;

/** Hold as much room as there is, at most 8 MiB; written out, since a file with holes holds none. */
export async function holdReserve(directory: FileSystemDirectoryHandle): Promise<void> {
  const handle = await (await directory.getFileHandle(NAME, { create: true })).createSyncAccessHandle();
  try {
    for (let at = handle.getSize(); at < BYTES; at += PIECE)
      if (handle.write(new Uint8Array(PIECE), { at }) < PIECE) break;
    handle.flush();
  } catch (error) {
    if (!isFull(error)) throw error; // what could be written is held
  } finally {
    handle.close();
  }
}

/** Let go of the room that is held, and return whether there was any. */
export async function giveUpReserve(directory: FileSystemDirectoryHandle): Promise<boolean> {
  for await (const name of directory.keys())
    if (name === NAME) {
      await directory.removeEntry(NAME);
      return true;
    }
  return false;
}
