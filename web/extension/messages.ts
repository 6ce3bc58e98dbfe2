/** Every message between the parts of the extension. None of them is ever taken from a page. */

import type { CutoutTag, Kind } from "../library/index.ts";
import type { Kept, PictureBytes, PictureOnScreen } from "./captured.ts";

/** A picture on its way to the library: its bytes, or its place in what the tab shows, which is a PNG in base64. */
export type Picture = PictureBytes | (PictureOnScreen & { readonly screen: string });

/** A cutout on its way to the library. */
export interface Saving {
  /** Its name in the library: saving it again makes no second one. */
  readonly key: string;
  readonly captured: Kept;
  readonly picture: Picture | null;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** What the library is asked for. */
export type KeeperAsk =
  | { readonly name: "save"; readonly saving: Saving }
  /** Whether it has a cutout, or will once what is under way is done. */
  | { readonly name: "has"; readonly key: string }
  | { readonly name: "about"; readonly key: string; readonly about: AboutOne };

/** What is asked of a cutout that is there: its tags once it was read, the trash for it, a tag more or less. */
export type AboutOne =
  | { readonly name: "read" | "takeBack" }
  | { readonly name: "tag" | "untag"; readonly tag: string };

/** The tags of a cutout; `isRead`: no more will come by themselves. */
export interface Tags {
  readonly tags: readonly CutoutTag[];
  readonly isRead: boolean;
}

/** To the document that holds the library. */
export interface ToKeeper {
  readonly to: "keeper";
  readonly ask: KeeperAsk;
}

/** What comes back: an answer, or a sentence that says what went wrong and what to do. */
export type Reply =
  | {
      readonly isDone: true;
      readonly tags: Tags;
      /** Whether what was saved came with a picture that is none. */
      readonly lacksPicture: boolean;
    }
  | { readonly isDone: false; readonly why: string };

/** From the notice in a page. The nonce says for which cutout it speaks; it can ask nothing about any other. */
export interface FromNotice {
  readonly to: "background";
  readonly nonce: string;
  readonly ask: AboutOne | { readonly name: "open" };
}

/** To a panel: the person did something, so more may be known of the tab. */
export interface ToPanel {
  readonly to: "panel";
}

/** To a worker that was stopped: to start is all that it has to do. */
export interface ToWorker {
  readonly to: "worker";
}

/** What a notice is told when it is shown. */
export type Shown =
  | {
      readonly name: "saved";
      readonly kind: Kind;
      readonly title: string;
      /** What of it could not be saved, and why, in a sentence; "" when all of it was. */
      readonly lacks: string;
      readonly nonce: string;
      readonly print: string;
    }
  | { readonly name: "failed"; readonly why: string };

/** Under this name notice.js leaves its functions on `globalThis` of the extension's own world. */
export const NOTICE = "cutoutsNotice";

/** What notice.js can be asked for. */
export interface NoticeDoor {
  show(shown: Shown): void;
  /** Whether what has this print is shown as saved; if so, the focus goes there. */
  takesFocus(print: string): boolean;
  /** Whether there is a notice; it is seen through, or again as it was. */
  fade(isFaded: boolean): boolean;
}

/** Return whether a message came from a page or script of this extension that is no tab's. */
export function isFromExtension(sender: chrome.runtime.MessageSender): boolean {
  const { origin } = new URL(chrome.runtime.getURL(""));
  const isOwn = sender.id === chrome.runtime.id && sender.url !== undefined && new URL(sender.url).origin === origin;
  return isOwn && sender.tab === undefined;
}
