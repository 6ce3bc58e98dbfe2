/** What the app knows of the browser around it: in an extension's panel, the page that stands beside it; alone, nothing. */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { type Anchor, siteOf, withoutFragment } from "../library/index.ts";

/** Where the person reads beside the app. */
export interface Here {
  /** Null while the browser does not tell it. */
  readonly address: string | null;
}

/** What an extension does for the app in its panel. */
export interface Host {
  /** Go to a cutout's place, in the tab beside the panel if that shows its page already. */
  open(place: string, anchor: Anchor | null): void;
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
  const read = here.value?.address ?? null;
  if (read === null || site === "" || site !== siteOf(read)) return null;
  return withoutFragment(address) === withoutFragment(read) ? "page" : "site";
}
