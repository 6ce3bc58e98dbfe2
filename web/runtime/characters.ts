/** A code point goes in, what the tokenizer does with it comes out: the same in every browser. */

import { RECENT_FOLDS, RUNS } from "./unicode.ts";

export const KEEP = 0;
export const DROP = 1;
export const SPACE = 2;
export const IDEOGRAPH = 3;
export const MARK = 4;
export const PUNCTUATION = 5;

// The first plane is a table (64 kB); beyond it, runs are searched.
const plane = new Uint8Array(0x10000);
const starts: number[] = [];
const ends: number[] = [];
const kinds: number[] = [];
const recent = new Map<number, string>();

let end = 0;
for (const run of RUNS.split(";")) {
  const [gap = "", length = "", kind = ""] = run.split(",");
  const start = end + Number.parseInt(gap, 36);
  end = start + Number.parseInt(length, 36);
  plane.fill(Number(kind), start, end + 1);
  starts.push(start);
  ends.push(end);
  kinds.push(Number(kind));
}

const pairs = RECENT_FOLDS.split(",");
for (let i = 0; i + 1 < pairs.length; i += 2) {
  recent.set(Number.parseInt(pairs[i] ?? "", 36), String.fromCodePoint(Number.parseInt(pairs[i + 1] ?? "", 36)));
}

/** Return the class of a code point. */
export function classOf(code: number): number {
  if (code < 0x10000) return plane[code] as number;
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < (starts[middle] as number)) high = middle - 1;
    else if (code > (ends[middle] as number)) low = middle + 1;
    else return kinds[middle] as number;
  }
  return KEEP;
}

/** Return a character in decomposed form without its marks, and in lower case if asked. */
export function fold(code: number, stripAccents: boolean, lowercase: boolean): string {
  const character = String.fromCodePoint(code);
  const newer = recent.get(code);
  if (newer !== undefined) return lowercase ? newer : character;
  if (!stripAccents) return lowercase ? character.toLowerCase() : character;
  let folded = "";
  for (const part of character.normalize("NFD")) {
    if (classOf(part.codePointAt(0) as number) !== MARK) folded += lowercase ? part.toLowerCase() : part;
  }
  return folded;
}
