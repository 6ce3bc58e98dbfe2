/** What the app knows of the browser around it: in an extension's panel, the page that stands beside it; alone, nothing. */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { type Cutout, pageOf, siteOf } from "../library/index.ts";

/** Where the person reads beside the app. */
export interface Here {
  /** Of the page: that of the tab, then others that it goes by. None while the browser does not tell any. */
  readonly addresses: readonly string[];
}

/** What an extension does for the app in its panel. */
export interface Host {
  /** Go to a cutout's place, in the tab beside the panel if that shows its page already; called by a click. False: the page is open alone. */
  open(cutout: Pick<Cutout, "address" | "anchor">): Promise<boolean>;
  /** Whether a model was built into the extension. */
  readonly hasModel: boolean;
  /** A part of “Your data” that is the extension's own. */
  readonly DataPart: ComponentType;
}

/** Set by the panel before the app is drawn; null when the app is a page of its own. */
export const host = signal<Host | null>(null);

export const here = signal<Here | null>(null);

/** Return how near a cutout is to what is read beside the app. */
export function nearness({ address, site }: { address: string; site: string }): "page" | "site" | null {
  const read = here.value?.addresses ?? [];
  if (site === "" || !read.some((one) => siteOf(one) === site)) return null;
  return isPageOf(read, address) ? "page" : "site";
}

/** Return whether an address is of the page that goes by these. */
export function isPageOf(addresses: readonly string[], address: string): boolean {
  return addresses.some((one) => pageOf(one) === pageOf(address));
}
