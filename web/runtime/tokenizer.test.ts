/** The tokenizer against Python's `tokenizers`, text by text, and what it refuses. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { prepare } from "./prepare.ts";
import { hardTexts } from "./texts.testing.ts";
import { readTokenizer } from "./tokenizer.ts";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const PYTHON =
  process.env.PYTHON ?? [`${WEB}../.venv/bin/python`, "python3"].find((path) => existsSync(path)) ?? "python3";

type TokenizerJson = ReturnType<typeof tokenizerJson>;

/** A vocabulary of single characters of many scripts, a few words, and their continuations. */
function tokenizerJson(lowercase: boolean, stripAccents: boolean | null) {
  const characters = Array.from({ length: 0x3100 }, (_, code) => String.fromCodePoint(code)).filter(
    (c) => c.trim() !== "",
  );
  const words = [
    "the",
    "play",
    "##ing",
    "##s",
    "un",
    "##aff",
    "##able",
    "car",
    "the##",
    "straße",
    "σισυφοσ",
    "istanbul",
    "日",
    "本",
    "각",
    "\u1100",
    "##\u1161",
    "😀",
    "##😀",
  ];
  const pieces = new Set([
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    ...words,
    ...characters,
    ...characters.map((c) => `##${c}`),
  ]);
  const special = (id: number, content: string) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((content, id) => special(id, content)),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: stripAccents,
      lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...pieces].map((piece, id) => [piece, id])),
    },
  };
}

function python(tokenizer: object, texts: readonly string[]): number[][] {
  const input = JSON.stringify({ tokenizer, texts });
  return JSON.parse(
    execFileSync(PYTHON, [`${WEB}tools/tokenize_texts.py`], { input, maxBuffer: 1 << 28, encoding: "utf8" }),
  );
}

function differences(tokenizer: object, size: number, texts: readonly string[]): string[] {
  const prepared = texts.map((text) => prepare(text, 20_000));
  const ours = readTokenizer(JSON.stringify(tokenizer), size);
  const theirs = python(tokenizer, prepared);
  return prepared
    .filter((text, i) => String([...ours.encode(text)]) !== String(theirs[i]))
    .map((text) => JSON.stringify(text));
}

function size(tokenizer: TokenizerJson): number {
  return Object.keys(tokenizer.model.vocab).length;
}

test.each([
  [true, null],
  [false, null],
  [true, false],
  [false, true],
])("6000 hard texts give the pieces of Python (lowercase %s, strip_accents %s)", (lowercase, stripAccents) => {
  const tokenizer = tokenizerJson(lowercase, stripAccents);
  expect(differences(tokenizer, size(tokenizer), hardTexts(6000, 7))).toEqual([]);
});

test("every code point there is gives the pieces of Python", () => {
  const tokenizer = tokenizerJson(true, null);
  const texts: string[] = [];
  for (let code = 0; code < 0x110000; code += 1) {
    if (code < 0x323b0 || (code >= 0xe0000 && code < 0xe0200)) texts.push(`a${String.fromCodePoint(code)}b`);
  }
  expect(differences(tokenizer, size(tokenizer), texts)).toEqual([]);
});

const published = process.env.CUTOUTS_TOKENIZER;
test.runIf(published !== undefined)("the published tokenizer gives the pieces of Python on 20000 hard texts", () => {
  const tokenizer = { ...JSON.parse(readFileSync(published as string, "utf8")), truncation: null, padding: null };
  expect(differences(tokenizer, Object.keys(tokenizer.model.vocab).length, hardTexts(20_000, 11))).toEqual([]);
});

test("a tokenizer of another model is refused by name", () => {
  const tokenizer = { ...tokenizerJson(true, null), model: { type: "BPE" } };
  expect(() => readTokenizer(JSON.stringify(tokenizer), 100)).toThrow(
    'tokenizer.json: model.type is "BPE", this runtime knows "WordPiece": update it',
  );
});

test("truncation left in the file is refused", () => {
  const tokenizer = { ...tokenizerJson(true, null), truncation: { max_length: 128 } };
  expect(() => readTokenizer(JSON.stringify(tokenizer), size(tokenizerJson(true, null)))).toThrow(
    'truncation is {"max_length":128}, this runtime knows null',
  );
});

test("an id beyond the vocabulary is refused", () => {
  const tokenizer = tokenizerJson(true, null);
  expect(() => readTokenizer(JSON.stringify(tokenizer), 3)).toThrow(
    /tokenizer.json gives ".+" the id \d+, expected 0 to 2/,
  );
});
