/** A cutout goes in; what its link to the page is called comes out, and where its place is on a page that is open. */

import { type Cutout, cleanLine, cutTo, momentOf } from "../library/index.ts";
import { withoutTurns } from "./turns.ts";

const WORDS = 60; // characters of a passage that say which it is

/** Return the words of the link: with the moment of a video, where the address leads to it. */
export function linkText(cutout: Pick<Cutout, "address" | "anchor">): string {
  const moment = momentOf(cutout);
  return moment === null ? "Open the page" : `Open the page at ${clock(moment)}`;
}

/** Return where a person finds the place on the open page. */
export function whereabouts({ anchor }: Pick<Cutout, "anchor">): string {
  const { start, text = "" } = anchor ?? {};
  if (start !== undefined) return `The page is open. The moment is at ${clock(Math.floor(start))}.`;
  return `The page is open. Look there for “${withoutTurns(cutTo(cleanLine(text), WORDS)).trimEnd()}”.`;
}

/** Return seconds as players show them: 1:23, 1:02:03. */
export function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
