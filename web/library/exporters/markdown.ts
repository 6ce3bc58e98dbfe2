/** Cutouts go in, a folder of Markdown as a zip comes out: what is known of each at its top, then its text and note. */

import type { CutoutRecord } from "../record.ts";
import { FileNames } from "./file_names.ts";
import { isoOf } from "./times.ts";
import { givenTags, type Walk } from "./walk.ts";
import { type Entry, zipped } from "./zip.ts";

/** Yield the zip. */
export function markdown(walk: Walk, now: number): AsyncGenerator<Uint8Array, void, undefined> {
  return zipped(filesOf(walk), now);
}

async function* filesOf(walk: Walk): AsyncGenerator<Entry, void, undefined> {
  const names = new FileNames();
  for await (const record of walk.records()) {
    const { title, body, note, kind } = record;
    const called = [title, body.slice(0, 200), note.slice(0, 200), kind].find((text) => text.trim() !== "") ?? kind;
    yield { name: names.unique(called, "md"), pieces: [markdownOf(record)], isPacked: true };
  }
}

/** Return a cutout as Markdown. Its text is plain: what would load an image or be HTML is shown, not followed. */
export function markdownOf(record: CutoutRecord): string {
  const { title, address, kind, created, body, note, language } = record;
  const description = record.source?.description ?? "";
  const said = Object.entries({ language, description }).filter(([, value]) => value !== "");
  const front = [
    ...Object.entries({ title, address, tags: givenTags(record), kind, created: isoOf(created) }),
    ...said,
  ];
  const head = ["---", ...front.map(([name, value]) => `${name}: ${yaml(value)}`), "---"].join("\n");
  const noted = note === "" ? "" : `## Note\n\n${harmless(note)}`;
  return `${[head, harmless(body), noted].filter((part) => part !== "").join("\n\n")}\n`;
}

/** Return a text or a list of texts in YAML, whose double quotes are those of JSON, but for what it holds unprintable. */
function yaml(value: string | readonly string[]): string {
  if (typeof value !== "string") return `[${value.map(yaml).join(", ")}]`;
  const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
  return JSON.stringify(value.toWellFormed()).replace(
    unprintable,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function harmless(text: string): string {
  return text.replace(
    /(?<!\\)(\\*)(<|!(?=\[))/g,
    (_, slashes: string, sign: string) => `${slashes}${slashes}\\${sign}`,
  );
}
