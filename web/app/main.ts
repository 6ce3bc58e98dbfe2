/** The app as a page of its own starts here. */

import { begin } from "./begin.tsx";
import { listenForHandOver } from "./handed.tsx";
import { keepApp } from "./version.ts";

begin();
listenForHandOver();
if (document.readyState === "complete") void keepApp();
else addEventListener("load", () => void keepApp()); // the app itself comes first
