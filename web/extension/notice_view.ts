/** What a notice says goes in, its elements come out; what a person does with them is told, what a script does is not. */

import type { CutoutTag, Kind } from "../library/index.ts";
import theme from "../theme.css";
import type { Shown, Tags } from "./messages.ts";
import style from "./notice.css";

/** What a person can do. */
export interface Doings {
  close(): void;
  open(): void;
  takeBack(): void;
  tag(name: string): void;
  untag(name: string): void;
  /** Pointer or focus came: the notice stays. */
  hold(by: "pointer" | "focus"): void;
  letGo(by: "pointer" | "focus"): void;
}

/** The notice in the page. */
export interface View {
  focus(): void;
  /** Let all be seen through, with what has the focus in it. */
  fade(isFaded: boolean): void;
  showTags(tags: Tags): void;
  /** Replace all that can be done by a sentence. */
  say(sentence: string): void;
  complain(sentence: string): void;
  remove(): void;
}

/** Put a notice into the page. */
export function drawn(shown: Shown, doings: Doings): View {
  const host = document.createElement("div");
  const isRightToLeft = getComputedStyle(document.documentElement).direction === "rtl";
  if (isRightToLeft) host.dataset.side = "left"; // away from where reading begins
  const root = host.attachShadow({ mode: "closed" });
  dress(root);
  const parts = partsOf(shown, doings);
  root.append(parts.box);
  // Beside an open modal dialog all else is dead: it goes where the person can reach it.
  ([...document.querySelectorAll("dialog:modal")].at(-1) ?? document.documentElement).append(host);
  raise(host);
  // What hears pages hears what changes in a status that is there already.
  requestAnimationFrame(() => {
    parts.word.textContent = wordOf(shown);
    parts.title.textContent = shown.name === "saved" ? shown.title : shown.why;
    parts.lacks.textContent = shown.name === "saved" ? shown.lacks : "";
  });
  holdWhileUsed(parts.box, doings);
  return viewOf(host, parts, doings);
}

/** What was saved is named: what was selected or played where the extension may not look is not what it saved. */
function wordOf(shown: Shown): string {
  if (shown.name === "failed") return "Not saved";
  return shown.lacks === "" ? `Saved the ${THINGS[shown.kind]}` : "Saved in part";
}
const THINGS: Readonly<Record<Kind, string>> = { text: "selection", page: "page", image: "image", video: "moment" };

interface Parts {
  readonly box: HTMLElement;
  readonly word: HTMLElement;
  readonly title: HTMLElement;
  readonly lacks: HTMLElement;
  readonly tags: HTMLElement;
  readonly hint: HTMLElement;
  /** What goes when there is nothing left to change. */
  readonly changing: readonly HTMLElement[];
}

function partsOf(shown: Shown, doings: Doings): Parts {
  const box = element("section", { class: `notice ${shown.name}`, "aria-label": "Cutouts", tabindex: "-1" });

  const word = element("span", { class: "word", role: "status" });
  const title = element("p", { class: "title", dir: "auto", role: "status" });
  const undo = button("Undo", () => doings.takeBack());
  const close = button("×", () => doings.close(), { class: "close", "aria-label": "Close" });
  const head = element("div", { class: "head" }, mark(), word, ...(shown.name === "saved" ? [undo] : []), close);
  const lacks = element("p", { class: "soft", role: "status" });
  const tags = element("ul", { class: "tags", "aria-label": "Tags" });
  const hint = element("p", { class: "soft", role: "status" });
  box.append(head, title, lacks);
  if (shown.name === "failed") return { box, word, title, lacks, tags, hint, changing: [] };
  hint.textContent = "Reading it for tags…";
  const foot = footOf(doings);
  box.append(tags, hint, foot);
  return { box, word, title, lacks, tags, hint, changing: [undo, lacks, tags, foot] };
}

/** The sign of the app, so that it is plain who speaks: its icon, as elements, since a page may forbid markup as text. */
function mark(): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  for (const [fill, d] of MARK) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("fill", fill);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
const SVG = "http://www.w3.org/2000/svg";
const MARK = [
  ["#2b45d4", "M4 4h17l7 7v17H4z"],
  ["#f9f5ec", "M10 14a6 6 0 0 1 10.6-3.8l-2.5 2.1a2.8 2.8 0 1 0 0 7.4l2.5 2.1A6 6 0 0 1 10 18z"],
  ["#f0714a", "M21 4v7h7z"],
] as const;

