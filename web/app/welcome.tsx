/** The first run: what is kept where, and whether to load the model now. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { putModelOff, welcome } from "./settings.ts";
import { startModel } from "./state.ts";

export function Welcome() {
  const dialog = useRef<HTMLDialogElement>(null);
  const size = useSignal("");
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector("h2")?.focus();
    void sizeOfModel().then((megabytes) => {
      size.value = megabytes;
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
      <footer>
        <button type="button" onClick={() => begin(false)}>
          Later, only save for now
        </button>
        <button type="button" class="primary" onClick={() => begin(true)}>
          Begin and load the model{size.value}
        </button>
      </footer>
    </dialog>
  );
}

/** Return how much there is to load, in words, or nothing where it cannot be known. */
async function sizeOfModel(): Promise<string> {
  try {
    const response = await fetch(new URL("bundle/manifest.json", document.baseURI));
    const { files } = (await response.json()) as { files: readonly { bytes: number; load: boolean }[] };
    const bytes = files.filter(({ load }) => load).reduce((sum, file) => sum + file.bytes, 0);
    return ` (${(bytes / 1e6).toFixed(1)}\u00a0MB)`;
  } catch {
    return ""; // the model itself will say what is wrong
  }
}
