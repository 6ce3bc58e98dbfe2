/** XML goes in, rows come out: Pinboard's <post>, and the items of RSS, RDF and Atom feeds.
 *
 * Attributes of <post> as Pinboard's API writes them (href, description, extended, tag, time); elements as in RSS 2.0,
 * RSS 1.0 with Dublin Core (Pinboard's and Delicious' feeds: the person's note in <description>, tags in <dc:subject>)
 * and Atom (RFC 4287).
 */

import { finish, skip } from "./drafts.ts";
import type { Field, Row, RowReader } from "./incoming.ts";
import { type Attributes, Markup, type MarkupListener } from "./markup.ts";
import { htmlToText } from "./plain.ts";
import { LIMITS } from "./text.ts";

const ATTRIBUTES = new Set(["href", "description", "extended", "tag", "time", "rel", "term", "rdf:about", "type"]);

/** What each element of an item says; of two that say the same, the first that is not empty counts. */
const PARTS: Readonly<Record<string, Part>> = {
  title: "title",
  link: "address",
  description: "note",
  "content:encoded": "body",
  content: "body",
  summary: "note",
  "dc:subject": "tags",
  category: "category",
  "dc:date": "created",
  pubdate: "created",
  published: "created",
  updated: "updated",
};

type Part = "title" | "address" | "note" | "body" | "tags" | "category" | "created" | "updated";

interface Item {
  readonly values: Map<Part, string>;
  readonly tags: string[];
  about: string;
}

const MAX_PART = 4 * LIMITS.body;

export class FeedReader implements RowReader, MarkupListener {
  private readonly markup = new Markup(this, { isXml: true, attributes: ATTRIBUTES });
  private rows: Row[] = [];
  private count = 0;
  private item: Item | undefined;
  /** The element that is being read, and its text so far. */
  private element: { name: string; depth: number; text: string; isCut: boolean } | undefined;
  private isRdf = false;
  /** An entry's <source> or <media:group> has titles and links of its own. */
  private foreign: { name: string; depth: number } | undefined;

  write(text: string): Row[] {
    this.markup.write(text);
    return this.taken();
  }

  end(): Row[] {
    const unfinished = this.markup.end();
    this.flush();
    if (unfinished === "post" || unfinished === "item" || unfinished === "entry") {
      this.rows.push(skip(this.count + 1, "the file ends within this item: export it again", ""));
    }
    return this.taken();
  }

  open(name: string, attributes: Attributes): void {
    if (name === "rdf:rdf") this.isRdf = true;
    if (name === "post") this.post(attributes);
    else if (name === "item" || name === "entry") {
      this.flush();
      this.item = { values: new Map(), tags: [], about: attributes.get("rdf:about") ?? "" };
    } else if (this.foreign !== undefined) {
      if (name === this.foreign.name) this.foreign.depth += 1;
    } else if (this.element !== undefined) {
      if (name === this.element.name) this.element.depth += 1;
    } else if (this.item !== undefined) this.openPart(this.item, name, attributes);
  }

  close(name: string): void {
    if (name === "item" || name === "entry") this.flush();
    else if (name === this.foreign?.name) {
      this.foreign.depth -= 1;
      if (this.foreign.depth === 0) this.foreign = undefined;
    } else if (name === this.element?.name) {
      this.element.depth -= 1;
      if (this.element.depth === 0) this.closePart();
    }
  }

  text(text: string): void {
    const { element } = this;
    if (element === undefined) return;
    if (element.text.length < MAX_PART) element.text += text;
    else element.isCut = true;
  }

  private openPart(item: Item, name: string, attributes: Attributes): void {
    if (name === "source" || name === "media:group") this.foreign = { name, depth: 1 };
    if (!Object.hasOwn(PARTS, name)) return;
    const href = name === "link" ? attributes.get("href") : undefined;
    // Atom has links to comments, enclosures and the feed itself beside that to the page.
    if (href !== undefined && (attributes.get("rel") ?? "alternate") === "alternate") put(item, "address", href);
    const term = name === "category" ? attributes.get("term") : undefined;
    if (term !== undefined) item.tags.push(term);
    this.element = { name, depth: 1, text: "", isCut: false };
  }

  private closePart(): void {
    const { item, element } = this;
    this.element = undefined;
    if (item === undefined || element === undefined) return;
    const part = PARTS[element.name];
    if (part === "category") item.tags.push(element.text);
    else if (part === "tags") item.tags.push(...(this.isRdf ? element.text.split(/\s/) : [element.text]));
    else if (part !== undefined) put(item, part, element.text);
  }

  private post(attributes: Attributes): void {
    this.flush();
    this.count += 1;
    this.rows.push(
      finish({
        row: this.count,
        title: attributes.get("description"),
        note: attributes.get("extended"),
        address: attributes.get("href"),
        tags: attributes.get("tag")?.split(" "),
        created: attributes.get("time"),
      }),
    );
  }

  private flush(): void {
    this.closePart();
    this.foreign = undefined;
    const { item } = this;
    if (item === undefined) return;
    this.item = undefined;
    this.count += 1;
    const cut = new Set<Field>();
    const plain = (part: "body" | "note", field: "body" | "note"): string => {
      const { text, isCut } = htmlToText(item.values.get(part) ?? "", LIMITS[field]);
      if (isCut) cut.add(field);
      return text;
    };
    // In a feed of bookmarks the description is what the person wrote, in any other it is the page's.
    const description = plain("note", this.isRdf ? "note" : "body");
    const content = plain("body", "body");
    this.rows.push(
      finish({
        row: this.count,
        title: item.values.get("title"),
        body: content !== "" || this.isRdf ? content : description,
        note: this.isRdf ? description : "",
        address: item.values.get("address") ?? item.about,
        tags: item.tags,
        created: item.values.get("created") ?? item.values.get("updated"),
        cut,
      }),
    );
  }

  private taken(): Row[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }
}

function put(item: Item, part: Part, text: string): void {
  if (!item.values.has(part) && text.trim() !== "") item.values.set(part, text);
}