/** A field for a tag, and the way to everything. */
function footOf(doings: Doings): HTMLElement {
  const field = element("input", {
    type: "text",
    placeholder: "Add a tag",
    "aria-label": "Add a tag",
    maxlength: "100",
  });
  field.setAttribute("autocomplete", "off");
  field.dir = "auto";
  trusted(field, "keydown", (event) => {
    event.stopPropagation(); // a letter typed here is no shortcut of the page
    if (event.key === "Escape") doings.close();
    const name = field.value.trim();
    if (event.key !== "Enter" || event.isComposing || name === "") return;
    field.value = "";
    doings.tag(name);
  });
  return element(
    "div",
    { class: "foot" },
    field,
    button("Open Cutouts", () => doings.open()),
  );
}

function viewOf(host: HTMLElement, { box, word, title, tags, hint, changing }: Parts, doings: Doings): View {
  return {
    focus: () => box.focus(),
    fade: (isFaded) => host.toggleAttribute("data-faded", isFaded),
    remove: () => host.remove(),
    complain: (sentence) => {
      hint.textContent = sentence;
    },
    say: (sentence) => {
      const hadFocus = box.matches(":focus-within");
      word.textContent = sentence;
      title.classList.add("soft");
      hint.remove();
      for (const part of changing) part.remove();
      if (hadFocus) box.focus();
    },
    showTags: ({ tags: all, isRead }) => {
      hint.textContent = all.length > 0 ? "" : isRead ? "No tags yet" : "Tags come when it was read";
      const hadFocus = tags.matches(":focus-within");
      tags.replaceChildren(...all.map((tag) => chip(tag, doings)));
      if (hadFocus) (tags.querySelector("button") ?? box).focus();
    },
  };
}

function chip({ name, origin, probability }: CutoutTag, doings: Doings): HTMLElement {
  const isOwn = origin === "person";
  const sure = isOwn || probability === null ? [] : [element("span", { class: "sure" }, percent(probability))];
  const label = element("span", { class: "name", dir: "auto" }, name);
  const remove = button("×", () => doings.untag(name), { class: "take", "aria-label": `Remove ${name}` });
  return element("li", { class: isOwn ? "tag own" : "tag" }, label, ...sure, remove);
}

function percent(probability: number): string {
  return `${Math.round(probability * 100)}\u00a0%`;
}

/** Above whatever the page puts on top; where the browser has no such layer, above most. */
function raise(host: HTMLElement): void {
  if (typeof host.showPopover !== "function") return;
  host.popover = "manual";
  host.showPopover();
}

/**
 * Give the notice its style: by no element or attribute, which a page's policy may forbid. Firefox lets no extension do
 * that (its bug 1751346). There it is a file of the extension's own, which the policy of the page is not asked about; the
 * notice is unseen until that is read, since `:host` is what shows it.
 */
function dress(root: ShadowRoot): void {
  const text = theme.replaceAll(":root", ".notice") + style;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  try {
    root.adoptedStyleSheets = [sheet];
  } catch {
    const href = URL.createObjectURL(new Blob([text], { type: "text/css" }));
    const link = element("link", { rel: "stylesheet", href });
    link.addEventListener("load", () => URL.revokeObjectURL(href));
    (root.host as HTMLElement).hidden = true;
    root.append(link);
  }
}

function holdWhileUsed(box: HTMLElement, { hold, letGo }: Doings): void {
  trusted(box, "pointerenter", () => hold("pointer"));
  trusted(box, "pointerleave", () => letGo("pointer"));
  trusted(box, "focusin", () => hold("focus"));
  trusted(box, "focusout", () => letGo("focus"));
}

/** Listen to what a person does: an event that a script made says so. */
function trusted<Name extends keyof HTMLElementEventMap>(
  to: HTMLElement,
  name: Name,
  act: (event: HTMLElementEventMap[Name]) => void,
): void {
  to.addEventListener(name, (event) => {
    if (event.isTrusted) act(event);
  });
}

function button(words: string, act: () => void, attributes: Record<string, string> = {}): HTMLElement {
  const made = element("button", { type: "button", ...attributes }, words);
  trusted(made, "click", act);
  return made;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  ...children: (Element | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
