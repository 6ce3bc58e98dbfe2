/** Tags as they are shown, kept, removed and given. */

import { useComputed, useSignal } from "@preact/signals";
import type { CutoutTag } from "../library/index.ts";
import { addTag, removeTag, tags } from "./state.ts";

/** The tags of a cutout: the person's own are full, a model's are outlined and say how sure it is. */
export function TagList({ of, on }: { of: readonly CutoutTag[]; on: string }) {
  const shown = of.filter(({ origin }) => origin !== "removed");
  if (shown.length === 0) return null;
  return (
    <ul class="tags" aria-label="Tags">
      {shown.map((tag) => (
        <Chip key={tag.name} tag={tag} on={on} />
      ))}
    </ul>
  );
}

function Chip({ tag: { name, origin, probability }, on }: { tag: CutoutTag; on: string }) {
  const isOwn = origin === "person";
  const sure = probability === null ? "" : `${Math.round(probability * 100)} %`;
  return (
    <li class={isOwn ? "chip own" : "chip"}>
      <span dir="auto">{name}</span>
      {!isOwn && <span class="sure">{sure}</span>}
      {!isOwn && (
        <button
          type="button"
          title={`Keep “${name}”`}
          aria-label={`Keep ${name}`}
          onClick={() => void addTag([on], name)}
        >
          <Tick />
        </button>
      )}
      <button
        type="button"
        title={`Remove “${name}”`}
        aria-label={`Remove ${name}`}
        onClick={() => void removeTag([on], name)}
      >
        <Cross />
      </button>
    </li>
  );
}

/** A field for a tag, with the person's tags to choose from. */
export function TagField({ label, onTag, isFirst }: { label: string; onTag(name: string): void; isFirst?: boolean }) {
  const typed = useSignal("");
  const at = useSignal(-1);
  const matching = useComputed(() => matchingTags(typed.value));
  const give = (name: string) => {
    if (name.trim() === "") return;
    onTag(name.trim());
    typed.value = "";
    at.value = -1;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = matching.value.length - 1;
    if (event.key === "ArrowDown") at.value = Math.min(last, at.value + 1);
    else if (event.key === "ArrowUp") at.value = Math.max(-1, at.value - 1);
    else if (event.key === "Enter") give(matching.value[at.value] ?? typed.value);
    else return;
    event.preventDefault();
  };
  return (
    <div class="tag-field">
      <label>
        <span class="caption">{label}</span>
        <input
          role="combobox"
          aria-expanded={matching.value.length > 0}
          aria-controls="matching-tags"
          aria-autocomplete="list"
          aria-activedescendant={at.value < 0 ? undefined : `matching-tag-${at.value}`}
          autocomplete="off"
          dir="auto"
          data-first={isFirst}
          value={typed.value}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            at.value = -1;
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div
        id="matching-tags"
        role="listbox"
        aria-label="Your tags"
        class="matching"
        hidden={matching.value.length === 0}
      >
        {matching.value.map((name, place) => (
          <button
            type="button"
            role="option"
            tabIndex={-1}
            id={`matching-tag-${place}`}
            key={name}
            aria-selected={place === at.value}
            dir="auto"
            onClick={() => give(name)}
          >
            {name}
          </button>
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

function Tick() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2 6.5 5 9.5 10 3" />
    </svg>
  );
}

export function Cross() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2.5 2.5l7 7M9.5 2.5l-7 7" />
    </svg>
  );
}
