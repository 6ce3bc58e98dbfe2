/** Moments of videos and other places on a page, as people read and write them. */

import { type Anchor, type Cutout, cleanLine, cutTo, type Moment, momentOf, secondsOf } from "../library/index.ts";
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

/** Return what was written as a time, trimmed, or why it is none. */
export function writtenTime(text: string): { readonly text: string; readonly why?: string } {
  const trimmed = text.trim();
  if (trimmed === "" || secondsOf(trimmed) !== undefined) return { text: trimmed };
  return { text: "", why: "A time is written as 1:23 or 1:02:03" };
}

/**
 * Return the part of a video that is meant, or null when nothing was changed. What was not changed keeps its tenths; of two
 * times the earlier is the beginning.
 */
export function writtenMoment(before: Anchor | null, start: string, end: string): Moment | null {
  const [oldStart, oldEnd] = [timeOf(before?.start), timeOf(before?.end)];
  if (start === oldStart && end === oldEnd) return null;
  const from = start === oldStart ? (before?.start ?? 0) : (secondsOf(start) ?? 0);
  const to = end === oldEnd ? before?.end : secondsOf(end);
  if (to === undefined || to === from) return { start: from };
  return { start: Math.min(from, to), end: Math.max(from, to) };
}

/** Return a time as a field shows it: "" for none. */
export function timeOf(seconds: number | undefined): string {
  return seconds === undefined ? "" : clock(Math.floor(seconds));
}

/** Return seconds as players show them: 1:23, 1:02:03. */
export function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
