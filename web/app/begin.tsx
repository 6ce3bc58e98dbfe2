/** The page goes in; the app is drawn in it, and acts on how it was opened. */

import { render } from "preact";
import { listen } from "./arrivals.ts";
import { Shell } from "./shell.tsx";
import { find } from "./state.ts";

/** Draw the app in the page's #app. */
export function begin(): void {
  const root = document.querySelector("#app");
  if (root === null) throw new Error("the page has no #app to draw in");
  render(<Shell />, root);
  void find("");
  listen();
}
