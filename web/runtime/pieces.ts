/** The text of `tokenizer.json` goes in, its vocabulary and the rest of it come out, without an object of 30,000 keys in between. */

import { BundleError } from "./errors.ts";
import { Vocabulary } from "./vocabulary.ts";

const [QUOTE, COMMA, COLON, BRACE] = [34, 44, 58, 125];
const OPENING = /"vocab"\s*:\s*\{/;

export interface TokenizerParts {
  readonly vocabulary: Vocabulary;
  /** What JSON the file holds, with an empty object for the vocabulary. */
  readonly rest: unknown;
}

/** Return the parts of a tokenizer whose ids are below `limit`. */
export function readParts(text: string, limit: number): TokenizerParts {
  const opening = OPENING.exec(text);
  const start = opening === null ? text.length : opening.index + opening[0].length;
  const vocabulary = new Vocabulary(limit, text.length - start);
  try {
    const end = opening === null ? start : readPieces(text, start, vocabulary);
    return { vocabulary, rest: JSON.parse(text.slice(0, start) + text.slice(end)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BundleError(`tokenizer.json is not JSON (${String(error)}): build the bundle again`);
  } finally {
    vocabulary.trim();
  }
}

/** Add the entries of the JSON object that opened before `start`; return where its closing brace is. */
function readPieces(text: string, start: number, vocabulary: Vocabulary): number {
  let at = skipSpace(text, start);
  if (text.charCodeAt(at) === BRACE) return at;
  let backslash = text.indexOf("\\", at);
  for (;;) {
    let close = text.indexOf('"', at + 1);
    const escaped = backslash >= 0 && backslash < close;
    if (escaped) {
      close = closingQuote(text, at + 1);
      backslash = text.indexOf("\\", close);
    }
    const colon = skipSpace(text, close + 1);
    const digits = skipSpace(text, colon + 1);
    let end = digits;
    let id = 0;
    for (let digit = digitAt(text, end); digit >= 0; digit = digitAt(text, ++end)) id = 10 * id + digit;
    if (text.charCodeAt(at) !== QUOTE || close < 0 || text.charCodeAt(colon) !== COLON || end === digits)
      throw damaged(text, at);
    if (escaped) {
      const piece = String(JSON.parse(text.slice(at, close + 1)));
      vocabulary.add(piece, 0, piece.length, id);
    } else vocabulary.add(text, at + 1, close, id);
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === BRACE) return at;
    if (text.charCodeAt(at) !== COMMA) throw damaged(text, at);
    at = skipSpace(text, at + 1);
  }
}

function closingQuote(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at < text.length ? at : -1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9; ) {
    code = text.charCodeAt(++at);
  }
  return at;
}

function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 48;
  return digit <= 9 ? digit : -1; // also for NaN, behind the end
}

function damaged(text: string, at: number): BundleError {
  const found = JSON.stringify(text.slice(at, at + 20));
  return new BundleError(
    `tokenizer.json: model.vocab has ${found} at ${at}, expected a piece and its id: build the bundle again`,
  );
}
