/** What a page's process said goes in; what may be kept of it comes out. A page that broke its process could say anything. */

import { checkedAnchor, checkedSource, KINDS, LIMITS, languageOf } from "../library/index.ts";
import type { Captured } from "./captured.ts";

const PROTOCOLS = ["http:", "https:", "file:", "chrome:", "about:"]; // pages that have an address to come back to
const NOWHERE = /^(?:about:blank|chrome:\/\/newtab)/;

/** Return what was cut out with every field of its type and length; null when it is none, or from nowhere. */
export function checked(said: Captured): Captured | null {
  if (!KINDS.includes(said.kind) || !isAddress(said.address)) return null;
  const { html, description, favicon: iconAddress } = said;
  const { source } = checkedSource({ html, description, iconAddress });
  return {
    kind: said.kind,
    title: text(said.title, LIMITS.title),
    body: text(said.body, LIMITS.body),
    html: wellFormed(source?.html),
    address: said.address,
    anchor: checkedAnchor(said.anchor).anchor,
    note: text(said.note, LIMITS.note),
    description: wellFormed(source?.description),
    language: languageOf(said.language),
    favicon: source?.iconAddress ?? "",
    image: said.image,
  };
}

/** Return whether this is the address of a page that one can come back to. */
export function isAddress(said: unknown): said is string {
  if (typeof said !== "string" || said.length > LIMITS.address || !URL.canParse(said) || NOWHERE.test(said))
    return false;
  return PROTOCOLS.includes(new URL(said).protocol);
}

function wellFormed(part: string | undefined): string {
  return part?.toWellFormed() ?? "";
}

function text(said: unknown, most: number): string {
  return typeof said === "string" ? said.slice(0, most).toWellFormed() : "";
}
