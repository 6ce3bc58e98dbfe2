/** Pieces with scores and prepared texts go in, ids come out: those of the tokenizer that USE lite was published with. */

import { BundleError } from "./errors.ts";
import type { Tokenizer } from "./tokenizer.ts";

const RESERVED = 6; // the first pieces stand for no text
const SPACE = "\u2581"; // written for each space, and before the text

// Tables of Unicode grow, and differ between browsers and Python versions. Normalisation is that of
// Unicode 14; letters that came later are first written as what they mean.
const RECENT: readonly (readonly [number, string])[] = [
  [0xa7f1, "S"],
  [0x1ccd6, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"],
  [0x1e030, "абвгдежзиклмопрстуфхцчшыэюꚉәіјөүӏабвгдежзиклопсуфхцчшъыґіѕџҫꙑұ"],
];
const RECENT_LETTERS = /[\ua7f1\u{1ccd6}-\u{1ccf9}\u{1e030}-\u{1e06d}]/gu;
// Combining marks since Unicode 14: older tables do not know that they combine.
const RECENT_MARKS =
  /([\u1acf-\u1add\u1ae0-\u1aeb\u0897\u{105c9}\u{105e4}\u{10d69}-\u{10d6d}\u{10efa}\u{10efb}\u{10efd}-\u{10eff}\u{113ce}-\u{113d0}\u{11f41}\u{11f42}\u{1612f}\u{1e08f}\u{1e4ec}-\u{1e4ef}\u{1e5ee}\u{1e5ef}\u{1e6e3}\u{1e6e6}\u{1e6ee}\u{1e6ef}\u{1e6f5}])/u;

/** Return the tokenizer whose pieces, with scores, are the `vocab` of a `tokenizer.json`. */
export function readUnigram(vocab: unknown, vocabularySize: number): Tokenizer {
  if (!Array.isArray(vocab) || vocab.length !== vocabularySize || vocab.length <= RESERVED) {
    const found = Array.isArray(vocab) ? `${vocab.length} pieces` : "no list of pieces";
    throw new BundleError(`tokenizer.json has ${found}, expected ${vocabularySize}: build the bundle again`);
  }
  const pieces = vocab.map((entry: unknown): [string, number] => {
    const [piece, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof piece === "string" && piece !== "" && typeof score === "number") return [piece, score];
    throw new BundleError(
      `tokenizer.json lists ${JSON.stringify(entry)}, expected a piece and its score: build the bundle again`,
    );
  });
  return new Unigram(pieces);
}

/**
 * The way through the text whose scores have the largest sum, found from left to right (Viterbi).
 *
 * The oddities of the original change ids, so they are kept: the last of several ways of the same
 * sum wins, a sum of exactly 0 counts as none, a character is unknown only where no piece begins
 * and costs nothing, and a run of unknown ones is one piece. Sums are float64, in Python's order.
 */
class Unigram implements Tokenizer {
  private readonly scores: Float64Array; // by id
  private readonly lengths: Uint32Array; // by id, in UTF-16 units
  private readonly following = new Map<number, number>(); // place * 65,536 + unit: the place it leads to
  private readonly ends: number[] = [-1]; // by place: the piece that ends here, or -1

  constructor(pieces: readonly (readonly [string, number])[]) {
    this.scores = Float64Array.from(pieces, ([, score]) => score);
    this.lengths = Uint32Array.from(pieces, ([piece]) => piece.length);
    for (const [id, [piece]] of pieces.entries()) {
      if (id >= RESERVED) this.add(piece, id);
    }
  }

  encode(text: string): Uint32Array {
    const normal = normalize(text);
    const size = normal.length;
    const best = new Float64Array(size + 1);
    const last = new Uint32Array(size + 1);
    const reach = (start: number, stop: number, id: number, score: number): void => {
      const sum = score + (best[start] as number);
      if (best[stop] !== 0 && sum < (best[stop] as number)) return;
      best[stop] = sum;
      last[stop] = id;
    };
    for (let start = 0; start < size; start++) {
      let known = false;
      let place: number | undefined = 0;
      for (let stop = start; stop < size; ) {
        place = this.following.get(place * 0x10000 + normal.charCodeAt(stop++));
        if (place === undefined) break;
        const id = this.ends[place] as number;
        if (id < 0) continue;
        known = true;
        reach(start, stop, id, this.scores[id] as number);
      }
      if (!known) reach(start, start + 1, 0, 0);
    }
    return this.wayBack(last);
  }

  private add(piece: string, id: number): void {
    let place = 0;
    for (let i = 0; i < piece.length; i++) {
      const key = place * 0x10000 + piece.charCodeAt(i);
      place = this.following.get(key) ?? this.ends.push(-1) - 1;
      this.following.set(key, place);
    }
    this.ends[place] = id;
  }

  private wayBack(last: Uint32Array): Uint32Array {
    const ids: number[] = [];
    for (let at = last.length - 1; at > 0; ) {
      const id = last[at] as number;
      if (id !== 0 || ids.at(-1) !== 0) ids.push(id);
      at -= this.lengths[id] as number;
    }
    return Uint32Array.from(ids.reverse());
  }
}

/** Return the text as pieces are written: in compatible composed form, each space a sign, one before it. */
function normalize(text: string): string {
  if (text === "") return "";
  const parts = text.replace(RECENT_LETTERS, meaning).split(RECENT_MARKS);
  const normal = parts.map((part) => part.normalize("NFKC")).join("");
  return SPACE + normal.replaceAll(" ", SPACE);
}

function meaning(letter: string): string {
  const code = letter.codePointAt(0) as number;
  for (const [first, letters] of RECENT) {
    const found = letters[code - first];
    if (found !== undefined) return found;
  }
  return letter;
}
