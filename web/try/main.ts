/** The page starts here: loads the bundle beside it and tags what is typed. */

import { loadBundle, type Tagger } from "../runtime/index.ts";
import { byId, make } from "./elements.ts";
import { EXAMPLES } from "./examples.ts";
import { facts } from "./facts.ts";
import { type Actions, result, spoken } from "./result.ts";
import { type State, Store } from "./store.ts";

const SPEAK_AFTER_MS = 700; // a person who types hears the answer to a pause, not to each key

const store = new Store({
  loading: { phase: "loading", progress: { stage: "manifest", bytes: 0, totalBytes: 0 } },
  text: "",
  tagging: undefined,
  online: navigator.onLine,
  allLabels: false,
});
const textarea = byId("text", HTMLTextAreaElement);
const actions: Actions = { retry: () => void load(), showAll };
let tagger: Tagger | undefined;
let typing = new AbortController();
let speaking: ReturnType<typeof setTimeout> | undefined;

store.listen(render);
textarea.addEventListener("input", () => type(textarea.value));
addEventListener("online", () => store.set({ online: true }));
addEventListener("offline", () => store.set({ online: false }));
showExamples();
type(textarea.value); // browsers restore what was typed before a reload
void load();

/** Load the bundle; what goes wrong is shown with a way to try again. */
async function load(): Promise<void> {
  const start = { stage: "manifest", bytes: 0, totalBytes: 0 } as const;
  store.set({ loading: { phase: "loading", progress: start } });
  try {
    tagger = await loadBundle(new URL("bundle/", document.baseURI), {
      onProgress: (progress) => store.set({ loading: { phase: "loading", progress } }),
    });
    store.set({ loading: { phase: "ready", manifest: tagger.manifest, report: tagger.report } });
    await tag(store.get().text);
  } catch (error) {
    store.set({ loading: { phase: "failed", message: error instanceof Error ? error.message : String(error) } });
  }
}

function type(text: string): void {
  store.set({ text });
  void tag(text);
}

/** Tag a text; the answer to an older one is not waited for. */
async function tag(text: string): Promise<void> {
  typing.abort();
  typing = new AbortController();
  const { signal } = typing;
  if (tagger === undefined || text.trim() === "") return store.set({ tagging: undefined });
  try {
    store.set({ tagging: await tagger.tag(text, { signal }) });
  } catch (error) {
    if (signal.aborted) return;
    store.set({ loading: { phase: "failed", message: error instanceof Error ? error.message : String(error) } });
  }
}

function showAll(allLabels: boolean): void {
  store.set({ allLabels });
  byId("result", HTMLElement).querySelector<HTMLElement>(".more")?.focus(); // it was drawn anew
}

function showExamples(): void {
  for (const { name, text } of EXAMPLES) {
    const button = make("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      textarea.value = text;
      type(text);
    });
    byId("examples", HTMLElement).append(button);
  }
}

function render(state: State, before: State): void {
  byId("result", HTMLElement).replaceChildren(...result(state, actions));
  byId("facts", HTMLElement).replaceChildren(...facts(state));
  const connection = byId("connection", HTMLElement);
  connection.textContent = state.online ? "" : "Offline. Tagging goes on.";
  if (state.loading !== before.loading) renderLoading(state);
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    const sentence = spoken(store.get());
    const status = byId("spoken", HTMLElement);
    if (status.textContent !== sentence) status.textContent = sentence;
  }, SPEAK_AFTER_MS);
}

function renderLoading({ loading }: State): void {
  if (loading.phase !== "ready") return;
  const { manifest, report } = loading;
  byId("name", HTMLElement).textContent = manifest.name;
  document.title = `${manifest.name} · Cutouts`;
  const warnings = byId("warnings", HTMLElement);
  const offline = report.offline ? ["The server could not be reached: this is the model from an earlier visit."] : [];
  warnings.replaceChildren(...[...offline, ...report.warnings].map((text) => make("li", {}, text)));
  warnings.hidden = warnings.childElementCount === 0;
}
