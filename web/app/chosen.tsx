/** Cutouts that are chosen go in; what can be done with all of them at once is shown, and done as one change. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Cutout } from "../library/index.ts";
import { close, Sheet } from "./sheets.tsx";
import { ask, chosen, complain, counted, removeTag, sheet, trash } from "./state.ts";

/** The line above the list while anything is chosen. */
export function Chosen({ keys, isTrash }: { keys: readonly string[]; isTrash: boolean }) {
  return (
    <div class="status">
      <span role="status">{counted(keys.length)} chosen</span>
      <button type="button" onClick={() => (sheet.value = { name: "tag", keys })}>
        Tag
      </button>
      <button type="button" onClick={() => (sheet.value = { name: "untag", keys })}>
        Remove a tag
      </button>
      <button type="button" onClick={() => (sheet.value = { name: "take out", keys })}>
        Save as a file
      </button>
      <button type="button" onClick={() => void trash(keys, { isTrashed: !isTrash })}>
        {isTrash ? "Take out of the trash" : "Move to the trash"}
      </button>
      <button type="button" onClick={() => (chosen.value = new Set())}>
        Choose none
      </button>
    </div>
  );
}

/** The tags of these cutouts, each with a button that takes it off all that have it. */
export function UntagSheet({ keys }: { keys: readonly string[] }) {
  const keysByTag = useSignal<ReadonlyMap<string, readonly string[]> | null>(null);
  useEffect(() => {
    Promise.all(keys.map((key) => ask("get", { key }))).then((cutouts) => {
      keysByTag.value = byTag(cutouts);
    }, complain);
  }, [keys]);
  const tags = keysByTag.value;
  return (
    <Sheet title={`Remove a tag from ${counted(keys.length)}`}>
      {tags?.size === 0 && <p>They have no tags.</p>}
      <ul class="rows" aria-label="Their tags">
        {[...(tags ?? [])].map(([name, having]) => (
          <li key={name}>
            <bdi>{name}</bdi>
            <span class="hint">{counted(having.length)}</span>
            <button
              type="button"
              aria-label={`Remove ${name}`}
              onClick={() => {
                void removeTag(having, name);
                close();
              }}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

/** Return the keys of the cutouts that have each tag, the commonest tag first. */
function byTag(cutouts: readonly (Cutout | null)[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const cutout of cutouts)
    for (const { name, origin } of cutout?.tags ?? [])
      if (cutout !== null && origin !== "removed") found.set(name, [...(found.get(name) ?? []), cutout.key]);
  return new Map([...found].sort(([, a], [, b]) => b.length - a.length));
}
