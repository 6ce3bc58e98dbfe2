/** HTML of a field goes in, plain text comes out: blocks are lines, scripts, styles and frames are gone. */

import { Markup, type MarkupListener } from "./markup.ts";

const PARAGRAPHS = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table"]);
const LINES = new Set([
  ...["address", "article", "aside", "body", "caption", "dd", "details", "div", "dt", "fieldset", "figcaption"],
  ...["figure", "footer", "form", "header", "hr", "legend", "li", "main", "nav", "option", "section", "summary"],
  ...["tbody", "tfoot", "thead", "tr"],
]);
const CELLS = new Set(["td", "th"]);
const HIDDEN = new Set(["head", "iframe", "noembed", "noframes", "object", "script", "style", "template", "title"]);

const OPTIONS = { isXml: false, attributes: new Set<string>() };
const PIECE = 1 << 16;

/** Return the text of the HTML, at most about `limit` units of it, and whether there was more. */
export function htmlToText(html: string, limit: number): { text: string; isCut: boolean } {
  const plain = new PlainText();
  const markup = new Markup(plain, OPTIONS);
  let at = 0;
  for (; at < html.length && plain.length <= limit; at += PIECE) markup.write(html.slice(at, at + PIECE));
  markup.end();
  return { text: plain.parts.join(""), isCut: at < html.length };
}

class PlainText implements MarkupListener {
  readonly parts: string[] = [];
  length = 0;
  /** Line breaks that come before the next word: one for a line, two for a paragraph. */
  private breaks = 0;
  private isSpaced = false;
  private preDepth = 0;
  private hidden: string | undefined;
  private hiddenDepth = 0;

  open(name: string): void {
    if (this.hidden === "head" && name === "body") this.hidden = undefined;
    if (name === this.hidden) this.hiddenDepth += 1;
    if (this.hidden === undefined && HIDDEN.has(name)) {
      this.hidden = name;
      this.hiddenDepth = 1;
    }
    if (name === "pre") this.preDepth += 1;
    if (name === "br") this.breaks = Math.min(2, this.breaks + 1);
    this.separate(name);
  }

  close(name: string): void {
    if (name === this.hidden) {
      this.hiddenDepth -= 1;
      if (this.hiddenDepth === 0) this.hidden = undefined;
    }
    if (name === "pre" && this.preDepth > 0) this.preDepth -= 1;
    this.separate(name);
  }

  text(text: string): void {
    if (this.hidden !== undefined) return;
    if (this.preDepth > 0) {
      this.add(text);
      return;
    }
    const words = text.trim();
    if (/^\s/.test(text)) this.isSpaced = true;
    if (words === "") return;
    this.add(words.replace(/\s+/g, " "));
    this.isSpaced = /\s$/.test(text.slice(-1));
  }

  private separate(name: string): void {
    if (PARAGRAPHS.has(name)) this.breaks = 2;
    else if (LINES.has(name)) this.breaks = Math.max(1, this.breaks);
    else if (CELLS.has(name)) this.isSpaced = true;
  }

  private add(text: string): void {
    if (this.length > 0) this.parts.push(this.breaks > 0 ? "\n".repeat(this.breaks) : this.isSpaced ? " " : "");
    this.parts.push(text);
    this.length += text.length;
    this.breaks = 0;
    this.isSpaced = false;
  }
}
