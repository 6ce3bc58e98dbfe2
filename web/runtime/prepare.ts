/** A text as it was typed goes in, a well-formed text of at most `maxChars` code points comes out. */

/** Return `text` cut to `maxChars` code points, lone surrogates replaced by U+FFFD. */
export function prepare(text: string, maxChars: number): string {
  return cut(text, maxChars).toWellFormed();
}

/** Return the first `maxChars` code points; a lone surrogate counts as one. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let end = 0;
  for (let count = 0; count < maxChars && end < text.length; count++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}
