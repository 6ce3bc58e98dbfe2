/**
 * What a tab says of its icon goes in; its bytes come out where the browser has them already.
 *
 * Firefox tells a tab's icon as its bytes (`data:`), Chromium as its address. To ask that would be a request that the
 * person did not make, so there the icon is left out, unless the page itself wrote its bytes down.
 */

import { bytesOfBase64, isIcon, SOURCE_LIMITS } from "../library/index.ts";
import type { IconBytes } from "./captured.ts";

const DATA = /^data:(image\/[\w.+-]{1,40});base64,([A-Za-z0-9+/]+={0,2})$/;

/** Return the icon in a `data:` address, or null for anything else and for one that the library would not keep. */
export function iconIn(address: string | undefined): IconBytes | null {
  if (address === undefined || address.length > 2 * SOURCE_LIMITS.icon) return null; // base64 takes a third more
  const [, type = "", base64 = ""] = DATA.exec(address) ?? [];
  return base64.length % 4 === 0 && isIcon({ type, bytes: bytesOfBase64(base64) }) ? { type, base64 } : null;
}
