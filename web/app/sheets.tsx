/** What opens above the list: a new cutout, one to look at, a tag to give, the keys. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Cutout, Edit } from "../library/index.ts";
import { giveBack } from "./focus.ts";
import { KEYS } from "./keys.ts";
import { dayOf, KIND_NAMES } from "./list.tsx";
import { Picture } from "./picture.tsx";
import { addTag, ask, contents, counted, editCutout, notice, replaceTag, save, sheet, trash } from "./state.ts";
import { TagField } from "./tagfield.tsx";
import { Cross, TagList } from "./tags.tsx";
import { withoutTurns } from "./turns.ts";

/** A dialog; it takes the focus to its first field or its title, and gives it back where it was. */
export function Sheet({ title, children }: { title: string; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // Before anything is painted: the next key that is typed belongs to the sheet.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    (dialog.current?.querySelector<HTMLElement>("[data-first=true]") ?? heading.current)?.focus();
    return () => giveBack(before);
  }, []);
  // Not left to the browser, which tells of it later: a key that is typed meanwhile would get lost.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  };
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="sheet-title" onClose={close} onKeyDown={onKeyDown}>
      <header>
        <h2 id="sheet-title" ref={heading} tabIndex={-1} dir="auto">
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

const close = () => {
  sheet.value = { name: "none" };
};

export function NewSheet() {
  const given = useSignal<readonly string[]>([]);
  const isSaving = useSignal(false);
  const why = useSignal("");
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? "");
    const [body, title, address] = ["body", "title", "address"].map(field);
    if (`${body}${title}${address}`.trim() === "") return;
    if (isSaving.value) return;
    isSaving.value = true;
    void save({ body: body ?? "", title: title ?? "", address: address ?? "", tags: given.value }).then((isSaved) => {
      isSaving.value = false;
      if (isSaved) close();
      else why.value = notice.value?.text ?? ""; // and what was typed stays
    });
  };
  return (
    <Sheet title="New cutout">
      <form onSubmit={onSubmit}>
        <Field
          name="body"
          label="Text or address"
          rows={6}
          isFirst
          hint="Paste or write. An address alone is saved as a page."
        />
        <Field name="title" label="Title" />
        <Field name="address" label="Where it is from" />
        <TagField label="Add a tag" onTag={(name) => (given.value = [...new Set([...given.value, name])])} />
        {given.value.length > 0 && (
          <ul class="tags" aria-label="Tags">
            {given.value.map((name) => (
              <li class="chip own" key={name}>
                <span dir="auto">{name}</span>
                <button
                  type="button"
                  aria-label={`Remove ${name}`}
                  onClick={() => (given.value = given.value.filter((other) => other !== name))}
                >
                  <Cross />
                </button>
              </li>
            ))}
          </ul>
        )}
        <Failure why={why.value} />
        <footer>
          <button type="submit" class="primary">
            Save
          </button>
        </footer>
      </form>
    </Sheet>
  );
}

/** Why it was not saved, within the sheet: what lies behind one is dark, and not read out. */
function Failure({ why }: { why: string }) {
  return (
    <p class="failure" role="alert">
      {why}
    </p>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly rows?: number;
  readonly hint?: string;
  readonly value?: string;
  readonly isFirst?: boolean;
}

function Field({ name, label, rows = 1, hint, value = "", isFirst }: FieldProps) {
  const id = `field-${name}`;
  const described = hint === undefined ? {} : { "aria-describedby": `${id}-hint` };
  const about = { id, name, dir: "auto", autocomplete: "off", "data-first": isFirst, ...described } as const;
  return (
    <div class="field">
      <label class="caption" for={id}>
        {label}
      </label>
      {rows === 1 ? (
        <input {...about} defaultValue={value} />
      ) : (
        <textarea rows={rows} {...about} defaultValue={value} />
      )}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  );
}

/** A cutout; `isEdit` takes the focus into its first field, where a phone would show its keyboard. */
export function CutoutSheet({ cutoutKey, isEdit }: { cutoutKey: string; isEdit: boolean }) {
  const cutout = useSignal<Cutout | null>(null);
  const why = useSignal("");
  useEffect(() => {
    void ask("get", { key: cutoutKey }).then((found) => {
      cutout.value = found;
    });
  }, [cutoutKey, contents.value]); // drawn anew when anything changed, such as a tag that was kept
  if (cutout.value === null) return null;
  const { title, body, note, address, asset, tags, kind, created, trashed, key } = cutout.value;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const now = { title, body, note, address };
    const edit: Record<string, string> = {};
    for (const [name, before] of Object.entries(now)) {
      const after = String(form.get(name) ?? before);
      if (after !== before.replace(/\r\n?/g, "\n")) edit[name] = after;
    }
    if (Object.keys(edit).length === 0) close();
    else
      void editCutout(key, edit satisfies Edit).then((isDone) => {
        if (isDone) close();
        else why.value = notice.value?.text ?? "";
      });
  };
  return (
    <Sheet title={title || KIND_NAMES[kind]}>
      <form onSubmit={onSubmit}>
        <p class="source">
          <span class={`kind ${kind}`}>{KIND_NAMES[kind]}</span>
          <span>Saved {dayOf(created)}</span>
          {isWebAddress(address) && (
            <a href={address} target="_blank" rel="noreferrer noopener">
              Open the page
            </a>
          )}
        </p>
        {asset !== null && <Picture sha256={asset} title={title} />}
        <Field name="title" label="Title" value={title} isFirst={isEdit} />
        {(body !== "" || kind === "text") && <Field name="body" label="Text" rows={8} value={body} />}
        <Field name="note" label="Note" rows={3} value={note} />
        <Field name="address" label="Address" value={address} />
        <TagList of={tags} on={key} />
        <TagField label="Add a tag" onTag={(name) => void addTag([key], name)} />
        <Failure why={why.value} />
        <footer>
          <button
            type="button"
            onClick={() => {
              void trash([key], { isTrashed: trashed === null });
              close();
            }}
          >
            {trashed === null ? "Move to the trash" : "Take out of the trash"}
          </button>
          <button type="submit" class="primary">
            Save
          </button>
        </footer>
      </form>
    </Sheet>
  );
}

/** Whether an address may become a link: whatever else was saved, a script never does. */
export function isWebAddress(address: string): boolean {
  return URL.canParse(address) && ["http:", "https:"].includes(new URL(address).protocol);
}

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
