/**
 * Pieces of a file go in one by one; the file comes out. It lies in the browser's storage and not in memory, for as long
 * as it is needed.
 */

import { HandOverError } from "./line.ts";

const FOLDER = "cutouts-parcels";
const LOCK = "cutouts-parcels";

/** A file that grows. */
export interface Parcel {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Return the file; nothing can be written after that. */
  whole(): Promise<File>;
  /** Give up what was not made whole: an open file cannot be deleted. */
  close(): Promise<void>;
}

/** Return what `use` makes of a new parcel, which is gone then. One at a time: others wait, until the signal says not to. */
export async function withParcel<Result>(
  signal: AbortSignal,
  use: (parcel: Parcel) => Promise<Result>,
): Promise<Result> {
  return await navigator.locks.request(LOCK, { signal }, async () => {
    await forget();
    const parcel = await emptyParcel();
    try {
      return await use(parcel);
    } finally {
      await parcel.close();
      // The next window deletes what is left; what was brought in is in.
      await forget().catch((error: unknown) => console.warn(`a parcel is still there (${String(error)})`));
    }
  });
}

/** Delete what a window left that was closed in between, unless another one is at it. */
export async function forgetParcels(): Promise<void> {
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await forget();
  });
}

async function emptyParcel(): Promise<Parcel> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const file = await folder.getFileHandle("library.zip", { create: true });
  const stream = await file.createWritable();
  let isOpen = true;
  return {
    write: async (piece) => {
      try {
        await stream.write(piece);
      } catch (error) {
        throw error instanceof DOMException && error.name === "QuotaExceededError" ? new HandOverError(NO_ROOM) : error;
      }
    },
    whole: async () => {
      await stream.close();
      isOpen = false;
      return await file.getFile();
    },
    close: async () => {
      if (isOpen) await stream.abort();
    },
  };
}
const NO_ROOM =
  "there is no room for it on this device: while it comes it needs room twice; free some storage and try again";

async function forget(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  try {
    await root.removeEntry(FOLDER, { recursive: true });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
  }
}
