/** A document and an anchor go in; its video is sought to the moment, or the passage selected and scrolled to. */

import type { Anchor } from "../../library/index.ts";
import { rangeOf, showPassage } from "./again.ts";
import { outermostOf } from "./trees.ts";
import { videoIn } from "./video.ts";

const PAUSE_MS = 100;

/** Lead to a place; return whether it is there, or comes in so many milliseconds. */
export async function leadTo(document: Document, anchor: Anchor, patience_ms: number): Promise<boolean> {
  // One waits for all: the outermost document looks into the others.
  const end = performance.now() + (outermostOf(document) === document ? patience_ms : 0);
  while (!isReady(document, anchor) && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  return showMoment(document, anchor) || showPassage(document, anchor);
}

function isReady(document: Document, anchor: Anchor): boolean {
  if (anchor.start === undefined) return rangeOf(document, anchor) !== null;
  return (videoIn(document)?.readyState ?? 0) >= HTMLMediaElement.HAVE_METADATA;
}

/** Seek the video that is meant; return whether there is one that can be played. */
function showMoment(document: Document, { start }: Anchor): boolean {
  const video = start === undefined ? null : videoIn(document);
  if (start === undefined || video === null || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) return false;
  video.currentTime = start; // one that is not loaded yet begins there when it is
  video.scrollIntoView({ block: "center" });
  return true;
}
