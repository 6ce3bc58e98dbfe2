/** `tokenizer.json` and prepared texts go in, ids of word pieces come out: those of Python's `tokenizers`. */

import { classOf, DROP, fold, IDEOGRAPH, KEEP, MARK, PUNCTUATION, SPACE } from "./characters.ts";
import { BundleError } from "./errors.ts";
import { readParts } from "./pieces.ts";
import { readUnigram } from "./unigram.ts";
import { extend, SEED, type Vocabulary } from "./vocabulary.ts";

/** Cuts a prepared text into pieces, without special tokens and without truncation. */
export interface Tokenizer {
  /** Return the ids of the pieces of a prepared text. */
  encode(text: string): Uint32Array;
}

interface Special {
  readonly content: string;
  readonly id: number;
}

interface Rules {
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  readonly prefix: string;
  readonly unknown: number;
  readonly longestWord: number;
  readonly specials: readonly Special[];
}

type Json = Readonly<Record<string, unknown>>;

const UNIGRAM = /"type"\s*:\s*"Unigram"/; // no vocabulary of word pieces holds this: its values are numbers

/** Return the tokenizer that the text of `tokenizer.json` describes: BERT's word pieces, or a unigram model. */
export function readTokenizer(text: string, vocabularySize: number): Tokenizer {
  return UNIGRAM.test(text) ? readPlainUnigram(text, vocabularySize) : readWordPieces(text, vocabularySize);
}

function readPlainUnigram(text: string, vocabularySize: number): Tokenizer {
  const root = object(parsed(text), "tokenizer.json");
  const model = object(root.model, "model");
  const { normalizers } = object(root.normalizer, "normalizer");
  const steps = Array.isArray(normalizers) ? normalizers.map((step: unknown) => object(step, "normalizer").type) : [];
  expect("model.type", model.type, ["Unigram"]);
  expect("model.unk_id", model.unk_id, [0]);
  expect("model.byte_fallback", model.byte_fallback, [false]);
  expect("normalizer", steps.join(), ["NFKC,Prepend,Replace"]);
  expect("pre_tokenizer", root.pre_tokenizer, [null]);
  expect("truncation", root.truncation, [null, undefined]);
  expect("padding", root.padding, [null, undefined]);
  return readUnigram(model.vocab, vocabularySize);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BundleError(`tokenizer.json is not JSON (${String(error)}): build the bundle again`);
  }
}

function readWordPieces(text: string, vocabularySize: number): Tokenizer {
  const { vocabulary, rest } = readParts(text, vocabularySize);
  const root = object(rest, "tokenizer.json");
  const model = object(root.model, "model");
  const normalizer = object(root.normalizer, "normalizer");
  expect("model.type", model.type, ["WordPiece"]);
  expect("normalizer.type", normalizer.type, ["BertNormalizer"]);
  expect("normalizer.clean_text", normalizer.clean_text, [true]);
  expect("normalizer.handle_chinese_chars", normalizer.handle_chinese_chars, [true]);
  expect("normalizer.lowercase", normalizer.lowercase, [true, false]);
  expect("normalizer.strip_accents", normalizer.strip_accents, [true, false, null, undefined]);
  expect("pre_tokenizer.type", object(root.pre_tokenizer, "pre_tokenizer").type, ["BertPreTokenizer"]);
  expect("truncation", root.truncation, [null, undefined]);
  expect("padding", root.padding, [null, undefined]);
  if (Object.keys(object(model.vocab, "model.vocab")).length > 0)
    throw new BundleError("tokenizer.json has a vocab outside of its model: build the bundle again");
  const unknown = vocabulary.idOf(String(model.unk_token));
  if (unknown < 0) throw new BundleError(`tokenizer.json: model.vocab lacks its unk_token ${String(model.unk_token)}`);
  return new WordPieces(vocabulary, {
    lowercase: normalizer.lowercase === true,
    stripAccents: (normalizer.strip_accents ?? normalizer.lowercase) === true,
    prefix: String(model.continuing_subword_prefix),
    unknown,
    longestWord: Number(model.max_input_chars_per_word),
    specials: readSpecials(root.added_tokens, vocabularySize),
  });
}

/** Greedy longest match, word by word, over folded characters. */
class WordPieces implements Tokenizer {
  private readonly vocabulary: Vocabulary;
  private readonly rules: Rules;
  private readonly prefixHash: number;
  private readonly ascii: Uint16Array; // folded unit, or 0 when the character is not KEEP
  private readonly word: Uint16Array; // the prefix, then the word being read
  private readonly hashes: Int32Array;
  private ids: number[] = [];
  private length = 0; // UTF-16 units of the word so far
  private chars = 0;

  constructor(vocabulary: Vocabulary, rules: Rules) {
    this.vocabulary = vocabulary;
    this.rules = rules;
    const prefix = Array.from({ length: rules.prefix.length }, (_, i) => rules.prefix.charCodeAt(i));
    this.prefixHash = prefix.reduce(extend, SEED);
    // A word longer than `longestWord` is unknown, so its rest need not be kept.
    this.word = new Uint16Array(prefix.length + 2 * rules.longestWord + 2);
    this.word.set(prefix);
    this.hashes = new Int32Array(this.word.length + 1);
    this.ascii = Uint16Array.from({ length: 128 }, (_, code) =>
      classOf(code) === KEEP ? fold(code, rules.stripAccents, rules.lowercase).charCodeAt(0) : 0,
    );
  }

