/** What was pasted, dropped or typed goes in, a cutout to save comes out. */

import { type Asset, type Kind, momentIn, type NewCutout, sha256Of } from "../library/index.ts";
import { writtenAddress } from "./address.ts";

/** What a person gave, before it is a cutout. */
export interface Draft {
  /** Its name in the library, where saving it twice must not make two; else a new one. */
  readonly key?: string;
  readonly title?: string;
  readonly body?: string;
  readonly address?: string;
  readonly tags?: readonly string[];
  readonly image?: Blob & { readonly name?: string };
}

const ADDRESS = /^https?:\/\/\S+$/i;

/** Return the cutout, and its image if there is one. What was given as an address and is none is kept as text. */
export async function drafted(draft: Draft): Promise<{ cutout: NewCutout; asset?: Asset }> {
  const text = (draft.body ?? "").trim();
  const isAddress = (draft.address ?? "") === "" && ADDRESS.test(text);
  const given = isAddress ? text : (draft.address ?? "").trim();
  const { text: address } = writtenAddress(given);
  const body = [isAddress ? "" : text, address === "" ? given : ""].filter((part) => part !== "").join("\n");
  const kept = draft.image === undefined ? undefined : await assetOf(draft.image);
  const title = (draft.title ?? "").trim() || draft.image?.name || "";
  const moment = momentIn(address);
  const cutout: NewCutout = {
    key: draft.key ?? crypto.randomUUID(),
    kind: moment !== null && kept === undefined ? "video" : kindOf(draft, body),
    title,
    body,
    note: "",
    address,
    anchor: moment,
    asset: kept?.sha256 ?? null,
    tags: draft.tags ?? [],
    created: Date.now(),
  };
  return kept === undefined ? { cutout } : { cutout, asset: kept.asset };
}

function kindOf({ image }: Draft, body: string): Kind {
  if (image !== undefined) return "image";
  return body === "" ? "page" : "text";
}

async function assetOf(image: Blob): Promise<{ sha256: string; asset: Asset }> {
  const bytes = new Uint8Array(await image.arrayBuffer());
  return { sha256: await sha256Of(bytes), asset: { type: image.type, bytes } };
}

/** What a paste or a drop holds; tests pass a stand-in. */
export type Carried = Pick<DataTransfer, "getData"> & { readonly files: Iterable<File> };

/** Return what a paste or a drop holds: what can be saved, and the files that are no images. */
export function draftsOf(data: Carried): { drafts: Draft[]; files: File[] } {
  const all = [...data.files];
  const images = all.filter(isImage);
  const links = data
    .getData("text/uri-list")
    .split(/\r?\n/)
    .filter((line) => ADDRESS.test(line));
  const plain = data.getData("text/plain").trim();
  // Of files, some systems give the paths as text; of links, most give them as text too.
  const isRepeated = plain.split(/\s+/).every((word) => links.includes(word) || (all.length > 0 && isPath(word)));
  const text = isRepeated ? "" : plain;
  const files = all.filter((file) => !isImage(file));
  const [image, ...others] = images;
  const [link = "", ...more] = links;
  // An image that is dragged out of a page has its address beside it.
  if (image !== undefined && others.length === 0 && more.length === 0)
    return { drafts: [{ image, body: text, address: link }], files };
  return { drafts: [...images.map((one) => ({ image: one })), ...draftsOfWords(links, text)], files };
}

function draftsOfWords(links: readonly string[], text: string): Draft[] {
  const [link] = links;
  if (link !== undefined && links.length === 1)
    return [text === "" ? { address: link } : { address: link, title: text }];
  return [...links.map((address) => ({ address })), ...(text === "" ? [] : [{ body: text }])];
}

const isImage = ({ type }: Blob) => type.startsWith("image/");
const isPath = (word: string) => word.startsWith("file:");

/** Return what another app shared: each image by itself, else its text; nothing when it is empty. */
export function draftsOfShare(form: FormData, key: string): Draft[] {
  const field = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  // Many apps put the address at the end of the text, and none into its own field.
  const [, words = "", link = ""] = /^(.*?)\s*(https?:\/\/\S+)$/is.exec(field("text")) ?? [];
  const address = field("url") || link;
  const body = field("url") === "" && link !== "" ? words : field("text");
  const about = { title: field("title"), body, address };
  const images = form.getAll("files").filter((file) => file instanceof File && file.type.startsWith("image/"));
  if (images.length > 0)
    return images.map((image, place) => ({ ...about, image: image as File, key: `${key}-${place}` }));
  return Object.values(about).some((text) => text !== "") ? [{ ...about, key }] : [];
}
