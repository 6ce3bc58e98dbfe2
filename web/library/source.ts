/** What a stranger says of the page that a cutout is from goes in; what can be kept of it comes out. */

import type { PageSource } from "./cutout.ts";
import type { Asset } from "./protocol.ts";

/** The most that is kept, in UTF-16 units and of an icon in bytes; what is longer is left out, not cut. */
export const SOURCE_LIMITS = { html: 1_000_000, description: 2_000, address: 8_000, icon: 32_000 } as const;

const ELEMENTS = [
  ...["a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dfn", "div", "dl"],
  ...["dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark"],
  ...["ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "strong", "sub", "sup", "table", "tbody", "td"],
  ...["tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr"],
];
const ATTRIBUTES = ["lang", "dir", "title", "colspan", "rowspan", "start", "datetime"];

/**
 * What the HTML of a selection is kept of, in DOMPurify's words: text, its emphasis and its order; no pictures, no styles,
 * no names. Who cuts it out keeps to this, and who shows it cleans it by this again: a library may be a stranger's.
 */
export const KEPT_HTML = {
  ALLOWED_TAGS: [...ELEMENTS, "#text"],
  ALLOWED_ATTR: ["href", ...ATTRIBUTES],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ADD_URI_SAFE_ATTR: ATTRIBUTES, // else all of them would have to look like addresses
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Kinds of icons; none of them is markup. */
const ICON_TYPES = [
  ...["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"],
  ...["image/x-icon", "image/vnd.microsoft.icon"],
];

/** Return the source that a stranger's value is, or null where it says nothing, and the parts that could not be kept. */
export function checkedSource(value: unknown): { readonly source: PageSource | null; readonly cut: readonly string[] } {
  if (value === null || value === undefined) return { source: null, cut: [] };
  if (typeof value !== "object" || Array.isArray(value)) return { source: null, cut: ["source"] };
  const { html = "", description = "", iconAddress = "" } = value as Readonly<Record<string, unknown>>;
  const parts = [
    ["html", "formatted text", html, isShort(html, SOURCE_LIMITS.html)],
    ["description", "description", description, isShort(description, SOURCE_LIMITS.description)],
    ["iconAddress", "address of the icon", iconAddress, iconAddress === "" || isIconAddress(iconAddress)],
  ] as const;
  const kept = parts.map(([name, , part, isKept]) => [name, isKept ? part : ""]);
  const source = kept.some(([, part]) => part !== "") ? (Object.fromEntries(kept) as PageSource) : null;
  return { source, cut: parts.flatMap(([, called, , isKept]) => (isKept ? [] : [called])) };
}

function isShort(part: unknown, most: number): boolean {
  return typeof part === "string" && part.length <= most;
}

/** An icon's address is kept to be taken out again; the app never asks it for anything. */
function isIconAddress(said: unknown): boolean {
  const isAddress = typeof said === "string" && said.length <= SOURCE_LIMITS.address && URL.canParse(said);
  return isAddress && /^https?:$/.test(new URL(said).protocol);
}

/** Return whether a media type is that of an icon. */
export function isIconType(type: unknown): type is string {
  return typeof type === "string" && ICON_TYPES.includes(type);
}

/** Return whether an image is small enough for an icon, and of its kinds. */
export function isIcon({ type, bytes }: Asset): boolean {
  return isIconType(type) && bytes.length > 0 && bytes.length <= SOURCE_LIMITS.icon;
}

/** Return a language as browsers write it (BCP 47), or "" for what is none. */
export function languageOf(said: unknown): string {
  const tag = typeof said === "string" ? said.trim().replaceAll("_", "-") : "";
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}$/i.test(tag)) return "";
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "";
  } catch (error) {
    if (error instanceof RangeError) return ""; // `en-a` looks like one and is none
    throw error;
  }
}
