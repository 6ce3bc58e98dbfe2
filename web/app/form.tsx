/** Labels in, a form out that hands over what was typed when it is saved. */

import type { ComponentChildren } from "preact";

interface FormProps {
  /** Told what stands in each field, by its name. */
  onSave(fields: Readonly<Record<string, string>>): void;
  /** What can be done beside saving. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Form({ onSave, actions, children }: FormProps) {
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = [...new FormData(event.currentTarget as HTMLFormElement)];
    onSave(Object.fromEntries(typed.map(([name, value]) => [name, String(value)])));
  };
  return (
    <form onSubmit={onSubmit}>
      {children}
      <footer>
        {actions}
        <button type="submit" class="primary">
          Save
        </button>
      </footer>
    </form>
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

export function Field({ name, label, rows = 1, hint, value = "", isFirst }: FieldProps) {
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
