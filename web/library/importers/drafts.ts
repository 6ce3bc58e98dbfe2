/** The raw values that a reader found for one row go in; the cleaned row comes out, or why it gives nothing. */

import { checkedAnchor } from "../anchor.ts";
import type { Anchor } from "../cutout.ts";
import { momentIn } from "../place.ts";
import { languageOf } from "../source.ts";
import { readAddress } from "./addresses.ts";
import type { Field, Kind, Row, Skipped } from "./incoming.ts";
import { cleanLine, cleanText, cutTo, LIMITS, sampleOf } from "./text.ts";
import { readTime } from "./times.ts";

/** What a file says about one row, as found; what it does not say is left out. */
export interface Draft {
  readonly row: number;
  readonly kind?: Kind | undefined;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly note?: string | undefined;
  readonly address?: string | undefined;
  /** The saved words as they stand on the page. */
  readonly passage?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly created?: unknown;
  readonly isTrashed?: boolean | undefined;
  readonly language?: string | undefined;
  /** Fields of which the reader itself left something out. */
  readonly cut?: Iterable<Field> | undefined;
}

/** Return the row that a draft describes. */
export function finish(draft: Draft): Row {
  const { row, title = "", body = "", note = "", address: raw = "" } = draft;
  const { address, why, isRefused = false } = readAddress(raw);
  const sample = [title, raw, body, note].find((value) => value.trim() !== "") ?? "";
  if (isRefused) return skip(row, why ?? "", sample);
  const cut = new Set<Field>(draft.cut);
  if (why !== undefined) cut.add("address");
  const fitted = {
    title: within("title", cleanLine(title), cut),
    body: within("body", cleanText(body), cut),
    note: within("note", cleanText(note), cut),
  };
  if (address === "" && fitted.body === "" && fitted.note === "") {
    return skip(row, why ?? "the row has neither an address nor text", sample);
  }
  const moment = momentIn(address);
  const anchor = moment ?? anchorOf(address, draft.passage ?? "");
  const kind = moment === null ? "page" : "video";
  const language = languageOf(draft.language);
  return {
    row,
    kind: draft.kind ?? (address === "" ? "text" : kind),
    ...fitted,
    address,
    ...(anchor !== null && { anchor }),
    tags: tagsOf(draft.tags ?? [], cut),
    created: readTime(draft.created),
    isTrashed: draft.isTrashed ?? false,
    ...(language !== "" && { language }),
    ...(cut.size > 0 && { cut: [...cut] }),
  };
}

/** Return the passage as an anchor. One that is too long for that is still the body, so nothing is lost. */
function anchorOf(address: string, passage: string): Anchor | null {
  const text = cleanText(passage);
  return address === "" || text === "" ? null : checkedAnchor({ text }).anchor;
}

/** Return the note that a row gives nothing. */
export function skip(row: number, why: string, sample: string): Skipped {
  return { row, why, sample: sampleOf(sample) };
}

function within(field: "title" | "body" | "note", text: string, cut: Set<Field>): string {
  if (text.length > LIMITS[field]) cut.add(field);
  return cutTo(text, LIMITS[field]);
}

function tagsOf(raw: readonly string[], cut: Set<Field>): string[] {
  const tags = new Set<string>();
  for (const value of raw) {
    const tag = cleanLine(value);
    const name = cutTo(tag, LIMITS.tag).trim();
    if (name === "" || tags.has(name)) continue;
    if (tag.length > LIMITS.tag) cut.add("tags");
    if (tags.size === LIMITS.tags) {
      cut.add("tags");
      break;
    }
    tags.add(name);
  }
  return [...tags];
}
