/** An image or a video in a page goes in, its bytes come out, or else where on the screen it is. */

import type { PictureBytes, PictureOnScreen } from "../captured.ts";
import { AT_MOST } from "./limits.ts";
import { documentOf, windowOf } from "./native.ts";

type Drawable = HTMLImageElement | HTMLVideoElement;
type Bytes = Pick<PictureBytes, "type" | "base64">;
type Place = Pick<PictureOnScreen, "rect" | "scale">;

/** Types whose bytes are kept as they came. SVG is not: it is markup, so it is drawn. */
const RASTER = /^image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon|apng)$/;

/** Return the bytes at an address where the page may read them and they are a picture that is not too large, else null. */
export async function fetchedBytes(address: string): Promise<Bytes | null> {
  if (!/^(?:https?|data|blob):/i.test(address)) return null;
  try {
    const signal = AbortSignal.timeout(AT_MOST.wait_ms);
    const response = await fetch(address, { cache: "force-cache", signal }); // it is on the page already
    const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (!response.ok || !RASTER.test(type)) {
      await response.body?.cancel();
      return null;
    }
    const blob = await bodyOf(response, type);
    return blob === null ? null : { type, base64: await base64Of(blob) };
  } catch (error) {
    // A page may not read what other sites do not share; the picture is then drawn, or cut out of the tab.
    if (error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
}

/** Return the body of an answer, null when it is larger than is kept, whatever its headers say. */
async function bodyOf(response: Response, type: string): Promise<Blob | null> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  for (let size = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > AT_MOST.picture) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return new Blob(chunks, { type });
}

/** Return the picture as it is drawn now, null where the page may not read it or there is nothing to draw. */
export async function drawnBytes(element: Drawable, type: "image/png" | "image/jpeg"): Promise<Bytes | null> {
  const { width, height } = sizeOf(element);
  if (width === 0 || height === 0) return null;
  const scale = Math.min(1, AT_MOST.side / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  try {
    canvas.getContext("2d")?.drawImage(element, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type, quality: 0.85 });
    return blob.size > AT_MOST.picture ? null : { type: blob.type, base64: await base64Of(blob) };
  } catch (error) {
    if (error instanceof DOMException) return null; // of another site, or broken
    throw error;
  }
}

function sizeOf(element: Drawable): { width: number; height: number } {
  if ("videoWidth" in element) return { width: element.videoWidth, height: element.videoHeight };
  if (!element.complete || element.naturalWidth === 0) return { width: 0, height: 0 };
  // A drawing without a size of its own, as an SVG may be, is drawn as large as it is on the page.
  const { naturalWidth, naturalHeight, width, height } = element;
  const isScalable = /\.svg\b|^data:image\/svg/i.test(element.currentSrc);
  const factor = isScalable ? Math.max(1, (width * devicePixelRatio) / naturalWidth) : 1;
  return { width: naturalWidth * factor, height: (naturalHeight || height) * factor };
}

/** Return where in the tab's window an element is in sight, null where it is not, or where that cannot be known. */
export function placeOnScreen(element: Element): Place | null {
  let { left, top, right, bottom } = Element.prototype.getBoundingClientRect.call(element);
  const owner = documentOf(element);
  let window = owner === null ? null : windowOf(owner);
  while (window !== null) {
    [left, top] = [Math.max(0, left), Math.max(0, top)];
    [right, bottom] = [Math.min(window.innerWidth, right), Math.min(window.innerHeight, bottom)];
    if (right - left < 1 || bottom - top < 1) return null;
    if (window === window.parent) {
      const rect = { x: left, y: top, width: right - left, height: bottom - top };
      return { rect, scale: window.devicePixelRatio };
    }
    const frame = window.frameElement; // null where the frame around is of another site
    if (frame === null) return null;
    const outer = frame.getBoundingClientRect();
    const [x, y] = [outer.left + frame.clientLeft, outer.top + frame.clientTop];
    [left, right, top, bottom] = [left + x, right + x, top + y, bottom + y];
    window = window.parent as Window & typeof globalThis;
  }
  return null;
}

async function base64Of(blob: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
  });
  reader.readAsDataURL(blob);
  const url = await read;
  return url.slice(url.indexOf(",") + 1);
}
