"""Text and numbers from anywhere in; what a person reads, and nothing that misleads, out."""

from __future__ import annotations

import math
import re
import unicodedata

LONGEST = 80  # characters of a name that are shown
NOTHING = "–"  # nothing was there to measure

# What reorders or hides the text around it (UAX #9), ends lines, or cannot be written as UTF-8.
# Joiners and the marks of right-to-left scripts belong to words and stay.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Only where it means something: an underscore or a # at the end of a word, an & before a name; a
# colon or a point that makes a link.
_MARKUP = re.compile(
    r"([\\`*\[\]<>|~$@]|(?<!\w)[_#]|_(?!\w)|&(?=#?\w+;)|:(?=//)|(?<=www)\.)", re.IGNORECASE
)


def visible(text: str) -> str:
    """Return the text with characters that reorder, hide or break replaced by their numbers.

    >>> visible("tag\\u202egnp")
    'tag[U+202E]gnp'
    """
    text = _UNSAFE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return _SURROGATE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def shortened(text: str) -> str:
    """Return a name on one line, of at most `LONGEST` characters."""
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    end = LONGEST - 1
    while end > 1 and unicodedata.combining(text[end]):
        end -= 1  # an accent stays with its letter
    return text[:end] + "…"


def markdown(text: str) -> str:
    """Return text from elsewhere as Markdown that shows it as it is, on one line."""
    return _MARKUP.sub(r"\\\1", visible(shortened(text)))


def decimal(value: float | None) -> str:
    """Return three digits after the point, as every metric is written; a dash for nothing."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.3f}"


def percent(share: float) -> str:
    """Return a share as a percentage that never rounds a doubt away."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return NOTHING if not math.isfinite(share) else f"{share * 100:.1f} %"


def count(number: int, noun: str) -> str:
    """Return "1 text", "7,532 texts"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(bytes_: int) -> str:
    """Return bytes as download sizes are written: B, kB or MB of a thousand."""
    if bytes_ < 1000:
        return f"{bytes_} B"
    return f"{bytes_ / 1e3:.1f} kB" if bytes_ < 999_950 else f"{bytes_ / 1e6:.2f} MB"


def setting(value: float | str | bool) -> str:
    """Return a setting as it would be typed, long fractions shortened."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        value
        if isinstance(value, str)
        else f"{value:,}"
        if isinstance(value, int)
        else f"{value:.4g}"
    )
