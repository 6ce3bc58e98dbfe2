/** Keys come in, actions go out; none while a person types in a field. */

import { focusActiveLine } from "./focus.ts";
import { nameOf } from "./list.tsx";
import { hitAt } from "./pages.ts";
import {
  active,
  chosen,
  found,
  leaveLike,
  likeOf,
  openAt,
  sheet,
  showLike,
  sought,
  targets,
  trash,
  undo,
} from "./state.ts";

/** Every key that acts, in the order in which the help lists them. */
export const KEYS: readonly { readonly key: string; readonly shown: string; readonly does: string }[] = [
  { key: "/", shown: "/", does: "Search" },
  { key: "n", shown: "n", does: "New cutout" },
  { key: "ArrowDown", shown: "↓", does: "Next cutout" },
  { key: "ArrowUp", shown: "↑", does: "Cutout before" },
  { key: "Enter", shown: "Enter", does: "Open the cutout" },
  { key: "x", shown: "x", does: "Choose it, or no longer" },
  { key: "t", shown: "t", does: "Tag" },
  { key: "e", shown: "e", does: "Edit" },
  { key: "m", shown: "m", does: "More like this" },
  { key: "Escape", shown: "Esc", does: "Choose none; back from more like this" },
  { key: "#", shown: "#", does: "Move to the trash" },
  { key: "z", shown: "z", does: "Undo" },
  { key: "?", shown: "?", does: "Show these keys" },
];

/** Act on a key, unless it belongs to what has the focus. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (sheet.value.name !== "none" || isTyping(event.target)) return;
  const action = ACTIONS[event.key];
  if (action === undefined) return;
  if (event.key === "Enter" && !isLine(event.target)) return; // a button's own
  event.preventDefault();
  action();
}

const ACTIONS: Readonly<Record<string, () => void>> = {
  "/": () => document.querySelector<HTMLInputElement>("#search")?.focus(),
  n: () => open({ name: "new" }),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Home: () => move(-active.value),
  End: () => move(found.value.total),
  Enter: () => openAt(active.value, "cutout"),
  e: () => openAt(active.value, "edit"),
  x: () => choose(),
  t: () => open({ name: "tag", keys: targets() }),
  m: () => moreLikeActive(),
  Escape: () => goBack(),
  "#": () => void trash(targets(), { isTrashed: true }).then(focusActiveLine),
  z: () => void undo().then(focusActiveLine),
  "?": () => open({ name: "help" }),
};

function open(next: typeof sheet.value): void {
  if ("keys" in next && next.keys.length === 0) return;
  sheet.value = next;
}

function moreLikeActive(): void {
  const hit = hitAt(active.value);
  if (hit !== undefined) void showLike(hit.key, nameOf(hit)).then(focusActiveLine);
}

/** Leave what was begun last: a choice, or a look at what is like a cutout. */
function goBack(): void {
  if (chosen.value.size > 0) chosen.value = new Set();
  else if (likeOf.value !== null) void leaveLike().then(focusActiveLine);
}

function move(by: number): void {
  active.value = Math.max(0, Math.min(found.value.total - 1, active.value + by));
  sought.value += 1;
  focusActiveLine();
}

function choose(): void {
  const hit = hitAt(active.value);
  if (hit === undefined) return;
  const next = new Set(chosen.value);
  if (!next.delete(hit.key)) next.add(hit.key);
  chosen.value = next;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input:not([type=checkbox]), textarea, select, dialog[open]") !== null
  );
}

function isLine(target: EventTarget | null): boolean {
  return !(target instanceof HTMLElement) || target.closest("button, a, input") === null;
}
