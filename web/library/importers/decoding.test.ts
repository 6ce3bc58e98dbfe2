/** Text comes out whatever the encoding, and bytes that are no text do not stop it. */

import { expect, test } from "vitest";
import { readHead, readText } from "./decoding.ts";

async function textOf(...parts: BlobPart[]): Promise<string> {
  let text = "";
  for await (const piece of readText(new Blob(parts))) text += piece;
  return text;
}

const utf16 = (text: string, isLittle: boolean): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i += 1) view.setUint16(2 * i, text.charCodeAt(i), isLittle);
  return bytes;
};

test("UTF-8 is read with a mark and without", async () => {
  expect(await textOf("é😀")).toBe("é😀");
  expect(await textOf("\ufeffé😀")).toBe("é😀");
});

test("UTF-16 is read with its mark, in either order", async () => {
  expect(await textOf(utf16("\ufeffé😀", true))).toBe("é😀");
  expect(await textOf(utf16("\ufeffé😀", false))).toBe("é😀");
});

test.each([
  ['<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1252">', "éÿ"],
  ["<meta charset=latin1>", "éÿ"],
  ['<?xml version="1.0" encoding="windows-1252"?>', "éÿ"],
  ['<meta charset="no-such-thing">', "\ufffd\ufffd"],
  ['<meta charset="utf-16">', "\ufffd\ufffd"],
  ["no markup, charset=windows-1252", "\ufffd\ufffd"],
])("after %s, two bytes are %j", async (start, end) => {
  expect(await textOf(start, new Uint8Array([0xe9, 0xff]))).toBe(start + end);
});

test("a character that lies across two pieces is whole", async () => {
  const text = `a${"é".repeat(100_000)}`;
  expect(await textOf(text)).toBe(text);
});

test("the head of a long file ends before a character that it would halve", async () => {
  const head = await readHead(new Blob([`a${"é".repeat(100_000)}`]));
  expect([head.length, head.includes("\ufffd")]).toEqual([32_768, false]);
});

test("reading stops when the signal says so", async () => {
  const stop = new AbortController();
  const reading = readText(new Blob(["x".repeat(1_000_000)]), stop.signal);
  await reading.next();
  stop.abort();
  await expect(reading.next()).rejects.toThrow("aborted");
});
