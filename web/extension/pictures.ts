/**
 * Bytes of a picture go in where a page was read, and come out where the library is.
 *
 * A message is JSON of at most 64 MiB, which a picture in base64 would fill, and which would be copied three times. So a
 * picture goes through a file in the extension's own storage, and the message holds its name.
 */

const FOLDER = "cutouts-pictures";

/** Write the picture of a cutout; it is there once this returns. */
export async function putPicture(key: string, picture: Blob): Promise<void> {
  const file = await (await folder()).getFileHandle(key, { create: true });
  const stream = await file.createWritable();
  await stream.write(new Blob([new TextEncoder().encode(`${picture.type}\n`), picture]));
  await stream.close();
}

/** Return the picture of a cutout; raises NotFoundError when there is none. */
export async function readPicture(key: string): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> }> {
  const file = await (await (await folder()).getFileHandle(key)).getFile();
  const all = new Uint8Array(await file.arrayBuffer());
  const end = all.indexOf(10); // the line feed after the type
  return { type: new TextDecoder().decode(all.subarray(0, end)), bytes: all.slice(end + 1) };
}

/** Delete the picture of a cutout, once the library has it or it is given up. */
export async function forgetPicture(key: string): Promise<void> {
  await (await folder()).removeEntry(key);
}

/** Delete what a browser that ended in between left behind. */
export async function forgetPictures(): Promise<void> {
  const names: string[] = [];
  for await (const name of (await folder()).keys()) names.push(name);
  for (const name of names) await forgetPicture(name);
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  return await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}
