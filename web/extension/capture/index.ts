/** An order goes in; what it means in this document comes out. Runs in the page, in the extension's own world. */

import { CAPTURE, type Capture, type Captured } from "../captured.ts";

const NOTHING = { html: "", anchor: null, note: "", description: "", language: "", favicon: "", image: null };

const capture: Capture = async ({ name }) => {
  const selected = getSelection()?.toString().trim() ?? "";
  const about = { ...NOTHING, title: document.title, address: location.href.split("#")[0] ?? "" };
  if (selected !== "" && (name === "selection" || name === "auto"))
    return { ...about, kind: "text", body: selected } satisfies Captured;
  if (name === "selection" || name === "image" || name === "video") return null;
  return { ...about, kind: "page", body: document.body.textContent ?? "" } satisfies Captured;
};

Object.assign(globalThis, { [CAPTURE]: capture });