  encode(text: string): Uint32Array {
    this.ids = [];
    let start = 0;
    for (const [at, special] of this.specialsIn(text)) {
      this.encodePart(text.slice(start, at));
      this.ids.push(special.id);
      start = at + special.content.length;
    }
    this.encodePart(start === 0 ? text : text.slice(start));
    return Uint32Array.from(this.ids);
  }

  /** Yield the special tokens that stand literally in the text: leftmost first, longest among equals. */
  private *specialsIn(text: string): Generator<[number, Special]> {
    for (let from = 0; from < text.length; ) {
      let at = -1;
      let found: Special | undefined;
      for (const special of this.rules.specials) {
        const here = text.indexOf(special.content, from);
        if (here < 0 || (found !== undefined && here > at)) continue;
        if (found === undefined || here < at || special.content.length > found.content.length) {
          [at, found] = [here, special];
        }
      }
      if (found === undefined) return;
      yield [at, found];
      from = at + found.content.length;
    }
  }

  private encodePart(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const plain = unit < 128 ? (this.ascii[unit] as number) : 0;
      if (plain !== 0) {
        this.append(plain);
        continue;
      }
      const code = text.codePointAt(i) as number;
      if (code > 0xffff) i++;
      this.appendCharacter(code);
    }
    this.endWord();
  }

  private appendCharacter(code: number): void {
    const kind = classOf(code);
    if (kind === DROP || (kind === MARK && this.rules.stripAccents)) return;
    if (kind === SPACE || kind === IDEOGRAPH) this.endWord();
    if (kind === SPACE) return;
    for (const part of fold(code, this.rules.stripAccents, this.rules.lowercase)) {
      const alone = classOf(part.codePointAt(0) as number) === PUNCTUATION;
      if (alone) this.endWord();
      this.append(part.charCodeAt(0));
      if (part.length > 1) this.append(part.charCodeAt(1), 0);
      if (alone) this.endWord();
    }
    if (kind === IDEOGRAPH) this.endWord();
  }

  private append(unit: number, chars = 1): void {
    this.chars += chars;
    if (this.chars > this.rules.longestWord) return;
    this.word[this.rules.prefix.length + this.length++] = unit;
  }

  private endWord(): void {
    if (this.chars === 0) return;
    if (this.chars > this.rules.longestWord || !this.matchWord()) this.ids.push(this.rules.unknown);
    this.length = 0;
    this.chars = 0;
  }

  /** Append the pieces of the word and return true, or return false when some part of it is no piece. */
  private matchWord(): boolean {
    const { word, hashes, vocabulary, ids } = this;
    const first = this.rules.prefix.length;
    const end = first + this.length;
    const before = ids.length;
    for (let start = first; start < end; ) {
      const inside = start > first;
      // Inside a word a piece is looked up with its prefix. The characters just before it are
      // already matched, so the prefix overwrites them.
      if (inside) for (let i = 0; i < first; i++) word[start - first + i] = this.rules.prefix.charCodeAt(i);
      let hash = inside ? this.prefixHash : SEED;
      const from = inside ? start - first : start;
      const limit = Math.min(end, from + vocabulary.longest);
      for (let i = start; i < limit; i++) {
        hash = extend(hash, word[i] as number);
        hashes[i + 1] = hash;
      }
      let stop = limit;
      let id = -1;
      for (; stop > start; stop--) {
        id = vocabulary.find(word, from, stop, hashes[stop] as number);
        if (id >= 0) break;
      }
      if (id < 0) {
        ids.length = before;
        this.restorePrefix();
        return false;
      }
      ids.push(id);
      start = stop;
    }
    this.restorePrefix();
    return true;
  }

  // Words shorter than the prefix let it be overwritten in place.
  private restorePrefix(): void {
    for (let i = 0; i < this.rules.prefix.length; i++) this.word[i] = this.rules.prefix.charCodeAt(i);
  }
}

function readSpecials(tokens: unknown, vocabularySize: number): Special[] {
  if (!Array.isArray(tokens)) return [];
  return tokens.map((token: unknown) => {
    const { content, id, single_word, lstrip, rstrip, normalized } = object(token, "added_tokens");
    if (typeof content !== "string" || content === "")
      throw new BundleError("tokenizer.json: an added token has no content");
    for (const [name, flag] of Object.entries({ single_word, lstrip, rstrip, normalized })) {
      expect(`${name} of added token ${content}`, flag, [false]);
    }
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= vocabularySize) {
      throw new BundleError(
        `tokenizer.json gives ${content} the id ${String(id)}, expected 0 to ${vocabularySize - 1}`,
      );
    }
    return { content, id };
  });
}

function object(value: unknown, name: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new BundleError(`tokenizer.json: ${name} is ${JSON.stringify(value)}, expected an object`);
}

function expect(name: string, found: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(found)) return;
  const expected = allowed.map((value) => JSON.stringify(value)).join(" or ");
  throw new BundleError(
    `tokenizer.json: ${name} is ${JSON.stringify(found)}, this runtime knows ${expected}: update it`,
  );
}
