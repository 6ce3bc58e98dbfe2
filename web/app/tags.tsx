/** Tags as they are shown, kept and removed. */

import type { CutoutTag } from "../library/index.ts";
import { leave } from "./focus.ts";
import { addTag, removeTag, sheet } from "./state.ts";

interface TagListProps {
  readonly of: readonly CutoutTag[];
  /** The cutout's key. */
  readonly on: string;
  /** How many are shown, where there is one line for them; the cutout's own sheet shows all. */
  readonly most?: number;
}

/** The tags of a cutout: the person's own are full, a model's are outlined and say how sure it is. */
export function TagList({ of, on, most = Number.POSITIVE_INFINITY }: TagListProps) {
  const all = of.filter(({ origin }) => origin !== "removed");
  if (all.length === 0) return null;
  const shown = all.slice(0, most);
  return (
    <ul class="tags" aria-label="Tags">
      {shown.map((tag) => (
        <Chip key={tag.name} tag={tag} on={on} />
      ))}
      {all.length > shown.length && <li class="more">+{all.length - shown.length}</li>}
    </ul>
  );
}

function Chip({ tag: { name, origin, probability }, on }: { tag: CutoutTag; on: string }) {
  const isOwn = origin === "person";
  const sure = probability === null ? "" : `${Math.round(probability * 100)} %`;
  return (
    <li class={isOwn ? "chip own" : "chip"}>
      {isOwn ? (
        <span dir="auto" class="chip-name">
          {name}
        </span>
      ) : (
        <button
          type="button"
          class="chip-name replace"
          dir="auto"
          title={`Replace “${name}”`}
          aria-label={`${name}: replace it`}
          onClick={() => (sheet.value = { name: "replace", keys: [on], tag: name })}
        >
          {name}
        </button>
      )}
      {!isOwn && (
        <span class="sure" dir="ltr">
          {sure}
        </span>
      )}
      {!isOwn && (
        <button
          type="button"
          title={`Keep “${name}”`}
          aria-label={`Keep ${name}`}
          onClick={({ currentTarget }) => {
            leave(currentTarget);
            void addTag([on], name);
          }}
        >
          <Tick />
        </button>
      )}
      <button
        type="button"
        title={`Remove “${name}”`}
        aria-label={`Remove ${name}`}
        onClick={({ currentTarget }) => {
          leave(currentTarget);
          void removeTag([on], name);
        }}
      >
        <Cross />
      </button>
    </li>
  );
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
