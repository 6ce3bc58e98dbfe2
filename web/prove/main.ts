/** Texts come from the local server, this browser's answers go back to it, and its verdict is shown. */

import { type Inspection, loadBundle } from "../runtime/index.ts";

interface Task {
  readonly texts: readonly string[];
  readonly bundle: string;
  readonly batch: number;
}

interface Verdict {
  readonly passed: boolean;
  readonly message: string;
}

const WARM_UP_TEXTS = 50;

try {
  show(await prove());
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  show({ passed: false, message: `${name}: ${message}` });
  await post("failed", { name, message });
}

/** Answer every text and return the server's verdict. */
async function prove(): Promise<Verdict> {
  const task = (await (await check(await fetch("texts"))).json()) as Task;
  const start = performance.now();
  const tagger = await loadBundle(task.bundle, {
    onProgress: ({ stage, bytes, totalBytes }) =>
      progress(`Loading the bundle: ${stage}`, totalBytes === 0 ? 0 : bytes / totalBytes),
  });
  const load_milliseconds = performance.now() - start;
  await tagger.inspect(task.texts.slice(0, tagger.manifest.encoder.kind === "static" ? WARM_UP_TEXTS : 3)); // so that times are typical
  for (let from = 0; from < task.texts.length; from += task.batch) {
    progress(`Answering text ${from + 1} of ${task.texts.length}`, from / task.texts.length);
    const answers = await tagger.inspect(task.texts.slice(from, from + task.batch));
    await post("answers", { from, load_milliseconds, answers: answers.map(plain) });
  }
  progress("Comparing with Python", 1);
  const answer = await post("done", { user_agent: navigator.userAgent, load_milliseconds });
  return (await answer.json()) as Verdict;
}

function plain({ ids, scores, probabilities, tags, milliseconds }: Inspection): object {
  return { ids: [...ids], scores: [...scores], probabilities: [...probabilities], tags, milliseconds };
}

async function post(path: string, body: object): Promise<Response> {
  return check(
    await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );
}

function check(answer: Response): Response {
  if (!answer.ok)
    throw new Error(
      `the proof server answered ${answer.status} to ${new URL(answer.url).pathname}: start the proof again`,
    );
  return answer;
}

function progress(text: string, share: number): void {
  element("status").textContent = text;
  element("progress").setAttribute("value", String(share));
}

function show({ passed, message }: Verdict): void {
  element("status").textContent = message;
  element("progress").hidden = true;
  document.body.dataset.verdict = passed ? "passed" : "failed";
  document.title = passed ? "Cutouts proof: passed" : "Cutouts proof: failed";
}

function element(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}
