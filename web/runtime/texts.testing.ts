/** A seed goes in, texts that tokenizers stumble over come out: many scripts, emoji, controls, marks, broken pairs. */

import fc from "fast-check";

// First and last code points of blocks that each do something of their own.
const BLOCKS: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x20, 0x7e],
  [0x7f, 0x9f],
  [0xa0, 0xff],
  [0x100, 0x24f],
  [0x250, 0x2af],
  [0x2b0, 0x36f],
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x530, 0x5ff],
  [0x600, 0x6ff],
  [0x700, 0x8ff],
  [0x900, 0xdff],
  [0xe00, 0xfff],
  [0x1000, 0x10ff],
  [0x1100, 0x11ff],
  [0x1200, 0x1abf],
  [0x1ac0, 0x1cff],
  [0x1d00, 0x1eff],
  [0x1f00, 0x1fff],
  [0x2000, 0x206f],
  [0x2070, 0x20ff],
  [0x2100, 0x2bff],
  [0x2c00, 0x2dff],
  [0x2e00, 0x303f],
  [0x3040, 0x30ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xabff],
  [0xac00, 0xd7a3],
  [0xd800, 0xdfff],
  [0xe000, 0xf8ff],
  [0xf900, 0xfaff],
  [0xfb00, 0xfdff],
  [0xfe00, 0xfeff],
  [0xff00, 0xffff],
  [0x10000, 0x10fff],
  [0x11000, 0x11fff],
  [0x16800, 0x16fff],
  [0x1d100, 0x1d7ff],
  [0x1e000, 0x1efff],
  [0x1f000, 0x1faff],
  [0x20000, 0x2a6df],
  [0x2f800, 0x2fa1f],
  [0xe0000, 0xe01ef],
  [0xf0000, 0x10ffff],
];

const FIXED = [
  "",
  " ",
  "[CLS]",
  "[CLS][SEP] a [MASK]b[UNK]",
  "[cls]",
  "##ing",
  "[ CLS ]",
  "ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ",
  "İSTANBUL ıi",
  "STRASSE straße ẞ",
  "ﬁne ﬂow",
  "e\u0301 é \u0301",
  "\u1100\u1161\u11a8 각",
  "e\u200bz\u200dw\ufeff",
  "a\u00adb",
  "\ud83d",
  "\ude00x\ud83d",
  "👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷",
  "ก็ ำ",
  "नमस्ते दुनिया",
  "שָׁלוֹם עוֹלָם",
  "مَرْحَبًا",
  "日本語テキスト、漢字",
  "ｆｕｌｌ　ｗｉｄｔｈ",
  "x".repeat(100),
  "x".repeat(101),
  "é".repeat(100),
  "😀".repeat(100),
  "😀".repeat(101),
  `${"y".repeat(99)}\u0301z`,
  "don't stop-me_now!!",
  "a\u0085b\u2028c\u00a0d\te\r\nf",
  "\u0000\u0001\ufffd",
  "豈 \uf900 \u{2f800}",
  "½ ² ① Ⅷ ℌ",
  "\u037e\u1fef\u212b\u2126\u0344",
  "Ⓐⓐ Ꭰꭰ Ა ა",
  "\u{1e900}\u{1e922} \u{10400}\u{10428}",
];

const letter = fc
  .constantFrom(...BLOCKS)
  .chain(([first, last]) => fc.integer({ min: first, max: last }).map((code) => String.fromCodePoint(code)));
const english = fc.constantFrom(
  ..."the of Where can I buy unaffable CARS playing embeddings café Zürich 3.14 e-mail http://example.org/?a=b C++ #tag".split(
    " ",
  ),
);
const run = fc.oneof(
  fc.constantFrom(...BLOCKS).chain(([first, last]) =>
    fc
      .array(
        fc.integer({ min: first, max: last }).map((code) => String.fromCodePoint(code)),
        { maxLength: 12 },
      )
      .map((list) => list.join("")),
  ),
  fc.array(letter, { maxLength: 6 }).map((list) => list.join("")),
  english,
  fc.tuple(english, letter, english).map((list) => list.join("")),
  fc.constantFrom("[CLS]", "[SEP]", "[MASK]", "##", "\u0301", "\u200d", "\ud800", "\udc00"),
);

/** A text of a few such runs. */
export const hardText = fc
  .tuple(fc.array(run, { maxLength: 10 }), fc.constantFrom(" ", "", "\t", ", "))
  .map(([runs, gap]) => runs.join(gap));

/** Return the fixed texts and random ones, the same for the same seed. */
export function hardTexts(count: number, seed: number): string[] {
  return [...FIXED, ...fc.sample(hardText, { numRuns: count - FIXED.length, seed })];
}
