/** The whole screen: search above, tags at the side, the list, and what opens over it. */

import { useEffect } from "preact/hooks";
import { Bring } from "./bring.tsx";
import { Chosen, UntagSheet } from "./chosen.tsx";
import { CutoutSheet, NewSheet } from "./cutout.tsx";
import { DataSheet } from "./data.tsx";
import { focusActiveLine } from "./focus.ts";
import { Handed } from "./handed.tsx";
import { here } from "./host.ts";
import { onKey } from "./keys.ts";
import { List } from "./list.tsx";
import { Nothing } from "./nothing.tsx";
import { SetAsideHint } from "./set_aside.tsx";
import { wasWelcomed } from "./settings.ts";
import { HelpSheet, Sheet, TagSheet } from "./sheets.tsx";
import { Side } from "./side.tsx";
import {
  chosen,
  counted,
  emptyTrash,
  find,
  found,
  isReady,
  leaveLike,
  libraryState,
  likeOf,
  notice,
  query,
  sheet,
  undo,
} from "./state.ts";
import { take } from "./take.ts";
import { TakeOut } from "./take_out.tsx";
import { newVersion, takeOver } from "./version.ts";
import { VocabularySheet } from "./vocabulary.tsx";
import { Welcome } from "./welcome.tsx";

export function Shell() {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => take(event, event.clipboardData);
    const onDrop = (event: DragEvent) => take(event, event.dataTransfer);
    const allow = (event: DragEvent) => event.preventDefault();
    addEventListener("keydown", onKey);
    addEventListener("paste", onPaste);
    addEventListener("drop", onDrop);
    addEventListener("dragover", allow);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("paste", onPaste);
      removeEventListener("drop", onDrop);
      removeEventListener("dragover", allow);
    };
  }, []);
  return (
    <>
      <header class="top">
        <h1 class="mark">
          <img src="./icon.svg" alt="" width="28" height="28" />
          Cutouts
        </h1>
        <Search />
        <button type="button" class="primary" onClick={() => (sheet.value = { name: "new" })}>
          New <kbd>n</kbd>
        </button>
      </header>
      <div class="room">
        <Side />
        <main>
          <div>
            <SetAsideHint />
            <Handed />
            <Status />
          </div>
          {isReady.value && found.value.total === 0 ? <Nothing /> : <List />}
        </main>
      </div>
      <Open />
      <Notice />
      {!wasWelcomed() && <Welcome />}
    </>
  );
}

function Search() {
  return (
    <search>
      <label class="unseen" for="search">
        Search
      </label>
      <input
        id="search"
        type="search"
        dir="auto"
        placeholder="Search your cutouts"
        autocomplete="off"
        value={query.value}
        onInput={({ currentTarget }) => void find(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          focusActiveLine();
        }}
      />
    </search>
  );
}

/** What is shown, and what can be done with what is chosen. */
function Status() {
  const { total, replaced } = found.value;
  const keys = [...chosen.value];
  const like = likeOf.value;
  const isTrash = like === null && query.value.includes("is:trashed");
  if (keys.length > 0) return <Chosen keys={keys} isTrash={isTrash} />;
  if (like !== null) {
    // Of an empty list, the Back stands where its lines would be.
    return (
      <div class="status">
        <span role="status">
          {counted(total)} like “<bdi>{like.name}</bdi>”
        </span>
        {total > 0 && (
          <button type="button" onClick={() => void leaveLike().then(focusActiveLine)}>
            Back <kbd>Esc</kbd>
          </button>
        )}
      </div>
    );
  }
  return (
    <div class="status">
      <span role="status">{isReady.value ? counted(total) : OPENING[libraryState.value.name]}</span>
      {replaced.length > 0 && (
        <span class="hint">
          Searched for {replaced.map(({ to }) => `“${to}”`).join(", ")} instead of{" "}
          {replaced.map(({ from }) => `“${from}”`).join(", ")}
        </span>
      )}
      {here.value?.addresses.length === 0 && (
        <span class="hint">
          The browser does not tell the address of this tab until you use Cutouts there. To see what is from here
          without saving, right-click its button.
        </span>
      )}
      {isTrash && total > 0 && (
        <button type="button" onClick={() => void emptyTrash()}>
          Empty the trash
        </button>
      )}
      {libraryState.value.name === "waiting" && (
        <span class="hint">Another window holds the library and does not answer: close it, or reload it.</span>
      )}
      {libraryState.value.name === "failed" && (
        <span class="failure" role="alert">
          {libraryState.value.error.message}
        </span>
      )}
    </div>
  );
}

const OPENING = {
  opening: "Opening the library…",
  owner: "Reading the library…",
  follower: "Asking the window that holds the library…",
  waiting: "",
  failed: "The library could not be opened.",
} as const;

function Open() {
  const open = sheet.value;
  if (open.name === "new") return <NewSheet />;
  if (open.name === "help") return <HelpSheet />;
  if (open.name === "tags") return <VocabularySheet />;
  if (open.name === "data") return <DataSheet />;
  if (open.name === "bring") {
    return (
      <Sheet title="Bring this in?">
        <Bring offered={open.files} />
      </Sheet>
    );
  }
  if (open.name === "cutout" || open.name === "edit")
    return <CutoutSheet cutoutKey={open.keys[0] ?? ""} key={open.keys[0]} isEdit={open.name === "edit"} />;
  if (open.name === "tag") return <TagSheet keys={open.keys} />;
  if (open.name === "untag") return <UntagSheet keys={open.keys} />;
  if (open.name === "take out") {
    return (
      <Sheet title={`Save ${counted(open.keys.length)} as a file`}>
        <TakeOut keys={open.keys} />
      </Sheet>
    );
  }
  if (open.name === "replace") return <TagSheet keys={open.keys} instead={open.tag} />;
  return null;
}

function Notice() {
  const said = notice.value;
  const isNew = said === null && newVersion.value;
  return (
    <div class="notice" role="status" data-shown={said !== null || isNew}>
      {isNew && (
        <>
          <span>A new version is there.</span>
          <button type="button" onClick={takeOver}>
            Reload
          </button>
          <button type="button" onClick={() => (newVersion.value = false)}>
            Later
          </button>
        </>
      )}
      {said !== null && <span dir="auto">{said.text}</span>}
      {said?.canUndo && (
        <button type="button" onClick={() => void undo()}>
          Undo <kbd>z</kbd>
        </button>
      )}
    </div>
  );
}
