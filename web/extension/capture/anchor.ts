/** A selection goes in, its place on the page comes out: its words, and so many around them that it is found again. */

import { ANCHOR_LIMITS, type Anchor, cutTo } from "../../library/index.ts";
import { readAfter, readBefore } from "./around.ts";
import { flowOf, placeIn } from "./flow.ts";
import { endsOf, type Point } from "./inside.ts";
import { documentOf, rootOf } from "./native.ts";
import { agreementAfter, agreementBefore, occurrencesOf } from "./occurrences.ts";
import type { Selected } from "./selected.ts";
import { squeezed } from "./squeezed.ts";
import { outermostOf } from "./trees.ts";
import { firstWords, lastWords } from "./words.ts";

/** Characters around a passage; more where the same words stand there more than once. */
const AROUND = [32, 64, 128, 256, 512, ANCHOR_LIMITS.around] as const;
const TELLING = 10_000; // characters of a passage that stands on no page twice, and is not looked for
const RIVALS = 1_000; // other places with the same words and surroundings that are told apart

/** Return the anchor of a selection; null for one in a field, which no page shows again. */
export function anchorOf({ text, ranges }: Selected): Anchor | null {
  const [range] = ranges;
  const ends = range === undefined ? null : endsOf(range);
  const words = linesOf(ranges.length > 1 ? String(range) : text);
  if (range === undefined || ends === null || words === "") return null;
  const own = documentOf(ends.first.text) ?? document;
  const isInFrame = own !== outermostOf(own);
  return { ...anchorAt(words, ends), ...(isInFrame && { isInFrame }) };
}

/** Return the place of words between two points. */
function anchorAt(words: string, ends: { readonly first: Point; readonly last: Point }): Anchor {
  const most = ANCHOR_LIMITS.around;
  const [before, after] = [readBefore(ends.first, most), readAfter(ends.last, most)];
  if (words.length <= ANCHOR_LIMITS.text) return around(words, before, after, ends.first);
  // Too long to be kept whole: its beginning leads there as well.
  const kept = firstWords(words, ANCHOR_LIMITS.text) || cutTo(words, ANCHOR_LIMITS.text);
  return around(kept, before, words.slice(kept.length, kept.length + most), ends.first);
}

/** Return the text as lines, without empty ones; cells of a table are lines too, since a browser looks for each by itself. */
function linesOf(text: string): string {
  const lines = text.toWellFormed().split(/[\n\r\t\v\f\u2028\u2029]/);
  return lines
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** Return the words with as much of what stands around as tells them from the same words elsewhere. */
function around(text: string, before: string, after: string, first: Point): Anchor {
  const near = (most: number): Around => ({ before: lastWords(before, most), after: firstWords(after, most) });
  const rivals = rivalsOf(squeezed(text), squeezedLines(near(AROUND[0])), { before, after }, first);
  const tells = ({ before: left, after: right }: Around) =>
    rivals.every((rival) => rival.before < left.length || rival.after < right.length);
  // An address can name the nearest line alone; where that does not tell, what stands beyond it may.
  const most =
    AROUND.find((size) => tells(squeezedLines(near(size)))) ??
    AROUND.find((size) => tells({ before: squeezed(near(size).before), after: squeezed(near(size).after) }));
  const kept = near(most ?? AROUND[0]); // nothing tells them apart: more words would not either
  return { text, ...parts({ before: kept.before.toWellFormed(), after: kept.after.toWellFormed() }) };
}

/** Return the nearest line before and after that has words, without white space. */
function squeezedLines({ before, after }: Around): Around {
  const hasWords = (line: string) => /[\p{L}\p{N}]/u.test(line);
  return {
    before: squeezed(before.split("\n").findLast(hasWords) ?? ""),
    after: squeezed(after.split("\n").find(hasWords) ?? ""),
  };
}

function parts(around: { before: string; after: string }): Pick<Anchor, "before" | "after"> {
  const { before, after } = around;
  return { ...(before.trim() !== "" && { before }), ...(after.trim() !== "" && { after }) };
}

interface Around {
  readonly before: string;
  readonly after: string;
}

/** Return of each other place with the same words and nearest lines how many characters around it are the same. */
function rivalsOf(words: string, near: Around, far: Around, { text, offset }: Point) {
  if (words.length > TELLING) return [];
  const flow = flowOf(rootOf(text) as Document | ShadowRoot);
  const own = placeIn(flow, text, offset);
  const [farBefore, farAfter] = [squeezed(far.before), squeezed(far.after)];
  const rivals: { before: number; after: number }[] = [];
  for (const place of occurrencesOf(words, flow.text)) {
    const end = place + words.length;
    if (place === own || agreementBefore(flow.text, place, near.before) < near.before.length) continue;
    if (agreementAfter(flow.text, end, near.after) < near.after.length) continue;
    const before = agreementBefore(flow.text, place, farBefore, farBefore.length);
    rivals.push({ before, after: agreementAfter(flow.text, end, farAfter, farAfter.length) });
    if (rivals.length === RIVALS) break;
  }
  return rivals;
}
