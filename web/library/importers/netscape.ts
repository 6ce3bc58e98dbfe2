/** Bookmark HTML goes in, bookmarks come out: the format of Netscape that all browsers write, and Pocket's list.
 *
 * Attributes and folders as in Firefox's BookmarkHTMLUtils, Chromium's bookmark_html_writer, Pinboard, Delicious,
 * Shaarli, linkding and Pocket (ril_export.html). The format has no grammar and its files close few elements, so this
 * follows the tags as they come: <H3> names the next <DL>, <DT> or <LI> begins a row, <DD> begins its note.
 */

import { finish, skip } from "./drafts.ts";
import type { Field, Row, RowReader } from "./incoming.ts";
import { type Attributes, Markup, type MarkupListener } from "./markup.ts";
import { cleanLine, LIMITS } from "./text.ts";

/** Attributes of a folder that is the browser's own. */
const ROOT_MARKS = [
  ...["personal_toolbar_folder", "unfiled_bookmarks_folder", "mobile_bookmarks_folder", "bookmarks_menu"],
  "places_root",
];
const ATTRIBUTES = new Set(["href", "add_date", "time_added", "tags", "private", "folded", ...ROOT_MARKS]);

/** Names of a browser's own folders where no attribute marks them, as outermost folders only. */
const ROOT_NAMES = new Set([
  ...["bookmarks bar", "bookmarks menu", "bookmarks toolbar", "other bookmarks", "mobile bookmarks"],
  ...["favorites bar", "other favorites"], // Edge
  ...["lesezeichenleiste", "lesezeichen-menü", "lesezeichen-symbolleiste", "weitere lesezeichen", "mobile lesezeichen"],
  "unlabeled", // Google Bookmarks, for what has no label
  "unsorted", // Raindrop, for what is in no collection
]);

/** Safari's own; a person may call a folder so, but of the folders of other browsers all have a date. */
const SAFARI_NAMES = new Set(["favorites", "favourites", "favoriten", "reading list", "leseliste"]);

/** Elements whose content a browser shows as it stands, so that an unclosed one hides the rest of the file. */
const RAW = new Set(["script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "plaintext"]);
const BLOCKS = new Set(["p", "li", "div", "ul", "ol", "blockquote", "pre", "tr", "br"]);

interface Bookmark {
  readonly row: number;
  readonly attributes: Attributes;
  title: string;
  note: string;
}

type Target = "title" | "note" | "folder" | undefined;

export class NetscapeReader implements RowReader, MarkupListener {
  private readonly markup = new Markup(this, { isXml: false, attributes: ATTRIBUTES });
  private rows: Row[] = [];
  private count = 0;
  private bookmark: Bookmark | undefined;
  /** The person's open folders from the outermost in. */
  private readonly folders: string[] = [];
  /** For each open <DL>, whether it is one of these. */
  private readonly levels: boolean[] = [];
  private heading = "";
  private isRoot = false;
  private isSafari = false;
  private target: Target;
  private readonly cut = new Set<Field>();
  private hasItems = false;
  private raw: { name: string; length: number } | undefined;

  write(text: string): Row[] {
    this.markup.write(text);
    return this.taken();
  }

  end(): Row[] {
    const unfinished = this.markup.end();
    this.flush();
    if (unfinished === "a") {
      this.count += 1;
      this.rows.push(skip(this.count, "the file ends within this bookmark: export it again", ""));
    }
    if (this.raw !== undefined && this.raw.length > 0) {
      const why = `<${this.raw.name}> is never closed and hides the last ${this.raw.length} characters of the file`;
      this.rows.push(skip(this.count + 1, why, ""));
    }
    return this.taken();
  }

  open(name: string, attributes: Attributes): void {
    if (RAW.has(name)) this.raw = { name, length: 0 };
    if (name === "a") this.openLink(attributes);
    else if (name === "dt" || (name === "li" && this.target !== "note")) {
      this.flush();
      this.hasItems = true;
    } else if (name === "dd") this.target = this.bookmark === undefined ? undefined : "note";
    else if (name === "h3") {
      this.flush();
      this.target = "folder";
      this.heading = "";
      this.isRoot = ROOT_MARKS.some((mark) => attributes.has(mark));
      this.isSafari = attributes.has("folded") && !attributes.has("add_date");
    } else if (name === "dl") this.openFolder();
    else if (name === "hr") this.flush();
    else if (BLOCKS.has(name) && this.target === "note") this.text("\n");
  }

  close(name: string): void {
    if (name === this.raw?.name) this.raw = undefined;
    if ((name === "a" && this.target === "title") || (name === "h3" && this.target === "folder")) {
      this.target = undefined;
    } else if (name === "dl") {
      this.flush();
      if (this.levels.pop()) this.folders.pop();
    }
  }

  text(text: string): void {
    if (this.raw !== undefined) this.raw.length += text.length;
    if (this.raw !== undefined && this.raw.name !== "xmp") return;
    if (this.target === "folder") this.heading = this.gathered(this.heading, text, "tags", 10 * LIMITS.tag);
    else if (this.bookmark === undefined || this.target === undefined) return;
    else if (this.target === "title") {
      this.bookmark.title = this.gathered(this.bookmark.title, text, "title", 10 * LIMITS.title);
    } else this.bookmark.note = this.gathered(this.bookmark.note, text, "note", 2 * LIMITS.note);
  }

  /** Return the text so far and more of it, as long as it is not far over the limit. */
  private gathered(before: string, more: string, field: Field, limit: number): string {
    if (before.length <= limit) return before + more;
    this.cut.add(field);
    return before;
  }

  private openLink(attributes: Attributes): void {
    // A link within a note belongs to the note, as in Shaarli's. What has a date is a bookmark although its <DT> is
    // damaged, and in a file without <DT> every link is one.
    if (this.target === "note" && this.hasItems && timeOf(attributes) === undefined) return;
    this.flush();
    this.count += 1;
    this.bookmark = { row: this.count, attributes, title: "", note: "" };
    this.target = "title";
  }

  private openFolder(): void {
    this.flush();
    const name = cleanLine(this.heading);
    const isNamed = (names: ReadonlySet<string>) => this.folders.length === 0 && names.has(name.toLowerCase());
    const isRoot = this.isRoot || isNamed(ROOT_NAMES) || (this.isSafari && isNamed(SAFARI_NAMES));
    const isFolder = name !== "" && !isRoot;
    this.levels.push(isFolder);
    if (isFolder) this.folders.push(name);
    this.heading = "";
    this.isRoot = false;
    this.isSafari = false;
  }

  private flush(): void {
    this.target = undefined;
    const { bookmark } = this;
    if (bookmark === undefined) return;
    this.bookmark = undefined;
    const { row, attributes, title, note } = bookmark;
    const folders = this.folders.slice(0, LIMITS.tags + 1);
    this.rows.push(
      finish({
        row,
        title,
        note,
        address: attributes.get("href"),
        tags: [...folders, ...splitTags(attributes)],
        created: timeOf(attributes),
        cut: this.cut,
      }),
    );
    this.cut.clear();
  }

  private taken(): Row[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }
}

function timeOf(attributes: Attributes): string | undefined {
  return attributes.get("add_date") ?? attributes.get("time_added");
}

/** Return the tags; Shaarli, which writes PRIVATE and allows no space in a tag, parts them by spaces. */
function splitTags(attributes: Attributes): string[] {
  const tags = attributes.get("tags") ?? "";
  return tags.split(attributes.has("private") && !tags.includes(",") ? " " : ",");
}
