/** What stands where the list would be while there is nothing in it, and what can be done about that. */

import { focusActiveLine } from "./focus.ts";
import { offerNoSamples, offersSamples } from "./settings.ts";
import { find, leaveLike, likeOf, query, trySamples } from "./state.ts";

export function Nothing() {
  const like = likeOf.value;
  if (like !== null) {
    return (
      <div class="nothing">
        <p>
          Nothing else is like “<bdi>{like.name}</bdi>”.
        </p>
        <button type="button" ref={takeFocus} onClick={() => void leaveLike().then(focusActiveLine)}>
          Back
        </button>
      </div>
    );
  }
  if (query.value.trim() !== "") {
    return (
      <div class="nothing">
        <p>Nothing was found.</p>
        <button type="button" onClick={() => void find("")}>
          Show everything
        </button>
      </div>
    );
  }
  return (
    <div class="nothing">
      <p class="lead">Paste a text, a link or an image anywhere on this page, or drop it here.</p>
      <p>It is saved on this device and gets its tags at once.</p>
      {offersSamples.value && <Offer />}
    </div>
  );
}

/** Samples are offered until they are refused or anything is saved; Undo takes all of them back. */
function Offer() {
  return (
    <p class="choices">
      <button type="button" onClick={() => void trySamples().then(focusActiveLine)}>
        Try it with a few examples
      </button>
      <button type="button" onClick={offerNoSamples}>
        No examples
      </button>
    </p>
  );
}

/** Of a list without a line, its one button gets the focus. */
function takeFocus(button: HTMLElement | null): void {
  button?.focus();
}
