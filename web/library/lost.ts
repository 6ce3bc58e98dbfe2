/**
 * The folder of the database files goes in, before SQLite opens it; files that SQLite would empty are moved aside, and
 * come out by name.
 *
 * Each file of the pool begins with 4,096 bytes: its path, flags, and a digest of both. Where they do not agree, the
 * pool takes the file for a free one and cuts it off. So does SQLite with a `-wal` whose database is empty.
 */

const FILES = ".opaque";
const LOST = "lost";
const HEAD = 4096;
const PATH = 512;
const WITH_DIGEST = 0x80; // SQLITE_OPEN_MEMORY, as the pool uses it
const MAGIC = "SQLite format 3\0";

/** Move aside what would be emptied. */
export async function moveLost(directory: FileSystemDirectoryHandle): Promise<void> {
  const files = await directory.getDirectoryHandle(FILES, { create: true });
  const filled = new Map<string, FileSystemFileHandle>();
  const lost: FileSystemFileHandle[] = [];
  for await (const handle of files.values()) {
    if (handle.kind !== "file") continue;
    const file = await (handle as FileSystemFileHandle).getFile();
    if (file.size <= HEAD) continue;
    const path = pathOf(new Uint8Array(await file.slice(0, PATH + 12).arrayBuffer()));
    if (path === "") lost.push(handle as FileSystemFileHandle);
    else filled.set(path, handle as FileSystemFileHandle);
  }
  for (const [path, handle] of filled)
    if (path.endsWith(".sqlite-wal") && !filled.has(path.replace(/-wal$/, ""))) lost.push(handle);
  if (lost.length === 0) return;
  const to = await directory.getDirectoryHandle(LOST, { create: true });
  for (const handle of lost) await (handle as Movable).move(to, handle.name);
}

/** What every browser with this storage has, and TypeScript does not know. */
interface Movable extends FileSystemFileHandle {
  move(to: FileSystemDirectoryHandle, name: string): Promise<void>;
}

/** Return the path that a file's head gives it, or nothing when the head is damaged or the file is a free one. */
function pathOf(head: Uint8Array): string {
  const view = new DataView(head.buffer);
  const flags = view.getUint32(PATH);
  let [first, second] = [0, 0];
  if ((flags & WITH_DIGEST) !== 0) {
    [first, second] = [0xdeadbeef, 0x41c6ce57];
    for (const byte of head.subarray(0, PATH + 4)) {
      first = Math.imul(first ^ byte, 0x9e3779b1);
      second = Math.imul(second ^ byte, 104729);
    }
  }
  const isRight = view.getUint32(PATH + 4, true) === first >>> 0 && view.getUint32(PATH + 8, true) === second >>> 0;
  return isRight ? new TextDecoder().decode(head.subarray(0, head.indexOf(0))) : "";
}

/** Return the names of the files that were moved aside. */
export async function lostNames(directory: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  const lost = await directory.getDirectoryHandle(LOST, { create: true });
  for await (const handle of lost.values()) {
    const file = await (handle as FileSystemFileHandle).getFile();
    const begins = await file.slice(HEAD, HEAD + MAGIC.length).text();
    names.push(`/${LOST}/${handle.name}${begins === MAGIC ? ".sqlite" : ""}`);
  }
  return names.sort();
}

/** Return whether a name is that of a file that was moved aside. */
export function isLost(name: string): boolean {
  return name.startsWith(`/${LOST}/`);
}

/** Return a file that was moved aside, without the pool's head. */
export async function lostFile(directory: FileSystemDirectoryHandle, name: string): Promise<Blob> {
  const lost = await directory.getDirectoryHandle(LOST);
  const handle = await lost.getFileHandle(name.replace(`/${LOST}/`, "").replace(/\.sqlite$/, ""));
  return (await handle.getFile()).slice(HEAD);
}

/** Delete what was moved aside. */
export async function removeLost(directory: FileSystemDirectoryHandle): Promise<void> {
  await directory.removeEntry(LOST, { recursive: true });
}
