/** Your data: what is kept, whether it is whole, which model reads it, and what was asked of the network. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Bring } from "./bring.tsx";
import { host } from "./host.ts";
import { Fact, ModelFacts } from "./model_facts.tsx";
import { RequestList } from "./requests.tsx";
import { SetAside } from "./set_aside.tsx";
import { Sheet } from "./sheets.tsx";
import { size } from "./size.ts";
import { ask, complain, contents, deleteEverything } from "./state.ts";
import { TakeOut } from "./take_out.tsx";

export function DataSheet() {
  const { DataPart } = host.value ?? {};
  return (
    <Sheet title="Your data">
      <SetAside />
      <Kept />
      <Bring />
      <section aria-labelledby="take-out">
        <h3 id="take-out">Take it out</h3>
        <TakeOut keys={null} />
      </section>
      {DataPart !== undefined && <DataPart />}
      <Whole />
      <ModelFacts />
      <RequestList />
      <DeleteAll />
      <p class="hint">
        <a href="./licences.txt" target="_blank" rel="noreferrer">
          Licences of the app and its parts
        </a>{" "}
        (opens a tab)
      </p>
    </Sheet>
  );
}

function Kept() {
  const numbers = contents.value;
  const isKept = useSignal<boolean | null>(null);
  useEffect(() => {
    void navigator.storage?.persisted?.().then((answer) => {
      isKept.value = answer;
    });
  }, []);
  if (numbers === null) return null;
  return (
    <section>
      <h3>What is kept</h3>
      <dl class="facts">
        <Fact name="Cutouts" value={numbers.cutouts.toLocaleString()} />
        <Fact name="In the trash" value={numbers.trashed.toLocaleString()} />
        <Fact name="Tags" value={numbers.tags.toLocaleString()} />
        <Fact name="On this device" value={size(numbers.bytes)} />
      </dl>
      <p class="hint">
        Which result of a search you open, and what stood above it, is noted here (the latest 10,000), so that a later
        search can rank better; it is part of no file that you take out.
      </p>
      {isKept.value === false && (
        <p class="hint">
          The browser may clear this when the device runs out of space.{" "}
          <button
            type="button"
            onClick={() => void navigator.storage.persist().then((answer) => (isKept.value = answer))}
          >
            Ask it not to
          </button>
        </p>
      )}
    </section>
  );
}

function Whole() {
  const problems = useSignal<readonly string[] | null>(null);
  const check = async () => {
    try {
      problems.value = (await ask("check", null)).problems;
    } catch (error) {
      complain(error);
    }
  };
  return (
    <section>
      <h3>Is it whole?</h3>
      <p>
        <button type="button" onClick={() => void check()}>
          Check the library
        </button>{" "}
        <span role="status">
          {problems.value !== null && (problems.value.length === 0 ? "It is whole." : problems.value.join("; "))}
        </span>
      </p>
    </section>
  );
}

function DeleteAll() {
  const isAsked = useSignal(false);
  return (
    <section>
      <h3>Delete everything</h3>
      {isAsked.value ? (
        <>
          <p role="alert">
            All cutouts, tags and images, the model and your settings go from this device. Nobody can bring them back.
          </p>
          <p class="choices">
            <button type="button" onClick={() => (isAsked.value = false)}>
              Keep everything
            </button>
            <button type="button" class="danger" onClick={() => void deleteEverything()}>
              Delete everything now
            </button>
          </p>
        </>
      ) : (
        <p>
          <button type="button" onClick={() => (isAsked.value = true)}>
            Delete everything…
          </button>
        </p>
      )}
    </section>
  );
}
