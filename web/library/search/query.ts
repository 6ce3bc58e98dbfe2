/** What a person types goes in; words, phrases and filters come out. Whatever is not understood is searched as words. */

import { KINDS, type Kind } from "../cutout.ts";

/** A word or a phrase that is looked for. */
export interface Term {
  readonly text: string;
  readonly isPhrase: boolean;
  /** Whether it stands last and may go on: then it also means every word that begins with it. */
  readonly isPrefix: boolean;
}

/** A filter as it was understood, for the interface to show. */
export interface Filter {
  readonly name: "tag" | "-tag" | "kind" | "site" | "before" | "after" | "is";
  readonly value: string;
  /** As it was typed, and where. */
  readonly text: string;
  readonly start: number;
}

/** What cutouts have to be; all of it at once, and one of several kinds or sites. */
export interface Filters {
  readonly tags: readonly string[];
  readonly withoutTags: readonly string[];
  readonly kinds: readonly Kind[];
  readonly sites: readonly string[];
  /** Milliseconds since 1970: made before the first and not before the second. */
  readonly before: number | null;
  readonly after: number | null;
  readonly isUntagged: boolean;
  readonly isTrashed: boolean;
}

/** A query, read. */
export interface Query {
  /** What was typed, filters left out. */
  readonly text: string;
  readonly terms: readonly Term[];
  readonly filters: Filters;
  readonly understood: readonly Filter[];
}

const PART = /(-?[a-z]+):("[^"]*"?|\S+)|"([^"]*)("?)|\S+/giu;

/** Return the query; never throws. A last word or an open phrase is a prefix, until a space or a quote follows. */
export function parseQuery(typed: string): Query {
  const text = typed.toWellFormed().replaceAll("\0", " ");
  const terms: Term[] = [];
  const understood: Filter[] = [];
  const rest: string[] = [];
  for (const match of text.matchAll(PART)) {
    const [whole, name, value, phrase, quote] = match;
    const filter = name === undefined || value === undefined ? null : filterOf(name.toLowerCase(), unquoted(value));
    if (filter !== null) {
      understood.push({ ...filter, text: whole, start: match.index });
      continue;
    }
    rest.push(whole);
    const isPrefix = match.index + whole.length === text.length && quote !== '"';
    terms.push({ text: phrase ?? whole.replaceAll('"', " "), isPhrase: phrase !== undefined, isPrefix });
  }
  const searched = terms.filter((term) => HAS_LETTER.test(term.text));
  return { text: rest.join(" "), terms: searched, filters: filtersOf(understood), understood };
}

/** What FTS5 counts as part of a word; a query of none of these asks for nothing. */
const HAS_LETTER = /[\p{L}\p{N}\p{Co}]/u;

function unquoted(value: string): string {
  return value.replaceAll('"', " ").replace(/\s+/g, " ").trim();
}

function filterOf(name: string, value: string): Pick<Filter, "name" | "value"> | null {
  if (name === "tag" || name === "-tag") return /[^\p{Cc}\s]/u.test(value) ? { name, value } : null;
  const lower = value.toLowerCase();
  if (name === "kind") return isKind(lower) ? { name, value: lower } : null;
  if (name === "is") return lower === "untagged" || lower === "trashed" ? { name, value: lower } : null;
  if (name === "before" || name === "after") return dayOf(value) === null ? null : { name, value };
  if (name === "site") return SITE.test(lower) ? { name, value: lower.replace(/^www\./, "") } : null;
  return null;
}
const SITE = /^[\p{L}\p{N}\p{M}._-]+$/u;

function isKind(value: string): value is Kind {
  return (KINDS as readonly string[]).includes(value);
}

/** Return when a year, month or day begins by the clock of this machine, or null when there is none such. */
export function dayOf(value: string): number | null {
  const [, year, month = "1", day = "1"] = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value) ?? [];
  if (year === undefined) return null;
  const date = new Date(2000, Number(month) - 1, 1);
  date.setFullYear(Number(year), Number(month) - 1, Number(day)); // the constructor reads years below 100 as 19xx
  const isReal = date.getMonth() === Number(month) - 1 && date.getDate() === Number(day);
  return isReal ? date.getTime() : null;
}

function filtersOf(understood: readonly Filter[]): Filters {
  const values = (name: Filter["name"]) => understood.filter((one) => one.name === name).map((one) => one.value);
  const days = (name: Filter["name"]) => values(name).flatMap((value) => dayOf(value) ?? []);
  const [before, after] = [days("before"), days("after")];
  return {
    tags: values("tag"),
    withoutTags: values("-tag"),
    kinds: values("kind").filter(isKind),
    sites: values("site"),
    before: before.length > 0 ? Math.min(...before) : null,
    after: after.length > 0 ? Math.max(...after) : null,
    isUntagged: values("is").includes("untagged"),
    isTrashed: values("is").includes("trashed"),
  };
}
