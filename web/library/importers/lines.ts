/** Text goes in piece by piece; what each line of JSON says comes out, or why it says nothing. */

import { readable } from "./text.ts";

/** The longest line that is read, in UTF-16 units. */
export const MAX_LINE = 1 << 24;

/** One line that is not empty. */
export interface Line {
  /** From 1, empty ones counted. */
  readonly number: number;
  readonly text: string;
  /** What it says, where it is JSON. */
  readonly value?: unknown;
  /** Why it is not read, otherwise. */
  readonly why?: string;
}

export class Lines {
  private pieces: string[] = [];
  private length = 0;
  private number = 0;

  /** Return the lines that this piece completes. */
  write(text: string): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.gather(text.slice(start, end));
      lines.push(...this.line());
      start = end + 1;
    }
    this.gather(text.slice(start));
    return lines;
  }

  /** Return the line that the end of the text completes. */
  end(): Line[] {
    return this.line();
  }

  /** Keep the beginning of a line that is too long, for the report. */
  private gather(piece: string): void {
    if (this.length <= MAX_LINE) this.pieces.push(piece);
    this.length += piece.length;
  }

  private line(): Line[] {
    const [text, length] = [this.pieces.join("").trim(), this.length];
    this.pieces = [];
    this.length = 0;
    this.number += 1;
    const { number } = this;
    if (text === "") return [];
    if (length > MAX_LINE) {
      const why = `the line has ${readable(length)} characters, at most ${readable(MAX_LINE)} are read`;
      return [{ number, text, why }];
    }
    try {
      return [{ number, text, value: JSON.parse(text) }];
    } catch {
      return [{ number, text, why: "the line is not whole JSON" }];
    }
  }
}
