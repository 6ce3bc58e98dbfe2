/** Keys and what is gone from the page go in; the focus is where a person who cannot see it expects it. */

import { active } from "./state.ts";

let isWanted = false;

/** Move the focus to the title of the active line, as soon as that is drawn. */
export function focusActiveLine(): void {
  isWanted = true;
  requestAnimationFrame(giveWantedFocus);
}

/** Called whenever lines were drawn. */
export function giveWantedFocus(): void {
  if (!isWanted) return;
  // By its place: the line that looks active may be the former one, not drawn anew yet.
  const title = document.querySelector<HTMLElement>(`.line[data-place="${active.value}"] .title`);
  if (title === null) return;
  isWanted = false;
  title.focus({ preventScroll: true }); // the list keeps the line in sight by itself
}

/** Move the focus from a button that is about to go to the title of its line or of its sheet. */
export function leave(button: HTMLElement): void {
  const title = button.closest(".line")?.querySelector<HTMLElement>(".title");
  (title ?? button.closest("dialog")?.querySelector("h2"))?.focus({ preventScroll: true });
}

/** Give the focus back to what had it, or to the active line if that is gone; once the sheet above is gone. */
export function giveBack(before: Element | null): void {
  requestAnimationFrame(() => {
    if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus();
    else focusActiveLine();
  });
}
