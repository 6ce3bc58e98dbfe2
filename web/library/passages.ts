/** A cutout goes in, its passages come out: the pieces of text of which each gets a vector. The only place of that rule. */

import type { Cutout } from "./cutout.ts";

export const PASSAGE_WORDS = 200; // about what an encoder with 256 word pieces reads
const PASSAGE_LETTERS = 1500; // for scripts without spaces, where a word is a whole sentence
export const MOST_PASSAGES = 20; // a page of 4,000 words; what comes after is found by its words

/** Return the title with the first words of text and note, then the rest in passages; none when nothing is written. */
export function passagesOf({ title, body, note }: Pick<Cutout, "title" | "body" | "note">): string[] {
  const passages: string[] = [];
  let words: string[] = [];
  let letters = 0;
  const finish = () => {
    const opening = passages.length === 0 ? title.trim() : "";
    const passage = [opening, words.join(" ")].filter((part) => part !== "").join("\n");
    if (passage !== "") passages.push(passage);
    words = [];
    letters = 0;
  };
  for (const word of wordsOf(`${body} ${note}`)) {
    if (words.length === PASSAGE_WORDS || letters + word.length > PASSAGE_LETTERS) finish();
    if (passages.length === MOST_PASSAGES) return passages;
    words.push(word);
    letters += word.length;
  }
  finish();
  return passages.slice(0, MOST_PASSAGES);
}

/** Yield the words of a text; one that is longer than a passage comes in parts. */
function* wordsOf(text: string): Generator<string> {
  for (const [word] of text.matchAll(/\S+/g)) {
    for (let start = 0; start < word.length; start += PASSAGE_LETTERS) yield word.slice(start, start + PASSAGE_LETTERS);
  }
}
