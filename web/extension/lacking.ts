/** What was asked for, and why the page did not give it, go in; the sentence that the person reads comes out. */

import type { Kind } from "../library/index.ts";

/** No extension may read the page; what is meant stands in a frame of another site; or it was not found. */
export type Reason = "page" | "frame" | "missing";

const SAVED: Readonly<Record<Kind, string>> = {
  page: "Saved address and title alone",
  text: "Saved the words alone, not how they looked and where they stand",
  image: "Saved without the image, only where it is",
  video: "Saved without the moment, only where the video is",
};

const REASONS: Readonly<Record<Reason, string>> = {
  page: "no extension may read this page",
  frame: "that part of the page comes from another site, which Cutouts may not read",
  missing: "nothing more was found on the page",
};

/** Return what was saved of a thing that the page did not give, and why not more. */
export function lackOf(kind: Kind, reason: Reason): string {
  return `${SAVED[kind]}: ${REASONS[reason]}`;
}

/** Of a thing that the page gave, but for its picture. */
export const LACKS_PICTURE = "Saved without its picture: that could not be taken";
