/** A picture on its way to the library goes in, its bytes come out: as the page gave them, or cut out of what the tab shows. */

import { type Asset, bytesOfBase64 } from "../library/index.ts";
import type { PictureOnScreen } from "./captured.ts";
import type { Picture } from "./messages.ts";

interface Bytes extends Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Return the bytes of a picture, or null when it is none. */
export async function bytesOf(picture: Picture): Promise<Bytes | null> {
  try {
    if (!("screen" in picture)) return { type: picture.type, bytes: bytesOfBase64(picture.base64) };
    return await partOf(picture.screen, picture);
  } catch (error) {
    if (error instanceof DOMException) return null; // no base64, or no picture in it; the notice says so
    throw error;
  }
}

/** Return the part of a PNG in base64 that a place is; null where that is beyond its edges. */
async function partOf(screen: string, { rect, scale }: PictureOnScreen): Promise<Bytes | null> {
  const whole = await createImageBitmap(new Blob([bytesOfBase64(screen)], { type: "image/png" }));
  const [x, y] = [Math.round(rect.x * scale), Math.round(rect.y * scale)];
  const width = Math.min(Math.round(rect.width * scale), whole.width - x);
  const height = Math.min(Math.round(rect.height * scale), whole.height - y);
  if (x < 0 || y < 0 || width < 1 || height < 1) return null;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(whole, x, y, width, height, 0, 0, width, height);
  whole.close();
  const part = await canvas.convertToBlob({ type: "image/png" });
  return { type: part.type, bytes: new Uint8Array(await part.arrayBuffer()) };
}
