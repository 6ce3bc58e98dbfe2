/** What a page's process said goes in; what may be kept of it comes out. A page that broke its process could say anything. */

import { checkedAnchor, checkedSource, KINDS, LIMITS, languageOf } from "../library/index.ts";
import type { Captured } from "./captured.ts";

const PROTOCOLS = ["http:", "https:", "file:", "chrome:", "about:"]; // pages that have an address to come back to
const PICTURE = /^image\/[\w.+-]+$/;
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
    image: pictureIn(said.image),
  };
}

/** Return whether this is the address of a page that one can come back to. */
export function isAddress(said: unknown): said is string {
  if (typeof said !== "string" || said.length > LIMITS.address || !URL.canParse(said) || NOWHERE.test(said))
    return false;
  return PROTOCOLS.includes(new URL(said).protocol);
}

/** Return a picture, or the place of one, with every part that it has to have; else null. */
function pictureIn(said: Captured["image"]): Captured["image"] {
  if (typeof said !== "object" || said === null) return null;
  const words = { alt: text(said.alt, LIMITS.body), caption: text(said.caption, LIMITS.body) };
  if (!("rect" in said)) {
    const [type, base64] = [text(said.type, LIMITS.title), text(said.base64, Number.POSITIVE_INFINITY)];
    return PICTURE.test(type) ? { type, base64, ...words } : null;
  }
  const { rect, scale } = said;
  const { x, y, width, height } = rect ?? {};
  return [x, y, width, height, scale].every(Number.isFinite)
    ? { rect: { x, y, width, height }, scale, ...words }
    : null;
}

function wellFormed(part: string | undefined): string {
  return part?.toWellFormed() ?? "";
}

function text(said: unknown, most: number): string {
  return typeof said === "string" ? said.slice(0, most).toWellFormed() : "";
}
