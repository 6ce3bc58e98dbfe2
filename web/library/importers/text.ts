/** Text of a stranger goes in; well-formed text without control characters comes out, within limits. */

/** The longest value that is kept, in UTF-16 units; `tags` is a number of tags. */
export const LIMITS = {
  title: 1_000,
  note: 100_000,
  body: 1_000_000,
  address: 8_000,
  tag: 100,
  tags: 100,
  sample: 80,
} as const;

// A set that is negated twice: control characters, white space not among them.
const CONTROL = /[^\P{Cc}\s]/gu;

/** Return the text on one line: white space of any kind is one space. */
export function cleanLine(raw: string): string {
  return raw.replace(CONTROL, "").replace(/\s+/g, " ").trim().toWellFormed();
}

/** Return the text with its lines and tabs, without spaces at the ends of lines or more than one empty line in a row. */
export function cleanText(raw: string): string {
  const lines = raw.replace(/\r\n?|[\u2028\u2029\v\f]/g, "\n").replace(CONTROL, "");
  // Not by a pattern such as / +\n/, which takes quadratic time in a long run of spaces.
  const trimmed = lines.split("\n").map((line) => line.trimEnd());
  return trimmed
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .toWellFormed();
}

/** Return the first `limit` units, one fewer where that would halve a character. */
export function cutTo(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

/** Return the beginning of the text as a report shows it. */
export function sampleOf(text: string): string {
  return cutTo(cleanLine(cutTo(text, 10 * LIMITS.sample)), LIMITS.sample);
}

/** Return a count as a person reads it. */
export function readable(count: number): string {
  return count.toLocaleString("en-US");
}
