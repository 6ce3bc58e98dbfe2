/** The state goes in; tags with their probabilities come out, or the progress, or what went wrong. */

import type { Manifest, Progress, Tagging } from "../runtime/index.ts";
import { make } from "./elements.ts";
import { bytes, percent } from "./format.ts";
import type { State } from "./store.ts";

const FEW = 6; // labels shown with their probabilities
const MANY = 30; // labels shown before anything is typed

/** What a person can do in this part of the page. */
export interface Actions {
  retry(): void;
  showAll(all: boolean): void;
}

/** Return what stands under "Tags". */
export function result(state: State, actions: Actions): HTMLElement[] {
  const { loading, tagging, text } = state;
  if (loading.phase === "loading") return [progressOf(loading.progress)];
  if (loading.phase === "failed") return [failure(loading.message, actions)];
  if (text.trim() === "" || tagging === undefined) {
    return [make("p", { class: "hint" }, "Tags appear here as you type."), known(loading.manifest)];
  }
  return [chosen(tagging), bars(loading.manifest, tagging, state.allLabels, actions)];
}

/** Return one sentence for people who hear the page. */
export function spoken({ loading, tagging, text }: State): string {
  if (loading.phase === "failed") return "";
  if (loading.phase === "loading") return "Loading the model";
  if (text.trim() === "" || tagging === undefined) return "The model is ready";
  if (tagging.tags.length === 0) return "No label is sure enough";
  return `Tagged ${tagging.tags.map(({ label, probability }) => `${label}, ${percent(probability)}`).join("; ")}`;
}

const STAGES: Readonly<Record<Progress["stage"], string>> = {
  manifest: "Asking for the model",
  download: "Downloading",
  check: "Checking what was kept",
  prepare: "Preparing",
  "self-test": "Comparing with Python's answers",
};

function progressOf({ stage, bytes: done, totalBytes }: Progress): HTMLElement {
  const bar = make("progress", { max: "1", "aria-label": "Loading the model" });
  if (totalBytes > 0) bar.value = done / totalBytes;
  const size = totalBytes > 0 ? ` ${bytes(done)} of ${bytes(totalBytes)}` : "";
  return make("div", { class: "progress" }, make("p", {}, `${STAGES[stage]}${size}`), bar);
}

function failure(message: string, { retry }: Actions): HTMLElement {
  const again = make("button", { type: "button", class: "primary" }, "Try again");
  again.addEventListener("click", retry);
  return make(
    "div",
    { class: "failure", role: "alert" },
    make("p", { class: "verdict" }, "The model could not be loaded."),
    make("p", {}, message),
    again,
  );
}

/** Return the labels that the model can give, so that a person knows what to type. */
function known({ labels }: Manifest): HTMLElement {
  const list = make("ul", { class: "known", "aria-label": "Labels of this model" });
  for (const { name } of labels.slice(0, MANY)) list.append(make("li", { dir: "auto" }, name));
  if (labels.length > MANY) list.append(make("li", { class: "rest" }, `and ${labels.length - MANY} more`));
  return list;
}

function chosen({ tags }: Tagging): HTMLElement {
  if (tags.length === 0) {
    return make("p", { class: "none" }, make("strong", {}, "None of these."), " No label reaches its threshold.");
  }
  const list = make("ul", { class: "tags", "aria-label": "Chosen" });
  for (const { label } of tags) list.append(make("li", { dir: "auto" }, label));
  return list;
}

/** Return labels by probability; a line across each bar shows the threshold. */
function bars(manifest: Manifest, { probabilities, tags }: Tagging, all: boolean, { showAll }: Actions): HTMLElement {
  const order = manifest.labels
    .map((_, i) => i)
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
  const given = new Set(tags.map(({ label }) => label));
  const list = make("ol", { class: "bars", "aria-label": "Probabilities" });
  for (const i of all ? order : order.slice(0, FEW)) {
    const { name = "", threshold = 1 } = manifest.labels[i] ?? {};
    list.append(bar(name, probabilities[i] ?? 0, threshold, given.has(name)));
  }
  const rule = manifest.multiple
    ? "Each label whose bar reaches its line is given."
    : "The first label is given if its bar reaches its line.";
  const legend = make("p", { class: "legend" }, rule);
  if (manifest.labels.length <= FEW) return make("div", {}, list, legend);
  const words = all ? "Fewer labels" : `All ${manifest.labels.length} labels`;
  const more = make("button", { type: "button", class: "more", "aria-expanded": String(all) }, words);
  more.addEventListener("click", () => showAll(!all));
  return make("div", {}, list, legend, more);
}

function bar(name: string, probability: number, threshold: number, given: boolean): HTMLElement {
  const track = make(
    "span",
    { class: "track", "aria-hidden": "true" },
    make("span", { class: "fill" }),
    make("span", { class: "threshold" }),
  );
  track.style.setProperty("--share", String(probability));
  track.style.setProperty("--threshold", String(threshold));
  return make(
    "li",
    { class: given ? "bar given" : "bar" },
    make("span", { class: "label", dir: "auto" }, name),
    make("span", { class: "percent" }, percent(probability)),
    track,
  );
}
