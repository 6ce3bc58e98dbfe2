/** Cutouts go in, a table comes out that a spreadsheet opens and does not run. */

import { guarded, OWN_COLUMNS } from "../importers/index.ts";
import type { CutoutRecord } from "../record.ts";
import { isoOf } from "./times.ts";
import { tagList, type Walk } from "./walk.ts";

/** Yield the file, in UTF-8 with the mark without which Excel takes it for another encoding. */
export async function* csv(walk: Walk): AsyncGenerator<string, void, undefined> {
  yield `\ufeff${OWN_COLUMNS.join(",")}\r\n`;
  for await (const record of walk.records()) yield rowOf(record);
}

function rowOf(record: CutoutRecord): string {
  const { key, kind, title, address, body, note, created } = record;
  const cells: Record<(typeof OWN_COLUMNS)[number], string> = {
    ...{ key, kind, title, address, note },
    text: body,
    tags: tagList(record),
    created: isoOf(created),
  };
  return `${OWN_COLUMNS.map((column) => quoted(guarded(cells[column]))).join(",")}\r\n`;
}

function quoted(cell: string): string {
  return cell === "" ? "" : `"${cell.replaceAll('"', '""')}"`;
}
