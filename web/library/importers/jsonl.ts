/** Lines of JSON go in, one object each; rows come out. */

import { columnName } from "./columns.ts";
import { finish, skip } from "./drafts.ts";
import { draftOf, type Fields, type Lookup } from "./fields.ts";
import type { Row, RowReader } from "./incoming.ts";
import { oddItem } from "./json.ts";
import { type Line, Lines } from "./lines.ts";

export class JsonLinesReader implements RowReader {
  private readonly fields: Fields;
  private readonly lines = new Lines();

  constructor(fields: Fields) {
    this.fields = fields;
  }

  write(text: string): Row[] {
    return this.lines.write(text).map((line) => this.row(line));
  }

  end(): Row[] {
    return this.lines.end().map((line) => this.row(line));
  }

  private row({ number, value, why, text }: Line): Row {
    if (why !== undefined) return skip(number, why, text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return oddItem(number, value);
    return finish(draftOf(number, lookupOf(value), this.fields));
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
