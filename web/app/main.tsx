/** The app starts here. */

import { render } from "preact";
import { Shell } from "./shell.tsx";
import { find } from "./state.ts";

const root = document.querySelector("#app");
if (root === null) throw new Error("the page has no #app to draw in");
render(<Shell />, root);
void find("");
