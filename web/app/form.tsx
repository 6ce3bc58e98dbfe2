/** Labels in, a form out that hands over what was typed when it is saved. */

import { type ReadonlySignal, signal, useSignal } from "@preact/signals";
import { type ComponentChildren, createContext } from "preact";
import { useContext } from "preact/hooks";
import { writtenAddress } from "./address.ts";
import { writtenTime } from "./moment.ts";
import { close } from "./sheets.tsx";
import { notice } from "./state.ts";

/** What is wrong with a field of the form around. */
interface Problem {
  readonly name: string;
  readonly why: string;
}
const Problems = createContext<ReadonlySignal<Problem | null>>(signal(null));

interface FormProps {
  /** Told what stands in each field, by its name; returns whether it is done, or null if there is nothing to do. */
  onSave(fields: Readonly<Record<string, string>>): Promise<boolean> | null;
  /** What can be done beside saving. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A form in a sheet: saved, the sheet closes; else it says why, at the field where it can, and what was typed stays. */
export function Form({ onSave, actions, children }: FormProps) {
  const isSaving = useSignal(false);
  const why = useSignal("");
  const problem = useSignal<Problem | null>(null);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isSaving.value) return;
    const form = event.currentTarget as HTMLFormElement;
    const { fields, wrong } = written(form);
    problem.value = wrong;
    if (wrong !== null) {
      form.querySelector<HTMLElement>(`[name=${wrong.name}]`)?.focus();
      return;
    }
    const saving = onSave(fields);
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
      <Problems.Provider value={problem}>{children}</Problems.Provider>
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

/** Fields in which not every text means something: what it means, or why nothing. */
const READERS: Readonly<Record<string, (text: string) => { readonly text: string; readonly why?: string }>> = {
  address: writtenAddress,
  start: writtenTime,
  end: writtenTime,
};

/** Return what stands in the fields, where it was changed as it is meant; or the first that means nothing. */
function written(form: HTMLFormElement): { fields: Record<string, string>; wrong: Problem | null } {
  const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  for (const [name, read] of Object.entries(READERS)) {
    const field = form.elements.namedItem(name);
    if (!(field instanceof HTMLInputElement) || field.value === field.defaultValue) continue;
    const { text, why } = read(field.value);
    if (why !== undefined) return { fields, wrong: { name, why } };
    fields[name] = text;
  }
  return { fields, wrong: null };
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
  const problem = useContext(Problems).value;
  const why = problem?.name === name ? problem.why : undefined;
  const described = [why !== undefined && `${id}-why`, hint !== undefined && `${id}-hint`].filter(
    (part) => part !== false,
  );
  const about = {
    id,
    name,
    dir: "auto",
    autocomplete: "off",
    "data-first": isFirst,
    ...(described.length > 0 && { "aria-describedby": described.join(" ") }),
    ...(why !== undefined && { "aria-invalid": true }),
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
      {why !== undefined && (
        <small id={`${id}-why`} class="failure">
          {why}
        </small>
      )}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  );
}
