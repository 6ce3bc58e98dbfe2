/** The list of what was found: only lines in sight are in the page, however many there are. */

import { signal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Hit, Piece } from "../library/index.ts";
import { giveWantedFocus } from "./focus.ts";
import { inLanguage } from "./form.tsx";
import { nearness } from "./host.ts";
import { hitAt, pages } from "./pages.ts";
import { Icon } from "./picture.tsx";
import { active, chosen, found, lookAt, openAt, sought, titleOf } from "./state.ts";
import { TagList } from "./tags.tsx";

const narrow = matchMedia("(max-width: 70rem)"); // as in styles/list.css
const isNarrow = signal(narrow.matches);
narrow.addEventListener("change", ({ matches }) => (isNarrow.value = matches));

const AROUND = 6; // lines drawn above and below those in sight

export function List() {
  const box = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  const line = useSignal(112);
  const { total } = found.value;

  useLayoutEffect(() => {
    const measure = () => {
      height.value = box.current?.clientHeight ?? 600;
      line.value = ruler.current?.offsetHeight ?? 112;
    };
    measure();
    const observer = new ResizeObserver(measure);
    for (const element of [box.current, ruler.current]) if (element) observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(top.value / line.value) - AROUND);
  const last = Math.min(total, Math.ceil((top.value + height.value) / line.value) + AROUND);
  useLayoutEffect(() => {
    void lookAt(first, last); // before any answer is put in place: what is drawn stays, and keeps its focus
  }, [first, last, pages.value]);
  // Before anybody sees the list, and may scroll it. Not for a press: its line would move away from under it.
  useLayoutEffect(() => keepInSight(box.current, active.value, line.value), [sought.value, line.value]);
  useEffect(giveWantedFocus);

  return (
    <div class="list" ref={box} onScroll={({ currentTarget }) => (top.value = currentTarget.scrollTop)}>
      <div class="line ruler" ref={ruler} aria-hidden="true" />
      <ul aria-label="Cutouts" style={{ height: `${total * line.value}px` }}>
        {Array.from({ length: Math.max(0, last - first) }, (_, index) => {
          const place = first + index;
          return <Line key={place} place={place} top={place * line.value} total={total} hit={hitAt(place)} />;
        })}
      </ul>
    </div>
  );
}

function keepInSight(box: HTMLElement | null, place: number, line: number): void {
  if (box === null) return;
  const [top, bottom] = [place * line, (place + 1) * line];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

interface LineProps {
  readonly place: number;
  readonly top: number;
  readonly total: number;
  readonly hit: Hit | undefined;
}

function Line({ place, top, total, hit }: LineProps) {
  const isActive = place === active.value;
  const name = isActive ? "line active" : "line";
  const about = { "aria-setsize": total, "aria-posinset": place + 1, "data-place": place, style: { top: `${top}px` } };
  if (hit === undefined) return <li class={`${name} empty`} {...about} />;
  const { key, site, created, kind, tags, language } = hit;
  // A text without a title is known by its words.
  const [title, snippet] = hit.title.length > 0 ? [hit.title, hit.snippet] : [hit.snippet, []];
  const activate = () => {
    active.value = place;
  };
  return (
    <li class={name} {...about} onPointerDown={activate} onFocusIn={activate}>
      <Choice hitKey={key} title={plain(title) || site} />
      <div class="words">
        <button
          type="button"
          class={snippet.length > 0 ? "title" : "title long"}
          dir="auto"
          {...inLanguage(language)}
          aria-current={isActive ? "true" : undefined}
          onClick={() => openAt(place, "cutout")}
        >
          {title.length > 0 ? <Pieces of={title} /> : site || "Untitled"}
        </button>
        {snippet.length > 0 && (
          <p class="snippet" dir="auto" {...inLanguage(language)}>
            <Pieces of={snippet} />
          </p>
        )}
        <div class="below">
          <span class="source">
            <span class={`kind ${kind}`}>{KIND_NAMES[kind]}</span>
            {site !== "" && <From hit={hit} />}
            <time dateTime={isMoment(created) ? new Date(created).toISOString() : undefined}>{dayOf(created)}</time>
          </span>
          <TagList of={tags} on={key} most={isNarrow.value ? 2 : 3} />
        </div>
      </div>
    </li>
  );
}

/** Where a cutout is from; beside a page, whether from there. */
function From({ hit }: { hit: Hit }) {
  const near = nearness(hit);
  if (near === null) return <Site name={hit.site} icon={hit.icon} />;
  return <strong class="near">{near === "page" ? "This page" : "This site"}</strong>;
}

/** The name of a site, with its icon where that is kept. */
export function Site({ name, icon }: { name: string; icon: string | null }) {
  return (
    <>
      {icon !== null && <Icon sha256={icon} />}
      <bdi>{name}</bdi>
    </>
  );
}

function Choice({ hitKey, title }: { hitKey: string; title: string }) {
  return (
    <label class="choice">
      <span class="unseen">Choose {title || "this cutout"}</span>
      <input
        type="checkbox"
        checked={chosen.value.has(hitKey)}
        onChange={({ currentTarget }) => {
          const next = new Set(chosen.value);
          if (currentTarget.checked) next.add(hitKey);
          else next.delete(hitKey);
          chosen.value = next;
        }}
      />
    </label>
  );
}

export function Pieces({ of }: { of: readonly Piece[] }) {
  return of.map(({ text, isMatch }, place) => (isMatch ? <mark key={place}>{text}</mark> : text));
}

export function plain(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join("");
}

/** Return what the cutout of a line is called in a sentence. */
export function nameOf({ title, snippet, address }: Hit): string {
  return titleOf({ title: plain(title), body: plain(snippet), address });
}

export const KIND_NAMES = { text: "Text", page: "Page", image: "Image", video: "Video" } as const;

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function dayOf(created: number): string {
  return isMoment(created) ? DAY.format(created) : "";
}

/** Whether a number of milliseconds is a moment that there can be, as one from elsewhere may not be. */
function isMoment(created: number): boolean {
  return Math.abs(created) <= 8.64e15;
}
