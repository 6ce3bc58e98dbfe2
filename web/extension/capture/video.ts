/** A document goes in; the video that is meant, its moment, a frame of it and what is said then come out. */

import { ownPage } from "../../library/index.ts";
import type { Captured, PictureBytes, PictureOnScreen } from "../captured.ts";
import { spokenAround } from "./cues.ts";
import { windowOf } from "./native.ts";
import { drawnBytes, placeOnScreen } from "./picture.ts";
import { everywhere } from "./trees.ts";

/** Return the video that is meant: at an address, else playing, else the largest; null when there is none. */
export function videoIn(document: Document, address?: string): HTMLVideoElement | null {
  const videos = everywhere(document, "video") as HTMLVideoElement[];
  const named = videos.filter((one) => address !== undefined && (one.currentSrc === address || one.src === address));
  const inFront = videos.filter((one) => areaOf(one) > 0 && !isBackdrop(one));
  return largest(named) ?? largest(inFront.filter(isPlaying)) ?? largest(inFront) ?? largest(videos);
}

/** Return the video that a person watches: one that plays, or the largest that they stopped; null when there is none. */
export function watchedIn(document: Document): HTMLVideoElement | null {
  const videos = everywhere(document, "video") as HTMLVideoElement[];
  const inFront = videos.filter((one) => areaOf(one) > 0 && !isBackdrop(one));
  return largest(inFront.filter(isPlaying)) ?? largest(inFront.filter(({ currentTime }) => currentTime > 0));
}

function isPlaying({ paused, ended }: HTMLVideoElement): boolean {
  return !paused && !ended;
}

/** Return the moment of a video, a frame of it where there is one, and what is said then. */
export async function momentOf(
  video: HTMLVideoElement,
  { start = video.currentTime, end }: { start?: number; end?: number } = {},
): Promise<Pick<Captured, "body" | "anchor" | "image">> {
  const from = tenths(start);
  const anchor = end === undefined || !(end > start) ? { start: from } : { start: from, end: tenths(end) };
  return { body: spokenAround(video, from, anchor.end ?? from), anchor, image: await frameOf(video) };
}

/** Return a frame of a video as it is now; one that is encrypted has none, on the screen neither. */
async function frameOf(video: HTMLVideoElement): Promise<PictureBytes | PictureOnScreen | null> {
  if (video.mediaKeys !== null && video.mediaKeys !== undefined) return null;
  const picture = (await drawnBytes(video, "image/jpeg")) ?? placeOnScreen(video);
  return picture === null ? null : { ...picture, alt: "", caption: "" };
}

/** Return the address of the page that a video is on; that of an embedded player of YouTube or Vimeo is its own page. */
export function videoAddress(document: Document, page: string): string {
  const window = windowOf(document);
  const own = window === null ? page : ownPage(window.location.href);
  return own ?? page;
}

/** Whether a video only moves behind the page: nobody can stop or hear it. */
function isBackdrop({ muted, loop, controls }: HTMLVideoElement): boolean {
  return muted && loop && !controls;
}

function areaOf(video: HTMLVideoElement): number {
  return video.clientWidth * video.clientHeight;
}

function largest(videos: readonly HTMLVideoElement[]): HTMLVideoElement | null {
  return videos.reduce<HTMLVideoElement | null>(
    (best, one) => (best !== null && areaOf(best) >= areaOf(one) ? best : one),
    null,
  );
}

function tenths(seconds: number): number {
  return Math.round(Math.max(0, seconds) * 10) / 10;
}
