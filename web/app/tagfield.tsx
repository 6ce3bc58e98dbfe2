/** A field for a tag: what is typed comes in, the person's tags that match are offered, and one comes out. */

import { useComputed, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { tags } from "./state.ts";

interface TagFieldProps {
  readonly label: string;
  readonly isFirst?: boolean;
  onTag(name: string): void;
}

export function TagField({ label, onTag, isFirst }: TagFieldProps) {
  const id = useId();
  const typed = useSignal("");
  const at = useSignal(-1);
  const matching = useComputed(() => matchingTags(typed.value));
  const type = (text: string) => {
    typed.value = text;
    at.value = -1;
  };
  const give = (name: string) => {
    if (name.trim() !== "") onTag(name.trim());
    type("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = matching.value.length - 1;
    if (event.key === "ArrowDown") at.value = Math.min(last, at.value + 1);
    else if (event.key === "ArrowUp") at.value = Math.max(-1, at.value - 1);
    else if (event.key === "Enter") give(matching.value[at.value] ?? typed.value);
    else if (event.key === "Escape" && typed.value !== "") type("");
    else return; // an Escape in an empty field closes the sheet
    event.preventDefault();
  };
  return (
    <div class="tag-field">
      <label class="caption" for={`${id}-field`}>
        {label}
      </label>
      <input
        id={`${id}-field`}
        role="combobox"
        aria-expanded={matching.value.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={at.value < 0 ? undefined : `${id}-${at.value}`}
        autocomplete="off"
        dir="auto"
        data-first={isFirst}
        value={typed.value}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Your tags"
        class="matching"
        hidden={matching.value.length === 0}
        onPointerDown={(event) => event.preventDefault()} // the focus stays in the field
      >
        {matching.value.map((name, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and takes the keys
          <div
            role="option"
            tabIndex={-1}
            id={`${id}-${place}`}
            key={name}
            aria-selected={place === at.value}
            dir="auto"
            onClick={() => give(name)}
          >
            {name}
          </div>
        ))}
      </div>
    </div>
  );
}

const FEW = 6;

function matchingTags(typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return [];
  const names = tags.value.filter(({ name }) => name.toLowerCase().includes(wanted));
  const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return names
    .sort((a, b) => rank(a.name) - rank(b.name) || b.cutouts - a.cutouts)
    .slice(0, FEW)
    .map(({ name }) => name);
}
