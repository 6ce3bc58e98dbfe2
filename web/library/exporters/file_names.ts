/** Titles go in, names of files come out that every system takes, each once. */

import { cutTo } from "../importers/index.ts";

const LONGEST = 80; // UTF-16 units, so that the bytes stay below the 255 that a name may have
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i;
/** Separators and what Windows refuses, control characters, and what turns the direction of what follows it. */
const UNSAFE = /[/\\:*?"<>|\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** Return a name for a file without its ending: no path, no name of a device, nothing hidden. */
export function safeName(title: string): string {
  const line = cutTo(title, 1000).toWellFormed().normalize("NFC").replace(UNSAFE, " ").replace(/\s+/g, " ");
  // Windows drops dots and spaces at the end, others hide what begins with a dot.
  const name = cutTo(line.replace(/^[\s.]+/, ""), LONGEST).replace(/[\s.]+$/, "");
  if (name === "") return "untitled";
  return RESERVED.test(name) ? `_${name}` : name;
}

/** Names that were given out. */
export class FileNames {
  private readonly taken = new Set<string>();
  /** The number to try next, for titles that come again and again. */
  private readonly next = new Map<string, number>();

  /** Return a name that no file had yet, capitals and accents written in two ways not counted. */
  unique(title: string, ending: string): string {
    const name = safeName(title);
    const folded = foldedOf(name);
    let number = this.next.get(folded) ?? 1;
    let found = name;
    while (this.taken.has(foldedOf(found))) {
      number += 1;
      found = `${name} ${number}`;
    }
    this.next.set(folded, number);
    this.taken.add(foldedOf(found));
    return `${found}.${ending}`;
  }
}

function foldedOf(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase();
}
