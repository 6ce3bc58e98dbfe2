/**
 * A text and a passage with what stood around it go in, all `squeezed`; where the passage is or most likely was comes out.
 *
 * Every step is linear in the text, whatever a page holds: Knuth, Morris and Pratt's search, since the one of browsers
 * takes the product of both lengths on texts made for that.
 */

/** From and to, in the text. */
export type Stretch = readonly [number, number];

export interface Passage {
  readonly words: string;
  readonly before: string;
  readonly after: string;
}

const AROUND = 1_000; // characters of what stands before, and after, that are compared
const PLACES = 100_000; // places of the same words that are compared
const TIES = 50; // places that are equally likely, and told
const LIKENESS = 0.6; // share of a passage that must be there still
const SHORTEST = 20; // characters of a passage that is known again when changed
const NEIGHBOURS = 8; // characters before and after that say where a passage was
const GRAM = 4; // characters that are compared at once
const CODES = 1 << 16;

/** Yield every place where the needle begins. */
export function* occurrencesOf(needle: string, text: string): Generator<number> {
  if (needle === "") return;
  const back = new Int32Array(needle.length + 1); // how much of the needle ends where so much of it ends
  for (let place = 1, same = 0; place < needle.length; place++) {
    while (same > 0 && needle.charCodeAt(place) !== needle.charCodeAt(same)) same = back[same] as number;
    if (needle.charCodeAt(place) === needle.charCodeAt(same)) same += 1;
    back[place + 1] = same;
  }
  for (let place = 0, same = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    while (same > 0 && code !== needle.charCodeAt(same)) same = back[same] as number;
    if (code === needle.charCodeAt(same)) same += 1;
    if (same === needle.length) {
      yield place - same + 1;
      same = back[same] as number;
    }
  }
}

/** Places where a passage stands, and how many characters around them are those around the passage. */
export interface Exact {
  readonly agreement: number;
  readonly stretches: readonly Stretch[];
}

/** Return the places where the passage stands and whose surroundings agree best; none has an agreement of -1. */
export function exactly({ words, before, after }: Passage, text: string): Exact {
  let [best, found]: [number, Stretch[]] = [-1, []];
  let compared = 0;
  for (const from of occurrencesOf(words, text)) {
    if (++compared > PLACES) break;
    const to = from + words.length;
    const agreement = agreementBefore(text, from, before) + agreementAfter(text, to, after);
    if (agreement > best) [best, found] = [agreement, []];
    if (agreement === best && found.length < TIES) found.push([from, to]);
  }
  return { agreement: best, stretches: found };
}

/** Return where a passage that is not there as it was most likely stood, or null. */
export function roughly(passage: Passage, text: string): Stretch | null {
  const alike = mostAlike(passage.words, text);
  const between = inBetween(passage, text);
  if (alike === null || between === null) return alike ?? between;
  // Neighbours say exactly where a passage ends, but many passages may have the same ones.
  return between[0] < alike[1] && alike[0] < between[1] ? between : alike;
}

/** Return how many characters before a place are those of `before`, from its end on. */
export function agreementBefore(text: string, place: number, before: string, most = AROUND): number {
  let same = 0;
  const limit = Math.min(most, before.length, place);
  while (same < limit && text.charCodeAt(place - 1 - same) === before.charCodeAt(before.length - 1 - same)) same += 1;
  return same;
}

/** Return how many characters from a place on are those of `after`. */
export function agreementAfter(text: string, place: number, after: string, most = AROUND): number {
  let same = 0;
  const limit = Math.min(most, after.length, text.length - place);
  while (same < limit && text.charCodeAt(place + same) === after.charCodeAt(same)) same += 1;
  return same;
}

/** Return what stands between the same neighbours, where it is about as long as the passage. */
function inBetween({ words, before, after }: Passage, text: string): Stretch | null {
  if (before.length < NEIGHBOURS || after.length < NEIGHBOURS) return null;
  const ends = occurrencesOf(after, text);
  let end = ends.next();
  let [best, found]: [number, Stretch | null] = [words.length + 50, null];
  for (const start of occurrencesOf(before, text)) {
    const from = start + before.length;
    while (!end.done && end.value <= from) end = ends.next();
    if (end.done) break;
    const off = Math.abs(end.value - from - words.length);
    if (off < best) [best, found] = [off, [from, end.value]];
  }
  return found;
}

/** Return the stretch, as long as the passage, that shares most runs of four characters with it, if it shares enough. */
function mostAlike(words: string, text: string): Stretch | null {
  const grams = words.length - GRAM + 1;
  if (words.length < SHORTEST || text.length < GRAM) return null;
  const missing = new Int32Array(CODES);
  for (let place = 0; place < grams; place++) add(missing, gramAt(words, place), 1);
  let [shared, best, end] = [0, 0, 0];
  for (let place = 0; place + GRAM <= text.length; place++) {
    if (add(missing, gramAt(text, place), -1) >= 0) shared += 1;
    if (place >= grams && add(missing, gramAt(text, place - grams), 1) > 0) shared -= 1;
    if (shared > best) [best, end] = [shared, place + GRAM];
  }
  return best < LIKENESS * grams ? null : fitted(words, text, Math.max(0, end - words.length), end);
}

/** Return the stretch with its ends where the passage's own beginning and end are near by. */
function fitted(words: string, text: string, from: number, to: number): Stretch {
  const slack = Math.min(200, Math.ceil(words.length / 2));
  const low = Math.max(0, from - slack);
  const head = text.slice(low, from + slack + NEIGHBOURS).indexOf(words.slice(0, NEIGHBOURS));
  const lowest = Math.max(0, to - slack - NEIGHBOURS);
  const tail = text.slice(lowest, to + slack).lastIndexOf(words.slice(-NEIGHBOURS));
  const [start, end] = [head < 0 ? from : low + head, tail < 0 ? to : lowest + tail + NEIGHBOURS];
  return start < end ? [start, end] : [from, to];
}

function add(counts: Int32Array, code: number, by: number): number {
  const count = (counts[code] as number) + by;
  counts[code] = count;
  return count;
}

function gramAt(text: string, place: number): number {
  let code = 0;
  for (let next = place; next < place + GRAM; next++) code = Math.imul(code, 31) + text.charCodeAt(next);
  return (Math.imul(code, 0x9e3779b1) >>> 16) & (CODES - 1);
}
