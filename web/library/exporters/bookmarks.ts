/** Cutouts go in, bookmarks as HTML come out, as every browser reads them. */

import { cleanLine, cleanText, isOpenable } from "../importers/index.ts";
import type { CutoutRecord } from "../record.ts";
import { tagList, type Walk } from "./walk.ts";

const HEAD = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
`;

/** Yield the file; a cutout without an address, or with one that leads to no page, is left out. */
export async function* bookmarks(walk: Walk): AsyncGenerator<string, void, undefined> {
  yield HEAD;
  for await (const record of walk.records())
    if (isOpenable(record.address)) yield bookmarkOf(record);
    else walk.leave();
  yield "</DL><p>\n";
}

function bookmarkOf(record: CutoutRecord): string {
  const { title, address, created, source } = record;
  const tags = tagList(record);
  const attributes = `HREF="${escaped(address)}" ADD_DATE="${Math.floor(created / 1000)}"`;
  const tagged = tags === "" ? "" : ` TAGS="${escaped(tags)}"`;
  const icon = source === null || source.iconAddress === "" ? "" : ` ICON_URI="${escaped(source.iconAddress)}"`;
  const words = cleanText(record.note) || cleanText(source?.description ?? "");
  const noted = words === "" ? "" : `    <DD>${escaped(words)}\n`;
  return `    <DT><A ${attributes}${icon}${tagged}>${escaped(cleanLine(title))}</A>\n${noted}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
