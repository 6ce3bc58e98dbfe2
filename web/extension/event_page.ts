/** The event page of Firefox, which has workers: what a person does goes in, the library beside it saves it. */

import { Keeper } from "./keeper.ts";
import { route } from "./route.ts";

const keeper = new Keeper();
route((ask) => keeper.answer(ask));
