/** The state of the model and the library's list of models go in; which there are, and how good they were measured to be, comes out. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { KnownModel } from "../library/index.ts";
import { type About, measured, readAbout, sizeOf } from "./bundle.ts";
import { host } from "./host.ts";
import { dayOf } from "./list.tsx";
import { ask, complain, contents, model, startModel } from "./state.ts";
import { withoutTurns } from "./turns.ts";

export function ModelFacts() {
  const now = model.value;
  const offered = useSignal<About | null>(null);
  const isThere = host.value?.hasModel !== false;
  useEffect(() => {
    if (now.name !== "ready" && isThere)
      void readAbout().then((about) => {
        offered.value = about;
      });
  }, [now.name]);
  const about = now.name === "ready" ? now.manifest : offered.value;
  return (
    <section>
      <h3>The model</h3>
      {now.name !== "ready" && (
        <p>
          {now.name === "failed" ? now.error.message : "No model reads your cutouts yet."} {!isThere && HOW_TO_ADD}
          {now.name !== "loading" && now.name !== "reading" && isThere && (
            <button type="button" onClick={() => void startModel({ isAsked: true })}>
              Load the model
            </button>
          )}
        </p>
      )}
      <dl class="facts">
        {about !== null && isThere && <Facts about={about} />}
        {now.name === "ready" && host.value === null && (
          <div>
            <dt>On any text</dt>
            <dd>
              <a href="./">Try it</a>
            </dd>
          </div>
        )}
        <Known />
      </dl>
    </section>
  );
}

const HOW_TO_ADD = "None was built into this extension: cutouts build BUNDLE --extension puts one in.";

function Facts({ about }: { about: About }) {
  const { name, value } = measured(about);
  return (
    <>
      <Fact name="Name" value={withoutTurns(about.name)} />
      <Fact name="Labels" value={about.labels.length.toLocaleString()} />
      <Fact name="Size before compression" value={sizeOf(about)} />
      <Fact name={name} value={value} />
    </>
  );
}

/** The models whose tags are in the library, whether or not they are there any more. */
function Known() {
  const known = useSignal<readonly KnownModel[]>([]);
  useEffect(() => {
    ask("models", null).then((found) => {
      known.value = found;
    }, complain);
  }, [contents.value]);
  return (
    <>
      {known.value
        .filter(({ tags }) => tags > 0)
        .map(({ sha256, name, at, tags }) => (
          <Fact
            key={sha256}
            name={`Tags by “${withoutTurns(name)}”`}
            value={`${tags.toLocaleString()}, last taken into use ${dayOf(at)}`}
          />
        ))}
    </>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt dir="auto">{name}</dt>
      <dd dir="auto">{value}</dd>
    </div>
  );
}
