/** A whole JSON file goes in, its items come out one by one as rows. */

import { ImportError } from "../errors.ts";
import { type Draft, finish, skip } from "./drafts.ts";
import type { Row, RowReader } from "./incoming.ts";

/** The most that is read whole; in memory a file takes several times its size. */
export const MAX_JSON_BYTES = 256 * 2 ** 20;

/** One item of a document: its draft, or the value itself when it is no item of this format. */
export type Item = { readonly draft: (row: number) => Draft } | { readonly odd: unknown };

/** Return the items of a document in the file's order, or nothing when it is no document of the format. */
export type ItemsOf = (document: unknown) => Iterable<Item> | undefined;

export class JsonReader implements RowReader {
  private readonly name: string;
  private readonly itemsOf: ItemsOf;
  private pieces: string[] = [];

  constructor(name: string, itemsOf: ItemsOf) {
    this.name = name;
    this.itemsOf = itemsOf;
  }

  write(text: string): Row[] {
    this.pieces.push(text);
    return [];
  }

  *end(): Iterable<Row> {
    const items = this.itemsOf(this.document());
    if (items === undefined) {
      throw new ImportError(`the file is JSON but holds no list as in an export of ${this.name}: export it again`);
    }
    let row = 0;
    for (const item of items) {
      row += 1;
      yield "draft" in item ? finish(item.draft(row)) : oddItem(row, item.odd);
    }
  }

  private document(): unknown {
    try {
      return JSON.parse(this.pieces.join(""));
    } catch (error) {
      // Browsers differ in what they throw for nesting that they cannot follow.
      const found = error instanceof Error ? error.message : String(error);
      throw new ImportError(`the file is not whole JSON (${found}): export it again, or copy it again from its source`);
    } finally {
      this.pieces = [];
    }
  }
}

/** Return the note that this value is no item. */
export function oddItem(row: number, value: unknown): Row {
  const found = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
  const sample = typeof value === "object" ? "" : String(value);
  return skip(row, `the item is ${found}, expected an object with fields`, sample);
}
