// What is typed in, tags and probabilities on the page out; the models are tagger.js's matter.

import { loadTagger } from "./tagger.js";

const PAUSE_MS = 150; // without a key, before a text is tagged
const SHOWN = 6; // labels with their probability

const part = (id) => document.getElementById(id);
let tagger = null;
let latest = 0; // the number of the newest question; older answers are not shown
let timer = 0;

async function start() {
  part("failure").hidden = true;
  part("loading").hidden = false;
  part("stage").textContent = "Starting"; // a page that was opened as a file does not get here
  try {
    tagger = await loadTagger({ onProgress: showProgress });
  } catch (error) {
    fail(error);
    return;
  } finally {
    part("loading").hidden = true;
  }
  part("name").textContent = tagger.name;
  document.title = tagger.name;
  part("note").hidden = tagger.notKept === null;
  part("note").textContent = `Not kept for the next visit: ${tagger.notKept}`;
  await answer();
}

function showProgress({ stage, loaded, total }) {
  const names = { downloading: "Downloading the model", checking: "Comparing with Python" };
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const of = stage === "downloading" ? `, ${megabytes(loaded)} of ${megabytes(total)} MB` : "";
  part("stage").textContent = names[stage] + of;
  if (stage === "downloading") part("progress").value = loaded / total;
  else part("progress").removeAttribute("value");
}

function fail(error) {
  console.error(error);
  part("complaint").textContent = error.message;
  part("failure").hidden = false;
}

async function answer() {
  const text = part("text").value;
  const question = ++latest;
  if (tagger === null) return;
  if (text.trim() === "") {
    show([], [], "Tags appear here as you type.");
    return;
  }
  try {
    const { tags, probabilities } = await tagger.tag(text);
    if (question !== latest) return;
    const named = tagger.labels.map(({ name }, label) => ({ name, p: probabilities[label] }));
    named.sort((a, b) => b.p - a.p);
    show(tags, named.slice(0, SHOWN), tags.length > 0 ? "" : "None of these labels.");
    part("spoken").textContent = tags.length > 0 ? `Tagged ${tags.join(", ")}, ${percent(named[0].p)}` : "No tag";
  } catch (error) {
    fail(error);
  }
}

function show(tags, labels, said) {
  part("tags").replaceChildren(...tags.map((tag) => element("li", tag)));
  part("said").textContent = said;
  part("labels").replaceChildren(...labels.map(row));
  if (labels.length === 0) part("spoken").textContent = "";
}

function row({ name, p }) {
  const bar = element("span", "", "bar");
  bar.style.setProperty("--share", p);
  const item = element("li", "");
  item.append(element("span", name, "label"), element("span", percent(p), "percent"), bar);
  return item;
}

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text; // never as HTML: labels come from a corpus
  made.className = kind;
  return made;
}

const percent = (p) => `${(100 * p).toFixed(1)}%`;

part("text").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(answer, PAUSE_MS);
});
part("again").addEventListener("click", start);
start();
