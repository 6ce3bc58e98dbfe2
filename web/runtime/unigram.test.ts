/** The unigram tokenizer against frozen answers of the original, and what it refuses. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { prepare } from "./prepare.ts";
import { readTokenizer, type Tokenizer } from "./tokenizer.ts";

const PATH = fileURLToPath(new URL("../../tests/golden/use-lite/few_pieces.json", import.meta.url));
const { tokenizer: json, texts } = JSON.parse(readFileSync(PATH, "utf8"));
const SIZE: number = json.model.vocab.length;

function read(change: object = {}, model: object = {}): Tokenizer {
  return readTokenizer(JSON.stringify({ ...json, ...change, model: { ...json.model, ...model } }), SIZE);
}

test("ids are those of the original over the same few pieces", () => {
  const tokenizer = read();
  expect(texts.length).toBeGreaterThan(400);
  for (const { text, ids } of texts) {
    expect([...tokenizer.encode(prepare(text, 100_000))], JSON.stringify(text)).toEqual(ids);
  }
});

test("empty, long and broken texts are read", () => {
  const tokenizer = read();
  expect(tokenizer.encode("")).toHaveLength(0);
  expect(tokenizer.encode("😀".repeat(100_000))).toHaveLength(2);
  expect(tokenizer.encode(prepare("\ud800", 10))).toHaveLength(2);
  expect(tokenizer.encode("a".repeat(100_000)).length).toBeGreaterThan(10_000);
});

test("a mark newer than some tables combines nowhere", () => {
  const tokenizer = read();
  expect(tokenizer.encode("e\u0897\u0301")).toEqual(tokenizer.encode("e\u6f22\u0301"));
});

test.each([
  [{}, { unk_id: 1 }, "model.unk_id is 1, this runtime knows 0"],
  [{}, { byte_fallback: true }, "model.byte_fallback is true, this runtime knows false"],
  [{ normalizer: { normalizers: [] } }, {}, 'normalizer is "", this runtime knows "NFKC,Prepend,Replace"'],
  [{ pre_tokenizer: {} }, {}, "pre_tokenizer is {}, this runtime knows null"],
  [{ truncation: {} }, {}, "truncation is {}"],
  [{}, { vocab: {} }, `has no list of pieces, expected ${SIZE}`],
  [{}, { vocab: json.model.vocab.slice(1) }, `has ${SIZE - 1} pieces, expected ${SIZE}`],
  [{}, { vocab: [["a", null], ...json.model.vocab.slice(1)] }, 'lists ["a",null], expected a piece and its score'],
])("what it does not know is refused by name: %j %j", (change, model, said) => {
  expect(() => read(change, model)).toThrow(said);
});

test("a file that is no JSON is refused", () => {
  expect(() => readTokenizer('{"type":"Unigram"', 10)).toThrow("tokenizer.json is not JSON");
});
