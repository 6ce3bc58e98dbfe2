/** What stood where an address is expected goes in; an absolute address comes out, or why there is none. */

import { cleanLine, cutTo, LIMITS, readable } from "./text.ts";

/** Schemes that lead to a place; anything else may run code or hold the thing itself. */
const ALLOWED = new Set([
  ...["http:", "https:", "ftp:", "ftps:", "sftp:", "file:"],
  ...["gopher:", "gemini:", "feed:", "magnet:", "mailto:"],
]);

/** Schemes that exports are known to hold, by the name that a person knows. */
const REFUSED = new Map([
  ["javascript:", "a bookmarklet (javascript:) is code, not a page"],
  ["vbscript:", "a bookmarklet (vbscript:) is code, not a page"],
  ["data:", "a data: address holds the thing itself, not the place of a page"],
  ["place:", "a smart folder of Firefox (place:) is a search, not a page"],
  ["about:", "an about: address is a page of the browser itself"],
]);

export interface Address {
  /** Absolute and normalised, or empty. */
  readonly address: string;
  /** Why there is no address although something stood there. */
  readonly why?: string;
  /** Whether the whole row is to be left out for it. */
  readonly isRefused?: boolean;
}

/** Return the address, or why it is none. */
export function readAddress(raw: string): Address {
  // White space within an address is ignored by browsers, so that `java\nscript:` is a scheme to them.
  const text = cleanLine(raw.replace(/[\t\n\r]/g, ""));
  if (text === "") return { address: "" };
  const scheme = /^[a-z][a-z0-9+.-]{0,30}:/i.exec(text)?.[0].toLowerCase();
  if (scheme === undefined) return { address: "", why: "the address is not absolute: expected one such as https://…" };
  if (!ALLOWED.has(scheme)) {
    const why = REFUSED.get(scheme) ?? `an address that begins with ${scheme} is not one of a page`;
    return { address: "", why, isRefused: true };
  }
  const address = parsed(text);
  if (address === undefined) return { address: "", why: "the address is damaged: no browser can open it" };
  if (address.length > LIMITS.address) {
    // The beginning of an address is another address.
    const [found, most] = [readable(address.length), readable(LIMITS.address)];
    return { address: "", why: `the address has ${found} characters, at most ${most} are kept` };
  }
  return { address };
}

/** Return whether an address as it was stored leads to a page and to nothing that runs or holds the thing itself. */
export function isOpenable(address: string): boolean {
  // The scheme decides, so an address that is only too long counts by its beginning.
  return readAddress(cutTo(address, LIMITS.address / 4)).address !== "";
}

/** `URL.parse` would say it without an exception; Safari has it since 18 only. */
function parsed(text: string): string | undefined {
  try {
    return new URL(text).href;
  } catch {
    return undefined;
  }
}
