/** Lines of JSON go in, one object each; rows come out. */

import { columnName } from "./columns.ts";
import { finish, skip } from "./drafts.ts";
import { draftOf, type Fields, type Lookup } from "./fields.ts";
import type { Row, RowReader } from "./incoming.ts";
import { oddItem } from "./json.ts";
import { readable } from "./text.ts";

const MAX_LINE = 1 << 24;

export class JsonLinesReader implements RowReader {
  private readonly fields: Fields;
  private pieces: string[] = [];
  private length = 0;
  private line = 0;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  write(text: string): Row[] {
    const rows: Row[] = [];
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.gather(text.slice(start, end));
      rows.push(...this.row());
      start = end + 1;
    }
    this.gather(text.slice(start));
    return rows;
  }

  end(): Row[] {
    return this.row();
  }

  /** Keep the beginning of a line that is too long, for the report. */
  private gather(piece: string): void {
    if (this.length <= MAX_LINE) this.pieces.push(piece);
    this.length += piece.length;
  }

  private row(): Row[] {
    const [text, length] = [this.pieces.join("").trim(), this.length];
    this.pieces = [];
    this.length = 0;
    this.line += 1;
    if (text === "") return [];
    if (length > MAX_LINE) {
      return [
        skip(this.line, `the line has ${readable(length)} characters, at most ${readable(MAX_LINE)} are read`, text),
      ];
    }
    const item = parsed(text);
    if (item === undefined) return [skip(this.line, "the line is not whole JSON", text)];
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [oddItem(this.line, item)];
    return [finish(draftOf(this.line, lookupOf(item), this.fields))];
  }
}

/** Return a way to find an object's values whatever the case and spelling of its names: `dateAdded`, `date_added`. */
export function lookupOf(item: object): Lookup {
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(item)) {
    const column = columnName(name);
    if (!values.has(column)) values.set(column, value);
  }
  return (name) => values.get(name);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
