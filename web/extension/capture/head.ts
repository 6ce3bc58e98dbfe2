/** A document goes in; what it says about itself comes out: title, address, description, language, icon. */

import { cleanLine, cutTo, LIMITS, languageOf, withoutFragment } from "../../library/index.ts";
import { isSamePlace } from "../canonical.ts";
import { AT_MOST } from "./limits.ts";
import {
  allIn,
  attributeOf,
  baseOf,
  isElement,
  nameOf,
  parentOf,
  rootElementOf,
  textIn,
  titleOf,
  windowOf,
} from "./native.ts";

/** What every cutout of a page has, "" where the page does not say. */
export interface About {
  readonly title: string;
  readonly address: string;
  readonly description: string;
  readonly language: string;
  readonly favicon: string;
}

/** Return what a page says about itself. */
export function aboutPage(document: Document): About {
  return {
    title: pageTitle(document),
    address: pageAddress(document),
    description: line(meta(document, "description") || meta(document, "og:description")),
    language: pageLanguage(document),
    favicon: faviconOf(document),
  };
}

/** Return text of a page on one line, at most so long. */
export function line(raw: string, most: number = AT_MOST.line): string {
  return cutTo(cleanLine(cutTo(raw, 10 * most)), most).trimEnd();
}

/** Return the title that the page gives to others where its own contains it, as "Title - Site" does; else its own. */
function pageTitle(document: Document): string {
  const own = line(titleOf(document), LIMITS.title);
  const shared = line(meta(document, "og:title"), LIMITS.title);
  // A page that goes on without loading changes its own title and forgets the other.
  if (own === "")
    return (
      shared ||
      line(
        allIn(document, "h1")
          .map(textIn)
          .find((text) => text?.trim()) ?? "",
        LIMITS.title,
      )
    );
  return shared !== "" && own.toLowerCase().includes(shared.toLowerCase()) ? shared : own;
}

/** Return the canonical address where it can be believed, else where the page is; "" for what is no place. */
export function pageAddress(document: Document): string {
  const window = windowOf(document);
  if (window === null || !URL.canParse(window.location.href)) return "";
  const here = new URL(window.location.href);
  if (!["http:", "https:", "file:"].includes(here.protocol)) return "";
  const [link] = allIn(document, 'link[rel~="canonical" i]').filter((one) => isInHead(one));
  const canonical = link === undefined || hasMovedOn(window) ? undefined : absolute(link, "href");
  const url = canonical !== undefined && isSamePlace(canonical, here) ? canonical : here;
  // "#/inbox/7" is a page of its own, "#section" a place on one.
  if (!/^#!?\//.test(url.hash)) url.hash = "";
  [url.username, url.password] = ["", ""];
  return url.href.length > LIMITS.address ? "" : url.href;
}

function isInHead(element: Element): boolean {
  const parent = parentOf(element);
  return parent !== null && isElement(parent) && nameOf(parent) === "head";
}

/** Whether the page went on without loading, so that its canonical address may be that of the page before. */
function hasMovedOn(window: Window): boolean {
  const [loaded] = window.performance.getEntriesByType("navigation");
  return loaded !== undefined && withoutFragment(loaded.name) !== withoutFragment(window.location.href);
}

/** Return the first `meta` of this name that says anything. */
function meta(document: Document, name: string): string {
  const named = allIn(document, `meta[name="${name}" i], meta[property="${name}" i]`);
  return named.map((one) => attributeOf(one, "content")).find((content) => content.trim() !== "") ?? "";
}

/** Return the language that the page says it is in, as browsers write it, or "". */
function pageLanguage(document: Document): string {
  const root = rootElementOf(document) as Element | null;
  const [named] = allIn(document, 'meta[http-equiv="content-language" i]');
  const said = (root && attributeOf(root, "lang")) || (named && attributeOf(named, "content")) || "";
  return languageOf(said.split(",")[0]);
}

/** Return the address of the page's icon, the one nearest to 32 pixels; it is not fetched. */
function faviconOf(document: Document): string {
  const icons = allIn(document, 'link[rel~="icon" i]').flatMap((link) => {
    const url = absolute(link, "href");
    const size = Number.parseInt(attributeOf(link, "sizes"), 10) || 32;
    const isKept = url !== undefined && /^https?:$/.test(url.protocol) && url.href.length <= LIMITS.address;
    return isKept ? [{ address: url.href, far: Math.abs(size - 32) }] : [];
  });
  return icons.reduce((best, icon) => (icon.far < best.far ? icon : best), {
    address: "",
    far: Number.POSITIVE_INFINITY,
  }).address;
}

/** Return an attribute as an address, or undefined. */
export function absolute(element: Element, name: string): URL | undefined {
  const written = attributeOf(element, name);
  const base = baseOf(element);
  return written !== "" && URL.canParse(written, base) ? new URL(written, base) : undefined;
}
