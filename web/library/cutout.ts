/** What a person saves and how the library speaks of it: the nouns that every other file uses. */

export type Kind = "text" | "page" | "image" | "video";

export const KINDS: readonly Kind[] = ["text", "page", "image", "video"];

/** Where on its page a cutout was made, so that opening it leads back there. */
export interface Anchor {
  /** The saved words as they stand on the page, and those before and after, which tell them from their like. */
  readonly text?: string;
  readonly before?: string;
  readonly after?: string;
  /** The words stand in a frame of the page, where its address does not lead. */
  readonly isInFrame?: true;
  /** The moment of a video in seconds, and where it ends if it is a stretch. */
  readonly start?: number;
  readonly end?: number;
}

/** What a page said of itself when something was cut out of it, and how that looked there; "" where it said nothing. */
export interface PageSource {
  /** HTML of a selection, as a page wrote it: never shown before it was cleaned. */
  readonly html: string;
  readonly description: string;
  /** Where the page's icon is. Kept to be taken out again, never loaded. */
  readonly iconAddress: string;
}

/** How a tag came to a cutout; one that the person removed is remembered, so no model gives it again. */
export type Origin = "person" | "model" | "removed";

/** A tag of a cutout. */
export interface CutoutTag {
  readonly name: string;
  readonly origin: Origin;
  /** How sure the model was, or null where none gave it. */
  readonly probability: number | null;
}

/** What is saved; `key` names it in every library that it is ever copied to. */
export interface NewCutout {
  readonly key: string;
  readonly kind: Kind;
  readonly title: string;
  /** The saved passage, or the page's readable text. */
  readonly body: string;
  /** What the person wrote about it. */
  readonly note: string;
  /** Absolute, or empty. */
  readonly address: string;
  readonly anchor: Anchor | null;
  /** The hash of the image or frame, in hexadecimal, or null. */
  readonly asset: string | null;
  /** Of title and body, as `en` or `pt-BR`, or "". */
  readonly language?: string;
  /** The hash of the page's icon, in hexadecimal, or null. */
  readonly icon?: string | null;
  readonly source?: PageSource | null;
  /** Given by the person. */
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A cutout as the library holds it. */
export interface Cutout extends Required<Omit<NewCutout, "tags">> {
  readonly site: string;
  readonly changed: number;
  /** When it went to the trash, or null. */
  readonly trashed: number | null;
  readonly tags: readonly CutoutTag[];
}

/** What the person may change of a cutout by hand; its tags have functions of their own. */
export type Edit = Partial<Pick<Cutout, "title" | "body" | "note" | "address"> & { readonly moment: Moment }>;

/** A moment of a video, or a part of it up to `end`; seconds. */
export type Moment = { readonly start: number; readonly end?: number };

/** A tag of the whole library. */
export interface Tag {
  readonly name: string;
  /** Cutouts that have it, the trash not counted. */
  readonly cutouts: number;
}

/**
 * Return what a tagger reads of a cutout: title, a line feed, body. The note is left out: a new cutout has none yet.
 *
 * `Cutout.text` of cutouts/library.py is the same rule, for training; docs/library.md says more.
 */
export function textOf({ title, body }: Pick<Cutout, "title" | "body">): string {
  return `${title}\n${body}`;
}
