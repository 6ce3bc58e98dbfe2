/** Labels in, a form out that hands over what was typed when it is saved. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { close } from "./sheets.tsx";
import { notice } from "./state.ts";

interface FormProps {
  /** Told what stands in each field, by its name; returns whether it is done, or null if there is nothing to do. */
  onSave(fields: Readonly<Record<string, string>>): Promise<boolean> | null;
  /** What can be done beside saving. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A form in a sheet: saved, the sheet closes; else it says why, and what was typed stays. */
export function Form({ onSave, actions, children }: FormProps) {
  const isSaving = useSignal(false);
  const why = useSignal("");
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isSaving.value) return;
    const typed = [...new FormData(event.currentTarget as HTMLFormElement)];
    const saving = onSave(Object.fromEntries(typed.map(([name, value]) => [name, String(value)])));
    if (saving === null) return;
    isSaving.value = true;
    void saving.then((isDone) => {
      isSaving.value = false;
      if (isDone) close();
      else why.value = notice.value?.text ?? "";
    });
  };
  return (
    <form onSubmit={onSubmit}>
      {children}
      {/* Within the sheet: the notice lies behind it in the dark, and is not read out. */}
      <p class="failure" role="alert">
        {why.value}
      </p>
      <footer>
        {actions}
        <button type="submit" class="primary">
          Save
        </button>
      </footer>
    </form>
  );
}

/** Return what says that an element's words are in a language, where that is known. */
export function inLanguage(language: string) {
  return language === "" ? {} : { lang: language };
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly rows?: number;
  readonly hint?: string;
  readonly value?: string;
  readonly isFirst?: boolean;
  /** Of the value, or "". */
  readonly language?: string;
}

export function Field({ name, label, rows = 1, hint, value = "", isFirst, language = "" }: FieldProps) {
  const id = `field-${name}`;
  const described = hint === undefined ? {} : { "aria-describedby": `${id}-hint` };
  const about = {
    id,
    name,
    dir: "auto",
    autocomplete: "off",
    "data-first": isFirst,
    ...described,
    ...inLanguage(language),
  } as const;
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
