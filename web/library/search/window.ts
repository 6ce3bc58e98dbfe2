/** A text and the words that are looked for go in; its beginning comes out, as far as a snippet may depend on it. */

const WORD = "[\\p{L}\\p{N}\\p{M}\\p{Co}]";
const OTHER = "[^\\p{L}\\p{N}\\p{M}\\p{Co}]";
/** What becomes an ASCII letter when capitals and accents go (é, the Kelvin sign), accents by themselves, or no ASCII at all. */
const FOLDED = "\\u00c0-\\u1fff\\u2100-\\u214f";

/**
 * Return a function that cuts texts off `words` words behind the last that full text may take for one of these terms.
 *
 * To put a text into full text costs by its length, and most texts end long after the last match. Which words match
 * only full text can say; here every word counts that begins as one of them, or with a letter that full text may fold.
 */
export function windowFor(terms: readonly string[], words: number): (text: string) => string {
  const beginnings = [...new Set(terms.map(beginningOf))];
  const ascii = beginnings.filter((beginning) => beginning !== "");
  const others = beginnings.length > ascii.length ? "[^\\0-\\x7f]" : `[${FOLDED}]`;
  // No boundary of JavaScript's stands between "_" and a letter, and one of full text does.
  const like = ascii.length === 0 ? others : `(?:\\b|_)(?:${ascii.join("|")})|${others}`;
  const candidates = new RegExp(like, "gi");
  const end = new RegExp(`${WORD}*${OTHER}*(?:${WORD}+${OTHER}+){${words}}`, "uy");
  return (text) => {
    let last = 0;
    for (const { index } of text.matchAll(candidates)) last = index;
    end.lastIndex = last;
    return end.test(text) ? text.slice(0, end.lastIndex) : text;
  };
}

/**
 * Return the letters that a word with this stem begins with, up to the first that is no ASCII. By Porter's rules a word
 * begins with its stem, but for a last "i" ("happi" of "happy"), a last "e" ("file" of "filing") and "l" or "le" after
 * "b" ("sensibl" of "sensibility").
 */
function beginningOf(stem: string): string {
  const [ascii = ""] = /^[a-z0-9]*/.exec(stem) ?? [];
  return ascii === stem ? stem.replace(/(?<=b)le?$|(?<=.)[ie]$/, "") : ascii;
}
