/**
 * A cutout's address and anchor go in, the address that leads to its place comes out; and back, for moments of videos.
 *
 * Passages: text fragments (https://wicg.github.io/scroll-to-text-fragment/). Moments: `t` of YouTube and Vimeo, and
 * media fragments (https://www.w3.org/TR/media-frags/) for a plain video file.
 */

import { checkedAnchor } from "./anchor.ts";
import type { Anchor, Cutout } from "./cutout.ts";

const EXACT = 200; // characters of a passage that is named whole; of a longer one, its beginning and its end are
const EDGE = 80; // characters of such a beginning or end
const AROUND = 160; // characters of what stands before and after; who saves a passage gives as many as tell it from others

/** Return the address to open for a cutout, or null when it leads to no page of the web: a script is never opened. */
export function placeOf({ address, anchor }: Pick<Cutout, "address" | "anchor">): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const place = checkedAnchor(anchor).anchor ?? {}; // a library may be a stranger's
  if (place.start !== undefined && setMoment(url, place.start, place.end)) return url.href;
  const directive = textDirective(place);
  if (directive === null) return address;
  url.hash = `${url.hash.split(":~:")[0]}:~:text=${directive}`;
  return url.href;
}

/** Return the second to which the address of `placeOf` leads, or null where it leads to no moment. */
export function momentOf({ address, anchor }: Pick<Cutout, "address" | "anchor">): number | null {
  const { start } = checkedAnchor(anchor).anchor ?? {};
  if (start === undefined || !URL.canParse(address) || videoSite(new URL(address)) === null) return null;
  return Math.floor(start);
}

/** Return whether the address of `placeOf` leads to the place by itself, as it does where there is none on the page. */
export function isNamed({ address, anchor }: Pick<Cutout, "address" | "anchor">): boolean {
  const place = checkedAnchor(anchor).anchor ?? {};
  if (!URL.canParse(address)) return true; // it is not opened at all
  if (place.start !== undefined && videoSite(new URL(address)) !== null) return true;
  const isPassage = (place.text ?? "") !== "";
  if (isPassage && place.isInFrame !== true && textDirective(place) !== null) return true;
  return !isPassage && place.start === undefined;
}

/** Return the moment that an address of a video names, or null. */
export function momentIn(address: string): Anchor | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const site = videoSite(url);
  if (site === null) return null;
  const named = new URLSearchParams(url.hash.slice(1)).get("t");
  const [start = "", end = ""] = (url.searchParams.get(site.parameter ?? "") ?? named ?? "").split(",");
  const range = { start: secondsOf(start) ?? 0, end: end === "" ? undefined : secondsOf(end) };
  const { anchor } = checkedAnchor(range.end === undefined ? { start: range.start } : range);
  return anchor?.start === 0 && anchor.end === undefined ? null : anchor; // from its beginning on: the whole video
}

/** Return the anchor of a cutout whose address was changed: a moment that either address names is that of the new one. */
export function movedAnchor({ address, anchor }: Pick<Cutout, "address" | "anchor">, to: string): Anchor | null {
  const named = momentIn(to);
  if (named === null && momentIn(address) === null) return anchor;
  const { start: _, end: __, ...words } = anchor ?? {};
  const moved = { ...words, ...named };
  return Object.keys(moved).length === 0 ? null : moved;
}

/** Where a site of videos looks for the moment: in a parameter of the query, else in the fragment as `t`. */
interface VideoSite {
  readonly parameter?: string;
  readonly isFile?: boolean;
}

function videoSite({ protocol, hostname, pathname }: URL): VideoSite | null {
  if (protocol !== "http:" && protocol !== "https:") return null;
  const host = hostname.replace(/^(?:www|m|music|player)\./, "");
  if (host === "youtu.be" && pathname.length > 1) return { parameter: "t" };
  if (host === "youtube.com" || host === "youtube-nocookie.com") {
    if (/^\/(?:watch$|live\/|shorts\/)/.test(pathname)) return { parameter: "t" };
    return pathname.startsWith("/embed/") ? { parameter: "start" } : null;
  }
  if (host === "vimeo.com") return /\/\d/.test(pathname) ? {} : null;
  return /\.(?:mp4|m4v|webm|ogv|mov)$/i.test(pathname) ? { isFile: true } : null;
}

/** Let the address lead to a moment, in place of one that it names; return whether its site takes that. */
function setMoment(url: URL, start: number, end: number | undefined): boolean {
  const site = videoSite(url);
  if (site === null) return false;
  const whole = `${Math.floor(start)}`; // sites read whole seconds
  if (site.isFile) url.hash = end === undefined ? `t=${start}` : `t=${start},${end}`;
  else if (site.parameter === undefined) url.hash = `t=${whole}`;
  else {
    url.searchParams.set(site.parameter, whole);
    if (new URLSearchParams(url.hash.slice(1)).has("t")) url.hash = "";
  }
  return true;
}

/** Return the seconds of `62`, `62.5s`, `1m2s` or `0:01:02`, or undefined. */
export function secondsOf(written: string): number | undefined {
  const text = written.replace(/^npt:/, "").slice(0, 40);
  const parts =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text) ?? /^(?:(\d+):)?(\d\d?):(\d\d(?:\.\d+)?)$/.exec(text);
  if (parts === null || text === "") return undefined;
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as [number, number, number];
  return hours * 3600 + minutes * 60 + seconds;
}

/** Return `before-,text,-after` or `before-,beginning,end,-after`, or null when there are no words to look for. */
function textDirective({ text = "", before = "", after = "" }: Anchor): string | null {
  const lines = linesOf(text);
  const [first = "", last = ""] = [lines[0], lines.at(-1)];
  // A browser looks for each part within one paragraph: several lines are named by their edges.
  const isWhole = lines.length === 1 && first.length <= EXACT;
  const parts = isWhole ? [first] : [beginningOf(first, EDGE), endOf(last, EDGE)];
  if (parts.includes("")) return null;
  const prefix = endOf(linesOf(before).at(-1) ?? "", AROUND);
  const suffix = beginningOf(linesOf(after)[0] ?? "", AROUND);
  return [
    ...(prefix === "" ? [] : [`${encoded(prefix)}-`]),
    ...parts.map(encoded),
    ...(suffix === "" ? [] : [`-${encoded(suffix)}`]),
  ].join(",");
}

/** Return the lines that hold words, white space in them as a page shows it. */
function linesOf(text: string): string[] {
  return text
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
}

/** Where a line may be cut: a browser looks for whole words. */
const BETWEEN_WORDS = /\s|(?<=[、。，．！？；：])/u;

/** Return at most `most` characters of a line's beginning, whole words only; nothing when the first one is longer. */
function beginningOf(line: string, most: number): string {
  if (line.length <= most) return line;
  const words = line.slice(0, most + 1).split(BETWEEN_WORDS);
  return line.slice(0, most + 1 - (words.at(-1)?.length ?? 0)).trim();
}

/** Return at most `most` characters of a line's end, whole words only; nothing when the last one is longer. */
function endOf(line: string, most: number): string {
  if (line.length <= most) return line;
  const words = line.slice(-most - 1).split(BETWEEN_WORDS);
  return line.slice(words.length === 1 ? line.length : line.length - most - 1 + (words[0]?.length ?? 0)).trim();
}

/** Return words as a text directive has them: `-`, `,` and `&` mean something in it. */
function encoded(words: string): string {
  return encodeURIComponent(words.toWellFormed()).replaceAll("-", "%2D");
}
