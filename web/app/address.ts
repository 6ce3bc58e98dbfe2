/** What a person wrote as an address goes in; an absolute address comes out, or why it is none. */

import { readAddress } from "../library/index.ts";

/** A name with dots whose last part is no number, `localhost`, or four numbers; then a port and a path, if any. */
const HOST =
  /^(?:localhost|(?:[\p{L}\p{N}-]+\.)+(?:\p{L}{2,}|xn--[a-z0-9-]+)\.?|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:[/?#].*)?$/iu;

/** An address, perhaps empty; or, with a reason, none. */
export interface Written {
  readonly text: string;
  readonly why?: string;
}

/** Return the address that is meant: what looks like a host is one of https, as in a browser's own field. */
export function writtenAddress(text: string): Written {
  const trimmed = text.trim();
  const meant = HOST.test(trimmed.replace(/^\/\//, "")) ? `https://${trimmed.replace(/^\/\//, "")}` : trimmed;
  const { why } = readAddress(meant);
  return why === undefined ? { text: meant } : { text: "", why };
}
