/** A file goes in, its text comes out in pieces: UTF-8, UTF-16 with a mark, or the encoding that HTML or XML declares. */

import { ImportError } from "../errors.ts";

const HEAD_BYTES = 65_536;
const DECLARED_WITHIN = 2_048;

/** Return the beginning of the file as text. */
export async function readHead(file: Blob): Promise<string> {
  const bytes = await headBytes(file, HEAD_BYTES);
  return new TextDecoder(encodingOf(bytes)).decode(bytes, { stream: bytes.length < file.size });
}

/** Yield the text of the file; bytes that are no text become U+FFFD. */
export async function* readText(file: Blob, signal?: AbortSignal): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder(encodingOf(await headBytes(file, DECLARED_WITHIN)));
  const reader = file.stream().getReader();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read().catch(unreadable);
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    // A consumer that stops early must not leave the file open; an error on closing says nothing new.
    await reader.cancel().catch(() => undefined);
  }
}

async function headBytes(file: Blob, count: number): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, count).arrayBuffer().catch(unreadable));
}

function unreadable(error: unknown): never {
  const found = error instanceof Error ? error.message : String(error);
  throw new ImportError(`the file cannot be read (${found}): check that it is still there, then choose it again`);
}

/** Return the label of an encoding for `TextDecoder`, which also drops the mark at the beginning. */
function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xef && second === 0xbb) return "utf-8";
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, DECLARED_WITHIN));
  if (!/^\s*</.test(head)) return "utf-8";
  const declared =
    /^\s*<\?xml[^>]{0,200}?\bencoding\s{0,9}=\s{0,9}["']([\w:.-]{1,40})/i.exec(head) ??
    /<meta\s[^>]{0,200}?\bcharset\s{0,9}=\s{0,9}["']?\s{0,9}([\w:.-]{1,40})/i.exec(head);
  const label = declared?.[1]?.toLowerCase() ?? "utf-8";
  // Whoever could read the declaration did not need two bytes for each letter: as in browsers, it is UTF-8 then.
  return label.startsWith("utf-16") || !isKnown(label) ? "utf-8" : label;
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
