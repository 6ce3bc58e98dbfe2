/** What was cut out of a page, as it goes from the page to the library, and what a page can be asked for. */

import type { Anchor, Kind } from "../library/index.ts";

/** A picture whose bytes the page could read. */
export interface PictureBytes {
  readonly type: string;
  readonly base64: string;
  readonly alt: string;
  readonly caption: string;
}

/** A picture whose bytes the page may not read: it is cut out of a picture of the visible tab. */
export interface PictureOnScreen {
  /** In CSS pixels of the tab's window, the part in sight. */
  readonly rect: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Device pixels for each CSS pixel. */
  readonly scale: number;
  readonly alt: string;
  readonly caption: string;
}

/** The page's icon, whose bytes the browser had. */
export interface IconBytes {
  readonly type: string;
  readonly base64: string;
}

/** One cutout, made inside a page. What the page does not have is "" or null. */
export interface Captured {
  readonly kind: Kind;
  readonly title: string;
  /** The selected text, or the page's readable text. */
  readonly body: string;
  /** Clean HTML of a selection. */
  readonly html: string;
  /** Canonical, without a fragment. */
  readonly address: string;
  readonly anchor: Anchor | null;
  readonly note: string;
  readonly description: string;
  readonly language: string;
  readonly favicon: string;
  readonly image: PictureBytes | PictureOnScreen | null;
}

/** One cutout on its way to the library: its picture goes apart, and the browser has added the icon of the tab. */
export interface Kept extends Omit<Captured, "image"> {
  readonly icon: IconBytes | null;
}

/**
 * What to cut out. `auto` is the selection if there is one, else the video that plays or is the largest one paused after
 * its start, else the page. `selection` is asked of every frame that can be reached, anything else of one frame.
 */
export type Order =
  | { readonly name: "page" | "selection" | "auto" }
  | { readonly name: "image"; readonly srcUrl: string }
  // Without an address the video that plays, else the largest; without a time the moment it is at; seconds.
  | { readonly name: "video"; readonly srcUrl?: string; readonly start?: number; readonly end?: number };

/** What capture.js leaves on `globalThis` of the extension's own world under the name below; null: there is no such thing here. */
export type Capture = (order: Order) => Promise<Captured | null>;

export const CAPTURE = "cutoutsCapture";

/** What capture.js leaves there too: go to a saved place, where no address leads (frames, shadow trees, players); false: it is not here, nor came in so many milliseconds. */
export type Place = (anchor: Anchor, patience_ms: number) => Promise<boolean>;

export const PLACE = "cutoutsPlace";

/** And the address that a cutout of the page would have, "" where it is no place. */
export type Address = () => Promise<string>;

export const ADDRESS = "cutoutsAddress";
