/** What opens above the list: the dialog that every sheet is in, a tag to give, the keys. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { giveBack } from "./focus.ts";
import { inLanguage } from "./form.tsx";
import { KEYS } from "./keys.ts";
import { addTag, counted, likeOf, replaceTag, sheet } from "./state.ts";
import { TagField } from "./tagfield.tsx";
import { Cross } from "./tags.tsx";
import { withoutTurns } from "./turns.ts";

interface SheetProps {
  readonly title: string;
  /** Of the title, or "". */
  readonly language?: string;
  readonly children: ComponentChildren;
}

/** A dialog; it takes the focus to its first field or its title, and gives it back where it was. */
export function Sheet({ title, language = "", children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // Before anything is painted: the next key that is typed belongs to the sheet.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const list = likeOf.value;
    dialog.current?.showModal();
    (dialog.current?.querySelector<HTMLElement>("[data-first=true]") ?? heading.current)?.focus();
    return () => giveBack(likeOf.value === list ? before : null); // of another list, the first line
  }, []);
  // Not left to the browser, which tells of it later: a key that is typed meanwhile would get lost.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  };
  // Where the focus is lost, as with a button that is gone, Escape is the browser's: its word before closing is in time.
  const onCancel = (event: Event) => {
    event.preventDefault();
    close();
  };
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby="sheet-title"
      onCancel={onCancel}
      onClose={close}
      onKeyDown={onKeyDown}
    >
      <header>
        <h2 id="sheet-title" ref={heading} tabIndex={-1} dir="auto" {...inLanguage(language)}>
          {withoutTurns(title)}
        </h2>
        <button type="button" class="icon" aria-label="Close" onClick={close}>
          <Cross />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Close whatever is open above the list. */
export const close = () => {
  sheet.value = { name: "none" };
};

/** A tag to give, in place of `instead` if there is one. */
export function TagSheet({ keys, instead }: { keys: readonly string[]; instead?: string }) {
  return (
    <Sheet title={instead === undefined ? `Tag ${counted(keys.length)}` : `Instead of “${instead}”`}>
      <TagField
        label="Tag"
        isFirst
        onTag={(name) => {
          if (instead === undefined) void addTag(keys, name);
          else void replaceTag(keys, instead, name);
          close();
        }}
      />
    </Sheet>
  );
}

export function HelpSheet() {
  return (
    <Sheet title="Keys">
      <dl class="keys">
        {KEYS.map(({ key, shown, does }) => (
          <div key={key}>
            <dt>
              <kbd>{shown}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <h3>Search words</h3>
      <p class="hint">
        <code>tag:bread</code> <code>-tag:bread</code> <code>kind:text</code> <code>site:example.org</code>{" "}
        <code>after:2026-05</code> <code>before:2026</code> <code>is:untagged</code> <code>is:trashed</code>{" "}
        <code>"these very words"</code>
      </p>
    </Sheet>
  );
}
