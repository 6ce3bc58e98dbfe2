/** An address goes in; its site, or the address of the page alone, comes out. */

import { ownPage } from "./players.ts";

/** Return the site of an address without its www, or an empty string. */
export function siteOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, "") : "";
}

/** Return an address without what stands for a place within the page. */
export function withoutFragment(address: string): string {
  return address.split("#")[0] ?? "";
}

/** Return the address of the page that an address leads into, without the moment or place in it. */
export function pageOf(address: string): string {
  return withoutFragment(ownPage(address) ?? address);
}
