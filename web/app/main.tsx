/** The app starts here. */

import { render } from "preact";
import { listen } from "./arrivals.ts";
import { Shell } from "./shell.tsx";
import { find } from "./state.ts";
import { keepApp } from "./version.ts";

const root = document.querySelector("#app");
if (root === null) throw new Error("the page has no #app to draw in");
render(<Shell />, root);
void find("");
listen();
if (document.readyState === "complete") void keepApp();
else addEventListener("load", () => void keepApp()); // the app itself comes first
