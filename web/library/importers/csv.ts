/** A table with a header goes in, its rows come out. Papa Parse reads the cells; here they are given meaning.
 *
 * `Papa.Parser` is the part of it that can be fed piece by piece without a `FileReader`. It begins each piece at the
 * row that the one before left unfinished, so a row that is not finished is given to it again only when twice as long.
 */

import Papa from "papaparse";
import { ImportError } from "../errors.ts";
import { columnName, PLAIN } from "./columns.ts";
import { finish, skip } from "./drafts.ts";
import { draftOf, type Fields } from "./fields.ts";
import type { Row, RowReader } from "./incoming.ts";
import { readable } from "./text.ts";

const DELIMITERS = [",", ";", "\t", "|"];
const MAX_ROW = 1 << 22;
/** Papa Parse trims what follows each quote: so many quotes times such a run of spaces would take minutes. */
const MAX_WORK = 1e8;

/** The part of Papa Parse's result that is used; its types leave it open. */
interface Parsed {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

interface Header {
  readonly names: readonly string[];
  readonly delimiter: string;
  readonly newline: "\n" | "\r";
}

export class CsvReader implements RowReader {
  private readonly fields: Fields;
  private carry = "";
  private parseAt = 0;
  private header: Header | undefined;
  private count = 0;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  write(text: string): Row[] {
    this.carry += text;
    return this.carry.length < this.parseAt ? [] : this.rows(false);
  }

  end(): Row[] {
    return this.rows(true);
  }

  private rows(isLast: boolean): Row[] {
    this.header ??= readHeader(this.carry, isLast);
    if (this.header === undefined) {
      this.wait();
      return [];
    }
    const { data, errors, meta } = parse(this.carry, this.header, isLast);
    this.carry = isLast ? "" : this.carry.slice(meta.cursor);
    this.parseAt = 0;
    if (data.length === 0) this.wait();
    const isUnclosed = errors.some(({ code }) => code === "MissingQuotes");
    const rows: Row[] = [];
    for (const [place, cells] of data.entries()) {
      if (cells.every((cell) => cell.trim() === "")) continue;
      // The header, which was read to choose the separator, comes again as the first row.
      if (this.count > 0) rows.push(this.row(cells, isUnclosed && place === data.length - 1));
      this.count += 1;
    }
    return rows;
  }

  private wait(): void {
    if (this.carry.length > MAX_ROW) {
      const [row, most] = [this.count, readable(MAX_ROW)];
      throw new ImportError(
        `row ${row} is longer than ${most} characters: close the quote that it opens, then try again`,
      );
    }
    this.parseAt = 2 * this.carry.length;
  }

  private row(cells: readonly string[], isUnclosed: boolean): Row {
    const row = this.count;
    const names = this.header?.names ?? [];
    if (isUnclosed) {
      return skip(row, "a quote is opened and never closed, the rest of the file is within it", cells.join(" "));
    }
    if (cells.slice(names.length).some((cell) => cell.trim() !== "")) {
      const why = `the row has ${cells.length} cells, the header ${names.length}: a cell lacks its quotes`;
      return skip(row, why, cells.join(" "));
    }
    const values = new Map<string, string>();
    // The first of two columns of one name is the one that the app means.
    const { cell = (written) => written } = this.fields;
    for (const [column, name] of names.entries()) if (!values.has(name)) values.set(name, cell(cells[column] ?? ""));
    return finish(draftOf(row, (name) => values.get(name), this.fields));
  }
}

/** Return the columns and what parts them, or nothing while the first row is not whole. */
export function readHeader(text: string, isLast: boolean): Header | undefined {
  const newline = /\r(?!\n)/.test(text.slice(0, -1)) && !text.includes("\n") ? "\r" : "\n";
  let best: Header | undefined;
  let most = -1;
  for (const delimiter of DELIMITERS) {
    const first = parse(text, { delimiter, newline }, isLast, 20).data.find((cells) =>
      cells.some((cell) => cell.trim()),
    );
    if (first === undefined) continue;
    const names = first.map(columnName);
    const known = names.filter((name) => KNOWN.has(name)).length;
    // Of two that part the row into as many known columns, the one with more columns.
    const worth = 1_000 * known + names.length;
    if (worth > most) [best, most] = [{ names, delimiter, newline }, worth];
  }
  return best;
}

const KNOWN = new Set([...Object.values(PLAIN).filter(Array.isArray).flat(), "highlight", "documenttags", "saveddate"]);

function parse(text: string, header: Omit<Header, "names">, isLast: boolean, preview = 0): Parsed {
  const { delimiter, newline } = header;
  if (workOf(text) > MAX_WORK) {
    throw new ImportError("the table has a run of spaces among too many quotes: remove the spaces, then try again");
  }
  // `as`: the types of Papa Parse say `any`.
  return new Papa.Parser({ delimiter, newline, preview }).parse(text, 0, !isLast) as Parsed;
}

/** Return the number of quotes times the longest run of white space. */
function workOf(text: string): number {
  let [quotes, run, longest] = [0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isSpace =
      code <= 32 || (code >= 0xa0 && (code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x205f)));
    run = isSpace ? run + 1 : 0;
    if (run > longest) longest = run;
    if (code === 34) quotes += 1;
  }
  return quotes * longest;
}
