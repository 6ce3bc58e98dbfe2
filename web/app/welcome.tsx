/** The first run: what is kept where, and whether to load the model now. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type About, readAbout, sizeOf, wholeSizeOf } from "./bundle.ts";
import { putModelOff, welcome } from "./settings.ts";
import { startModel } from "./state.ts";

export function Welcome() {
  const dialog = useRef<HTMLDialogElement>(null);
  const about = useSignal<About | null>(null);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    void readAbout().then((found) => {
      about.value = found;
    });
  }, []);
  const begin = (withModel: boolean) => {
    welcome();
    putModelOff(!withModel);
    void navigator.storage?.persist?.(); // the browser may say no: everything works, and may be cleared when space runs out
    dialog.current?.close();
    void startModel({ isAsked: withModel });
  };
  return (
    <dialog ref={dialog} class="sheet welcome" aria-labelledby="welcome" onCancel={(event) => event.preventDefault()}>
      <h2 id="welcome" tabIndex={-1}>
        Save a piece of the web, find it again
      </h2>
      <p>What you save is kept in this browser, on this device, and nowhere else.</p>
      <p>A small model reads it here and gives it tags; nothing you save is ever sent to anyone.</p>
      <p>You can take everything out at any time, as one file, under “Your data”.</p>
      {about.value !== null && (
        <p class="hint">The model has {sizeOf(about.value)}, before compression. It is loaded once and kept.</p>
      )}
      <footer>
        <button type="button" onClick={() => begin(false)}>
          Later, only save for now
        </button>
        <button type="button" class="primary" onClick={() => begin(true)}>
          Begin and load the model{about.value !== null && ` (${wholeSizeOf(about.value)})`}
        </button>
      </footer>
    </dialog>
  );
}
