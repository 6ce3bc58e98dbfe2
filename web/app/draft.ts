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
  const { address } = writtenAddress(given);
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

/** Return what a paste or a drop holds, or nothing when it is neither text, nor a link, nor images. */
export function draftsOf(data: DataTransfer): Draft[] {
  const images = [...data.files].filter(({ type }) => type.startsWith("image/"));
  if (images.length > 0) return images.map((image) => ({ image }));
  const [link = ""] = data
    .getData("text/uri-list")
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#"));
  const text = data.getData("text/plain").trim();
  if (link !== "" && ADDRESS.test(link)) return [text === link ? { address: link } : { address: link, title: text }];
  return text === "" ? [] : [{ body: text }];
}

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
