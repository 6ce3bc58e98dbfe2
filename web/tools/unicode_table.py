"""Character classes as the `tokenizers` package sees them go out as `runtime/unicode.ts`.

Browsers and the Rust crates behind `tokenizers` follow different Unicode versions, so a regular
expression such as `\\p{Mn}` gives other pieces than Python does. Run this again when the package
changes its tables; `runtime/tokenizer.test.ts` compares both sides.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

KEEP, DROP, SPACE, IDEOGRAPH, MARK, PUNCTUATION = range(6)
TARGET = Path(__file__).parent.parent / "runtime" / "unicode.ts"

CLEAN = BertNormalizer(
    clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False
)
SPLIT = BertNormalizer(
    clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False
)
STRIP = BertNormalizer(
    clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False
)
FOLD = BertNormalizer(
    clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=True
)
WORDS = BertPreTokenizer()


def code_points() -> Iterator[int]:
    """Return every code point that is not half of a surrogate pair."""
    yield from range(0xD800)
    yield from range(0xE000, 0x110000)


def class_of(code: int) -> int:
    """Return what the tokenizer does with one character between two letters."""
    text = f"a{chr(code)}b"
    cleaned = CLEAN.normalize_str(text)
    if cleaned == "ab":
        return DROP
    if cleaned == "a b" or WORDS.pre_tokenize_str(text)[0][0] == "a" and code == 0x20:
        return SPACE
    if SPLIT.normalize_str(text) != text:
        return IDEOGRAPH
    if STRIP.normalize_str(text) == "ab":
        return MARK
    return PUNCTUATION if len(WORDS.pre_tokenize_str(text)) == 3 else KEEP


def runs() -> Iterator[tuple[int, int, int]]:
    """Return (first, last, class) of each run of equal classes other than KEEP."""
    start, last, now = 0, 0, KEEP
    for code in code_points():
        kind = class_of(code)
        if kind != now or code != last + 1:
            if now != KEEP:
                yield start, last, now
            start, now = code, kind
        last = code
    if now != KEEP:
        yield start, last, now


def recent_folds() -> dict[int, str]:
    """Return how characters newer than Unicode 14 are lowercased and decomposed.

    Browsers of different ages disagree on these; on older ones the standard forbids changes.
    """
    folds = {}
    for code in code_points():
        character = chr(code)
        if unicodedata.category(character) == "Cn" and class_of(code) == KEEP:
            folds[code] = FOLD.normalize_str(character)
    return {code: fold for code, fold in folds.items() if fold != chr(code)}


def base36(number: int) -> str:
    """Return a number as JavaScript's `parseInt(text, 36)` reads it."""
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if number == 0:
            return digits


def main() -> None:
    """Write runtime/unicode.ts."""
    if unicodedata.unidata_version != "14.0.0":
        raise SystemExit(
            f"Python's Unicode is {unicodedata.unidata_version}, this needs 14.0.0: use Python 3.11"
        )
    end, parts = 0, []
    for first, last, kind in runs():
        parts.append(f"{base36(first - end)},{base36(last - first)},{kind}")
        end = last
    pairs = ",".join(
        f"{base36(code)},{base36(ord(fold))}" for code, fold in recent_folds().items()
    )
    TARGET.write_text(
        "/** Character classes and recent case pairs, written by `tools/unicode_table.py`. */\n\n"
        "/** Runs of characters: gap from the last run's end, length less one, class; in base 36. */\n"
        f'export const RUNS =\n  "{";".join(parts)}";\n\n'
        "/** Characters newer than Unicode 14 and what they fold to; in base 36. */\n"
        f'export const RECENT_FOLDS =\n  "{pairs}";\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
