/** The browser extension asks this page for its library, or brings its own: a line above the list says so. */

import { signal } from "@preact/signals";
import type { Intake } from "../library/index.ts";
import { Report } from "./bring.tsx";
import { handOver, type Step, sentenceOf } from "./hand_over.ts";
import { HAND_OVER, Line } from "./line.ts";
import { forgetParcels } from "./parcel.ts";
import { complain, counted, say } from "./state.ts";
import { Cross } from "./tags.tsx";
import { withoutTurns } from "./turns.ts";

type Role = "give" | "take";

type Progress =
  | { readonly name: "idle" }
  | { readonly name: "going"; readonly role: Role; readonly step: Step; readonly stop: AbortController }
  | { readonly name: "done"; readonly role: Role; readonly intake: Intake }
  | { readonly name: "failed"; readonly why: string };

const progress = signal<Progress>({ name: "idle" });

/**
 * Let the extension hand over from now on. It speaks through this very window, as no page of another site can; what a
 * script of this site could say here, it could do to the library without.
 */
export function listenForHandOver(): void {
  document.documentElement.dataset[HAND_OVER.mark] = HAND_OVER.version;
  forgetParcels().catch(complain);
  addEventListener("message", ({ source, origin, data, ports: [port] }: MessageEvent<unknown>) => {
    if (source !== window || origin !== location.origin || data !== HAND_OVER.hello || port === undefined) return;
    if (progress.value.name !== "going") void answer(port);
    else port.postMessage({ type: "failed", why: "a hand-over is going on in that tab: wait until it is done" });
  });
}

async function answer(port: MessagePort): Promise<void> {
  const line = new Line((said) => port.postMessage(said));
  const stop = new AbortController();
  port.onmessage = ({ data }) => {
    if (data === null) line.cut("the panel of the extension was closed");
    else line.receive(data);
  };
  try {
    const { type: role } = await line.next("give", "take");
    const onStep = (step: Step) => {
      progress.value = { name: "going", role, step, stop };
    };
    onStep({ name: "asking" });
    const intake = await handOver(role, { line, stop: stop.signal, onStep });
    progress.value = { name: "done", role, intake };
    if (role === "take") say(`${counted(intake.added)} added from the extension`, { canUndo: intake.isChange });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    progress.value = { name: "failed", why: error.message };
  } finally {
    port.close();
  }
}

/** What goes on between this library and that of the extension, until the person has seen it. */
export function Handed() {
  const now = progress.value;
  if (now.name === "idle") return null;
  const close = () => {
    progress.value = { name: "idle" };
  };
  return (
    <section class="handed" aria-label="Hand-over to and from the extension">
      {now.name === "going" && (
        <p>
          <span role="status">
            {now.role === "take" ? "From the extension" : "To the extension"}. {sentenceOf(now.step)}
          </span>{" "}
          <button type="button" onClick={() => now.stop.abort()}>
            Stop
          </button>
        </p>
      )}
      {now.name === "done" && (
        <Report from={now.role === "take" ? "From the extension" : "Into the extension"} intake={now.intake} />
      )}
      {now.name === "failed" && (
        <p class="failure" role="alert">
          The hand-over with the extension ended: <bdi>{withoutTurns(now.why)}</bdi>
        </p>
      )}
      {now.name !== "going" && (
        <button type="button" class="icon" aria-label="Close" onClick={close}>
          <Cross />
        </button>
      )}
    </section>
  );
}
