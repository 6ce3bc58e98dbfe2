/** Join with the app: where it is and which way go in, the libraries hand over, and the report of an import comes out. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Report } from "../app/bring.tsx";
import { handOver, type Step, sentenceOf } from "../app/hand_over.ts";
import { here } from "../app/host.ts";
import { HandOverError } from "../app/line.ts";
import { counted, say } from "../app/state.ts";
import { withoutTurns } from "../app/turns.ts";
import type { Intake } from "../library/index.ts";
import { connect, tabOfApp } from "./joining.ts";
import { giveBack, isAllowed, withSite } from "./permission.ts";
import { siteOfApp } from "./site.ts";

type Role = "give" | "take";

type Progress =
  | { readonly name: "idle" }
  | { readonly name: "going"; readonly step: Step; readonly stop: AbortController }
  | { readonly name: "done"; readonly role: Role; readonly intake: Intake }
  | { readonly name: "failed"; readonly why: string };

const ADDRESS = "cutouts: address of the app";
const STOPPED = "it was stopped before anything was brought in";

// Kept while the sheet is closed: a hand-over goes on.
const address = signal("");
const isKept = signal(false);
const progress = signal<Progress>({ name: "idle" });
/** What became of the permission. */
const permission = signal("");

/** The part of “Your data” that hands over to and from the app. */
export function Join() {
  useEffect(() => {
    address.value ||= addressBeside() ?? localStorage.getItem(ADDRESS) ?? "";
    void look();
  }, []);
  const isGoing = progress.value.name === "going";
  return (
    <section aria-labelledby="join">
      <h3 id="join">Join with the app</h3>
      <p class="hint">
        The app in a tab has a library of its own; what is in both is merged. If you send, every page of the app’s site
        can read all that is here, the trash too. If you fetch, all that the app has comes here. Your browser asks first
        whether Cutouts may read that site.
      </p>
      <label class="field">
        <span class="caption">Address of the app</span>
        <input
          type="url"
          dir="ltr"
          placeholder="https://…/library.html"
          value={address.value}
          disabled={isGoing}
          onInput={({ currentTarget }) => {
            address.value = currentTarget.value;
            void look();
          }}
        />
      </label>
      <p class="choices">
        <button type="button" disabled={isGoing} onClick={() => void join("give")}>
          Send to the app
        </button>
        <button type="button" disabled={isGoing} onClick={() => void join("take")}>
          Fetch from the app
        </button>
      </p>
      <label class="tick">
        <input
          type="checkbox"
          checked={isKept.value}
          disabled={isGoing}
          onChange={({ currentTarget }) => void keep(currentTarget.checked)}
        />
        <span>Keep the permission for this site. Else it is given back afterwards.</span>
      </label>
      <Now />
    </section>
  );
}

function Now() {
  const now = progress.value;
  return (
    <>
      {now.name === "going" && (
        <p>
          <span role="status">{sentenceOf(now.step)}</span>{" "}
          <button type="button" onClick={() => now.stop.abort(new HandOverError(STOPPED))}>
            Stop
          </button>
        </p>
      )}
      {now.name === "done" && (
        <Report from={now.role === "give" ? "Into the app" : "From the app"} intake={now.intake} />
      )}
      {now.name === "failed" && (
        <p class="failure" role="alert">
          <bdi>{withoutTurns(now.why)}</bdi>
        </p>
      )}
      {permission.value !== "" && (
        <p class="hint" role="status">
          {permission.value}
        </p>
      )}
    </>
  );
}

/** Return the address of the tab beside the panel, if that shows the app. */
function addressBeside(): string | null {
  const beside = here.value?.addresses[0] ?? null;
  return beside !== null && siteOfApp(beside) !== null && new URL(beside).pathname.endsWith("/library.html")
    ? beside
    : null;
}

/** Show whether the permission for the site is kept already. */
async function look(): Promise<void> {
  const site = siteOfApp(address.value);
  isKept.value = site !== null && (await isAllowed(site));
}

/** What was kept is given back as soon as the person wants that. */
async function keep(isWanted: boolean): Promise<void> {
  isKept.value = isWanted;
  const site = siteOfApp(address.value);
  if (isWanted || site === null || !(await isAllowed(site))) return;
  await giveBack(site);
  permission.value = `The permission for ${site} was given back.`;
}

/** Hand over; called by a click, or the browser does not ask. */
async function join(role: Role): Promise<void> {
  const place = address.value.trim();
  const site = siteOfApp(place);
  permission.value = "";
  if (site === null) return fail("give the app’s address: it begins with https://, or with http:// on this machine");
  const stop = new AbortController();
  const onStep = (step: Step) => {
    progress.value = { name: "going", step, stop };
  };
  onStep({ name: "asking" });
  try {
    localStorage.setItem(ADDRESS, place);
    const end = { stop: stop.signal, onStep };
    const intake = await withSite(site, { isKept: isKept.value }, () => between(role, place, site, end));
    if (intake === null) return fail(`without the permission for ${site} nothing is handed over`);
    progress.value = { name: "done", role, intake };
    if (role === "take") say(`${counted(intake.added)} added from the app`, { canUndo: intake.isChange });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    fail(error.message);
  }
  permission.value = `The permission for ${site} ${isKept.value ? "is kept" : "was given back"}.`;
}

async function between(
  role: Role,
  place: string,
  site: string,
  end: { readonly stop: AbortSignal; onStep(step: Step): void },
): Promise<Intake> {
  const { line, close } = await connect(await tabOfApp(place, end.stop), site);
  try {
    line.send({ type: role === "give" ? "take" : "give" });
    return await handOver(role, { line, ...end });
  } finally {
    close();
  }
}

function fail(why: string): void {
  progress.value = { name: "failed", why };
}
