/** A vocabulary read as a whole JSON parser would read it, and what is refused. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { readParts } from "./pieces.ts";

const parse = (text: string): unknown => JSON.parse(text);

test("every vocabulary is read as JSON is, however it is spaced and escaped", () => {
  const pieces = fc.dictionary(fc.oneof(fc.string(), fc.string({ unit: "binary" })), fc.nat(99), { maxKeys: 50 });
  const spaces = fc.constantFrom(undefined, 1, "\t", "\n ");
  fc.assert(
    fc.property(pieces, spaces, fc.boolean(), (vocab, space, ascii) => {
      const json = JSON.stringify({ model: { type: "WordPiece", vocab }, after: ['"vocab": {', "}"] }, null, space);
      const text = ascii ? json.replace(/[^ -~\s]/g, escaped) : json;
      const { vocabulary, rest } = readParts(text, 100);
      expect(rest).toEqual({ ...(parse(text) as object), model: { type: "WordPiece", vocab: {} } });
      expect(vocabulary.size).toBe(Object.keys(vocab).length);
      for (const [piece, id] of Object.entries(vocab)) expect(vocabulary.idOf(piece)).toBe(id);
      expect(vocabulary.idOf("no such piece")).toBe(-1);
    }),
  );
});

test("any text gives parts or a BundleError", () => {
  const texts = fc.string({ unit: fc.constantFrom(...'"\\{}:,1 ab', '"vocab":{', '"a":1') });
  fc.assert(
    fc.property(texts, (text) => {
      try {
        readParts(text, 100);
      } catch (error) {
        expect(error).toMatchObject({ name: "BundleError" });
      }
    }),
  );
});

test.each([
  ['{"vocab":{"a":0,}}', /^tokenizer.json: model.vocab has "}}" at 16, expected a piece and its id: build/],
  ['{"vocab":{"a":"0"}}', /^tokenizer.json: model.vocab has .+ at 10, expected a piece and its id: build/],
  ['{"vocab":{"a":0', /^tokenizer.json: model.vocab has "" at 15, expected a piece and its id: build/],
  ['{"vocab":{"a":3}}', /^tokenizer.json gives "a" the id 3, expected 0 to 2$/],
  ['{"vocab":{"a":0,"a":1}}', /^tokenizer.json lists "a" twice$/],
  ['{"vocab":{"\\x":0}}', /^tokenizer.json is not JSON \(.+\): build the bundle again$/],
  ['{"vocab":{}', /^tokenizer.json is not JSON \(.+\): build the bundle again$/],
])("%s is refused by name", (text, message) => {
  expect(() => readParts(text, 3)).toThrow(message);
});

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
