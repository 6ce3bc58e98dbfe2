/** HTML or XML goes in piece by piece; tags, wanted attributes and text come out, entities decoded once.
 *
 * Only the tokenizer of htmlparser2 is used. Its parser keeps the open elements in an array and searches all of it for
 * each closing tag: 100,000 times <b> and as many </i> take it 9 seconds. The readers here need no tree.
 */

import { Tokenizer } from "htmlparser2";

export type Attributes = ReadonlyMap<string, string>;

/** What a reader of markup listens to; names are in lower case. */
export interface MarkupListener {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
}

export interface MarkupOptions {
  readonly isXml: boolean;
  /** The attributes to keep; icons of 10 kB each are among those that nobody asks for. */
  readonly attributes: ReadonlySet<string>;
}

/** A tag, a comment or a CDATA section that is longer than this many units loses its beginning. */
const MAX_WINDOW = 1 << 22;
const PIECE = 1 << 16;
const MAX_ATTRIBUTE = 1 << 20;

interface Piece {
  readonly from: number;
  readonly text: string;
}

export class Markup {
  private readonly tokenizer: Tokenizer;
  private readonly pieces: Piece[] = [];
  private length = 0;
  private tag = "";
  private attributes = new Map<string, string>();
  private attribute: string | undefined;
  private isInTag = false;
  private value = "";

  constructor(listener: MarkupListener, { isXml, attributes: wanted }: MarkupOptions) {
    const text = (start: number, end: number): void => listener.text(this.slice(start, end));
    const open = (): void => {
      this.isInTag = false;
      listener.open(this.tag, this.attributes);
    };
    const append = (more: string): void => {
      if (this.attribute !== undefined && this.value.length < MAX_ATTRIBUTE) this.value += more;
    };
    const nothing = (): void => undefined;
    this.tokenizer = new Tokenizer(
      { xmlMode: isXml },
      {
        ontext: text,
        ontextentity: (codepoint) => listener.text(String.fromCodePoint(codepoint)),
        onopentagname: (start, end) => {
          this.tag = this.slice(start, end).toLowerCase();
          this.attributes = new Map();
          this.isInTag = true;
        },
        onattribname: (start, end) => {
          const name = this.slice(start, end).toLowerCase();
          this.attribute = wanted.has(name) && !this.attributes.has(name) ? name : undefined;
          this.value = "";
        },
        onattribdata: (start, end) => append(this.slice(start, end)),
        onattribentity: (codepoint) => append(String.fromCodePoint(codepoint)),
        onattribend: () => {
          if (this.attribute !== undefined) this.attributes.set(this.attribute, this.value);
          this.attribute = undefined;
        },
        onopentagend: open,
        onselfclosingtag: () => {
          open();
          if (isXml) listener.close(this.tag);
        },
        onclosetag: (start, end) => listener.close(this.slice(start, end).toLowerCase()),
        oncdata: (start, end, offset) => {
          if (isXml) text(start, end - offset);
        },
        oncomment: nothing,
        ondeclaration: nothing,
        onprocessinginstruction: nothing,
        onend: nothing,
      },
    );
  }

  write(text: string): void {
    for (let at = 0; at < text.length; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      this.pieces.push({ from: this.length, text: piece });
      this.length += piece.length;
      while (this.length - (this.pieces[0]?.from ?? 0) > MAX_WINDOW + PIECE) this.pieces.shift();
      this.tokenizer.write(piece);
    }
  }

  /** Return the name of the tag that the end of the file cuts off, if it does. */
  end(): string | undefined {
    this.tokenizer.end();
    return this.isInTag ? this.tag : undefined;
  }

  /** Return the text between two places of the file; they may lie in different pieces. */
  private slice(start: number, end: number): string {
    let at = this.pieces.length - 1;
    while (at > 0 && (this.pieces[at]?.from ?? 0) > start) at -= 1;
    let found = "";
    for (const { from, text } of this.pieces.slice(at)) {
      if (from >= end) break;
      found += text.slice(Math.max(0, start - from), end - from);
    }
    return found;
  }
}
