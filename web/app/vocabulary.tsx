/** The person's tags: rename, merge, delete, and pairs that are likely one tag written twice. */

import { useSignal } from "@preact/signals";
import { similarTags, type Tag } from "../library/index.ts";
import { leave } from "./focus.ts";
import { leavePair, leftPairs, pairOf } from "./settings.ts";
import { Sheet } from "./sheets.tsx";
import { counted, deleteTag, renameTag, tags } from "./state.ts";

const FEW = 20; // suggestions at once

export function VocabularySheet() {
  const left = new Set(leftPairs.value);
  const pairs = similarTags(tags.value).filter(({ keep, other }) => !left.has(pairOf(keep, other)));
  return (
    <Sheet title="Your tags">
      {pairs.length > 0 && (
        <section aria-labelledby="alike">
          <h3 id="alike">Written twice?</h3>
          <ul class="rows">
            {pairs.slice(0, FEW).map(({ keep, other }) => (
              <li key={`${keep}\n${other}`}>
                <span>
                  <bdi>{other}</bdi> and <bdi>{keep}</bdi>
                </span>
                <button
                  type="button"
                  onClick={({ currentTarget }) => {
                    leave(currentTarget);
                    void renameTag(other, keep);
                  }}
                >
                  Merge into “<bdi>{keep}</bdi>”
                </button>
                <button
                  type="button"
                  onClick={({ currentTarget }) => {
                    leave(currentTarget);
                    leavePair(keep, other);
                  }}
                  aria-label={`Leave ${other} and ${keep} as they are`}
                >
                  Leave
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {tags.value.length === 0 ? <p>There are no tags yet.</p> : null}
      <ul class="rows" aria-label="All tags">
        {tags.value.map((tag) => (
          <Row key={tag.name} tag={tag} />
        ))}
      </ul>
    </Sheet>
  );
}

function Row({ tag: { name, cutouts } }: { tag: Tag }) {
  const isEditing = useSignal(false);
  if (isEditing.value) {
    return (
      <li>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const to = String(new FormData(event.currentTarget).get("name") ?? "").trim();
            leave(event.currentTarget);
            isEditing.value = false;
            if (to !== "" && to !== name) void renameTag(name, to);
          }}
        >
          <input
            name="name"
            dir="auto"
            aria-label={`New name of ${name}`}
            defaultValue={name}
            ref={takeFocus}
            autocomplete="off"
          />
          <button type="submit" class="primary">
            Rename
          </button>
          <button
            type="button"
            onClick={({ currentTarget }) => {
              leave(currentTarget);
              isEditing.value = false;
            }}
          >
            Leave
          </button>
        </form>
      </li>
    );
  }
  return (
    <li>
      <bdi>{name}</bdi>
      <span class="hint">{counted(cutouts)}</span>
      <button type="button" aria-label={`Rename ${name}`} onClick={() => (isEditing.value = true)}>
        Rename
      </button>
      <button
        type="button"
        aria-label={`Delete the tag ${name}`}
        onClick={({ currentTarget }) => {
          leave(currentTarget);
          void deleteTag(name);
        }}
      >
        Delete
      </button>
    </li>
  );
}

function takeFocus(field: HTMLInputElement | null): void {
  field?.focus();
}
