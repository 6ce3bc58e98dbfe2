/** A cutout goes in, what its link to the page is called comes out. */

import { type Cutout, momentOf } from "../library/index.ts";

/** Return the words of the link: with the moment of a video, where the address leads to it. */
export function linkText(cutout: Pick<Cutout, "address" | "anchor">): string {
  const moment = momentOf(cutout);
  return moment === null ? "Open the page" : `Open the page at ${clock(moment)}`;
}

/** Return seconds as players show them: 1:23, 1:02:03. */
function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
