/** The hash of an asset goes in, the image that the library holds is shown; nothing else ever is. */

import { type Signal, signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Asset, isIcon } from "../library/index.ts";
import { ask } from "./state.ts";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/svg+xml"];

export function Picture({ sha256, title }: { sha256: string; title: string }) {
  const address = useSignal("");
  useEffect(() => {
    void ask("asset", { sha256 })
      .then((asset) => (asset !== null && PICTURES.includes(asset.type) ? addressOf(asset) : ""))
      .then((found) => {
        address.value = found;
      });
  }, [sha256]);
  return address.value === "" ? null : <img class="picture" src={address.value} alt={title || "Saved image"} />;
}

const MOST_ICONS = 1000; // kept in memory, each of at most 32 kB
const icons = new Map<string, Signal<string>>();

/** The icon of a site, beside its name, which says the same. */
export function Icon({ sha256 }: { sha256: string }) {
  const { value } = iconOf(sha256);
  return value === "" ? null : <img class="icon-of-site" src={value} alt="" width={16} height={16} />;
}

/** Return where an icon will stand once the library gave it; each is asked for once, since many lines have the same. */
function iconOf(sha256: string): Signal<string> {
  const known = icons.get(sha256);
  if (known !== undefined) return known;
  if (icons.size >= MOST_ICONS) icons.clear();
  const address = signal("");
  icons.set(sha256, address);
  void ask("asset", { sha256 })
    .then((asset) => (asset !== null && isIcon(asset) ? addressOf(asset) : ""))
    .then((found) => {
      address.value = found;
    });
  return address;
}

/** Return the image as an address of its own; in an `img` element even an SVG runs nothing. */
function addressOf({ type, bytes }: Asset): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("the image cannot be read"));
    reader.readAsDataURL(new Blob([bytes.slice()], { type }));
  });
}
