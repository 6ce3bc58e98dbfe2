/** An address that the runtime asks for goes in, the address of that file of the package comes out. */

import { FILES } from "./files.js";
import { ROOT } from "./root.js";

/** Return where the file is; nothing for an address that is none of the package's. */
export function fileAt(input) {
  const address = input instanceof Request ? input.url : input;
  const { pathname } = new URL(address, location.href);
  const name = pathname.startsWith(ROOT)
    ? `bundle/${pathname.slice(ROOT.length)}`
    : `runtime/${pathname.split("/").pop()}`;
  return Object.hasOwn(FILES, name) ? FILES[name] : undefined;
}
