/**
 * Text goes in; text that no spreadsheet runs as a formula comes out, and the way back.
 *
 * A cell that begins with one of these signs is run when a table is opened, so it is given an apostrophe before it, and
 * taken one away when it is read. A cell may begin where no cell was meant: a spreadsheet that parts by semicolons, as
 * in half of Europe, sees one after each, and a new row after each line break.
 */

const BREAK = /([;\r\n])/;
const BEFORE = /[^\s"]/; // white space and quotes before the sign do not keep it from being run
const SIGN = /^'*[=+\-@＝＋－＠]/;

/** Return the text with an apostrophe before whatever could be run. */
export function guarded(text: string): string {
  return changed(text, (rest) => `'${rest}`);
}

/** Return the text that was guarded. */
export function unguarded(text: string): string {
  return changed(text, (rest) => (rest.startsWith("'") ? rest.slice(1) : rest));
}

function changed(text: string, change: (rest: string) => string): string {
  // Piece by piece and not by one pattern, which would look at a long run of line breaks again from each of them.
  const pieces = text.split(BREAK).map((piece) => {
    const at = piece.search(BEFORE);
    return at !== -1 && SIGN.test(piece.slice(at)) ? piece.slice(0, at) + change(piece.slice(at)) : piece;
  });
  return pieces.join("");
}
