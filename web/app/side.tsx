/** The side: what the list can be narrowed to, and where everything is kept. */

import type { TargetedWheelEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { host } from "./host.ts";
import { contents, find, likeOf, model, query, sheet, tags } from "./state.ts";

export function Side() {
  const numbers = contents.value;
  return (
    <nav aria-label="Narrow the list" class="side">
      <div class="lists" onWheel={along}>
        <ul>
          <Choice text="" name="Everything" count={numbers?.cutouts} />
          <Choice text="is:untagged" name="Without tags" />
          <Choice text="is:trashed" name="Trash" count={numbers?.trashed} />
        </ul>
        {tags.value.length > 0 && (
          <>
            <div class="side-heading">
              <h2 class="caption" id="side-tags">
                Tags
              </h2>
              <button
                type="button"
                aria-label="Edit tags: rename, merge, delete"
                onClick={() => (sheet.value = { name: "tags" })}
              >
                Edit
              </button>
            </div>
            <ul aria-labelledby="side-tags" class="all-tags">
              {tags.value.map(({ name, cutouts }) => (
                <Choice key={name} text={filterFor(name)} name={name} count={cutouts} />
              ))}
            </ul>
          </>
        )}
      </div>
      <div class="end">
        <ModelLine />
        <button type="button" onClick={() => (sheet.value = { name: "data" })}>
          Your data
        </button>
        <button type="button" class="help" onClick={() => (sheet.value = { name: "help" })}>
          Keys <kbd>?</kbd>
        </button>
      </div>
    </nav>
  );
}

/** Where the lists are one row, which is wider than the side, a mouse's wheel goes along it. */
function along({ currentTarget: row, deltaX, deltaY }: TargetedWheelEvent<HTMLElement>): void {
  if (deltaX !== 0 || row.scrollWidth <= row.clientWidth) return;
  row.scrollBy({ left: getComputedStyle(row).direction === "rtl" ? -deltaY : deltaY });
}

function Choice({ text, name, count }: { text: string; name: string; count?: number | undefined }) {
  const button = useRef<HTMLButtonElement>(null);
  const isOn = likeOf.value === null && query.value.trim() === text;
  useEffect(() => {
    if (isOn) button.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isOn]);
  return (
    <li>
      <button
        type="button"
        ref={button}
        class="side-choice"
        aria-current={isOn ? "true" : undefined}
        onClick={() => void find(isOn ? "" : text)}
      >
        <span dir="auto" class="side-name">
          {name}
        </span>
        {count !== undefined && <span class="count">{count.toLocaleString()}</span>}
      </button>
    </li>
  );
}

function filterFor(tag: string): string {
  return /\s|"/.test(tag) ? `tag:"${tag.replaceAll('"', "")}"` : `tag:${tag}`;
}

function ModelLine() {
  const now = model.value;
  const waiting = contents.value?.waiting ?? 0;
  if (now.name === "loading") {
    const share = now.totalBytes > 0 ? now.bytes / now.totalBytes : undefined;
    return (
      <p class="hint">
        Loading the model <progress max={1} value={share} aria-label="Loading the model" />
      </p>
    );
  }
  if (now.name === "reading")
    return (
      <p class="hint">
        Search by words, until it finds by meaning too: {now.passages.toLocaleString()} passages are in memory.
      </p>
    );
  if (now.name === "failed") return <p class="hint">No model: {now.error.message}</p>;
  if (now.name === "none" && host.value?.hasModel === false)
    return <p class="hint">No model in this extension: tags are yours alone.</p>;
  if (now.name === "none") return <p class="hint">No model: tags come once it is loaded.</p>;
  return <p class="hint">{waiting > 0 ? `Reading: ${waiting.toLocaleString()} to go` : "Everything is tagged."}</p>;
}
