/** The hash of an asset goes in, the image that the library holds is shown; nothing else ever is. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Asset } from "../library/index.ts";
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

/** Return the image as an address of its own; in an `img` element even an SVG runs nothing. */
function addressOf({ type, bytes }: Asset): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("the image cannot be read"));
    reader.readAsDataURL(new Blob([bytes.slice()], { type }));
  });
}
