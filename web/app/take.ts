/** What was pasted or dropped on the page goes in; each thing in it is saved, offered to be brought in, or named as not taken. */

import { offer } from "./arrivals.ts";
import { draftsOf } from "./draft.ts";
import { saveAll, say } from "./state.ts";

/** Take what was pasted or dropped, unless it belongs to a field or a form. */
export function take(event: Event, data: DataTransfer | null): void {
  if (data === null) return;
  const { target } = event;
  const around = target instanceof HTMLElement ? target : null;
  const hasFiles = data.files.length > 0;
  const dialog = around?.closest("dialog[open]");
  const isForm = dialog?.querySelector("form") ?? around?.closest("input:not([type=checkbox]), textarea");
  if (isForm) {
    if (!hasFiles) return;
    event.preventDefault(); // else the browser would leave the app and open the file
    leaveOut([...data.files], "close what is open first");
    return;
  }
  if (dialog && !hasFiles) return;
  event.preventDefault();
  const folders = foldersOf(data);
  const { drafts, files } = draftsOf(data);
  const taken = files.filter(({ name }) => !folders.has(name));
  offer(taken);
  void saveAll(drafts).then(() => {
    if (folders.size > 0)
      leaveOut(
        [...folders].map((name) => ({ name })),
        "a folder is not read: drop the files in it",
      );
    else if (drafts.length + taken.length === 0) leaveOut([], "there is no text, link, image or file in it");
  });
}

function leaveOut(files: readonly { readonly name: string }[], why: string): void {
  const names = files.map(({ name }) => `“${name}”`).join(", ");
  say(`Not taken: ${names === "" ? why : `${names}, ${why}`}`, { canUndo: false });
}

/** Return the names of the folders among what was dropped: to a page they look like files without a type. */
function foldersOf({ items }: DataTransfer): ReadonlySet<string> {
  const entries = [...items].map((item) => (item.kind === "file" ? item.webkitGetAsEntry() : null));
  return new Set(entries.flatMap((entry) => (entry?.isDirectory ? [entry.name] : [])));
}
