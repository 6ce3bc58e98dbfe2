/** Files of the library that were found damaged: what a person is told, and what can be had back from them. */

import { signal } from "@preact/signals";
import { ask, complain, contents, sheet } from "./state.ts";
import { hand } from "./take_out.tsx";

const SEEN = "cutouts: set aside and seen";
const seen = signal(localStorage.getItem(SEEN) ?? "");

/** A line above the list, until the person has looked at what was set aside. */
export function SetAsideHint() {
  const names = contents.value?.setAside ?? [];
  if (names.length === 0 || seen.value === names.join(" ")) return null;
  const look = () => {
    seen.value = names.join(" ");
    localStorage.setItem(SEEN, seen.value);
    sheet.value = { name: "data" };
  };
  return (
    <p class="set-aside" role="alert">
      <span>
        The file of your library was damaged. It is kept as it was found, nothing in it was deleted, and a new library
        was begun.
      </span>
      <button type="button" class="primary" onClick={look}>
        Bring back what can be read…
      </button>
    </p>
  );
}

/** The files themselves, in “Your data”. */
export function SetAside() {
  const names = contents.value?.setAside ?? [];
  if (names.length === 0) return null;
  return (
    <section aria-labelledby="set-aside">
      <h3 id="set-aside">Set aside</h3>
      <p>
        {names.length === 1 ? "This file was" : "These files were"} damaged and could no longer be used as your library.
        Nothing was deleted. Bring back what can be read; if something is missing then, save the file: with{" "}
        <code>sqlite3 FILE .recover</code> more of it can be read.
      </p>
      <ul class="rows">
        {names.map((name) => (
          <li key={name}>
            <bdi>{name.replace(/^.*\//, "")}</bdi>
            {name.endsWith(".sqlite") && (
              <button type="button" onClick={() => void take(name, offer)}>
                Bring back what can be read
              </button>
            )}
            <button type="button" onClick={() => void take(name, hand)}>
              Save the file
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function offer({ file, name }: { file: Blob; name: string }): void {
  sheet.value = { name: "bring", files: [new File([file], name)] };
}

async function take(name: string, use: (found: { file: Blob; name: string }) => void): Promise<void> {
  try {
    use(await ask("setAsideFile", { name }));
  } catch (error) {
    complain(error);
  }
}
