"""A file of text goes in, its lines come out; a byte that is no text is named with its place."""

import codecs
import io
import re
from collections.abc import Iterator

from cutouts.corpus.addresses import Source, reading
from cutouts.errors import CorpusError, RowError

MAX_FIELD_CHARS = 10_000_000  # of one text: some 5,000 pages
MAX_LINE_CHARS = 32_000_000  # of one line, in which several fields may lie
CHUNK = 1 << 20
ESCAPED = re.compile("[\udc80-\udcff]")  # how `surrogateescape` keeps a byte that is no text
# UTF-16 only with its mark at the start: without one, guessing would be needed.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def first_bytes(path: Source, count: int = 4096) -> bytes:
    """Return the start of the file; raises CorpusError when it cannot be opened or is empty."""
    with reading(path), path.open("rb") as file:
        start = file.read(count)
    if not start:
        raise CorpusError(f"{path} is empty: expected labelled texts")
    return start


def lines(path: Source, *, streamed: bool = False) -> Iterator[str]:
    """Yield each line with its ending (a line feed, a carriage return, or both).

    With `streamed`, a line that is no text is no error: `is_text` tells it, and what is too long is
    cut to MAX_LINE_CHARS. UTF-16 that cannot be decoded stays one, for its lines are lost.
    """
    encoding, skipped = _encoding(path)
    errors = "surrogateescape" if streamed and encoding == "utf-8" else "strict"
    number = 0
    try:
        with reading(path), path.open("rb") as raw:
            raw.seek(skipped)
            file = io.TextIOWrapper(raw, encoding, errors=errors, newline="")
            while line := file.readline(MAX_LINE_CHARS):
                number += 1
                if "\0" in line and not streamed:
                    raise CorpusError(_nul_message(path, number))
                if len(line) == MAX_LINE_CHARS and streamed:
                    while len(file.readline(MAX_LINE_CHARS)) == MAX_LINE_CHARS:
                        pass
                elif len(line) == MAX_LINE_CHARS:
                    raise CorpusError(
                        f"{path}, line {number}: longer than {MAX_LINE_CHARS:,} characters: "
                        "expected one labelled text, is this file what it should be?"
                    )
                yield line
    except UnicodeDecodeError as error:
        raise CorpusError(_bad_byte_message(path, encoding, skipped)) from error


def is_text(line: str) -> bool:
    """Return whether a line that was read `streamed` was text: no NUL, no byte that is none."""
    return "\0" not in line and (line.isascii() or ESCAPED.search(line) is None)


def whole_text(path: Source) -> str:
    """Return all the text of a file that holds a single one, at most MAX_FIELD_CHARS of it."""
    encoding, skipped = _encoding(path)
    with reading(path), path.open("rb") as file:
        data = file.read(4 * MAX_FIELD_CHARS + 4)
    try:
        text = data[skipped:].decode(encoding)
    except UnicodeDecodeError as error:
        raise RowError(_bad_byte_message(path, encoding, skipped), "undecodable") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise RowError(_nul_message(path, line), "undecodable")
    return text


def too_long(chars: int) -> str:
    """Return what to say of a text longer than any that is worth reading."""
    return f"a text of {chars:,} characters, at most {MAX_FIELD_CHARS:,} are read: cut it up"


def _encoding(path: Source) -> tuple[str, int]:
    """Return the encoding by the mark at the file's start, and the length of the mark."""
    with reading(path), path.open("rb") as file:
        start = file.read(4)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding, len(mark)
    return "utf-8", 0


def _nul_message(path: Source, line: int) -> str:
    return (
        f"{path}, line {line}: a NUL character, so this is not plain text: save it as UTF-8 "
        "(UTF-16 is read when it starts with its byte order mark)"
    )


def _bad_byte_message(path: Source, encoding: str, skipped: int) -> str:
    """Return where the first byte is that cannot be decoded; reads the file a second time."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before, line = skipped, 1  # bytes and lines that were decoded
    with path.open("rb") as file:
        file.seek(skipped)
        while True:
            chunk = file.read(CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                line += error.object[: error.start].decode(encoding).count("\n")
                offset = before - pending + error.start
                place = f"{path}, line {line}: byte 0x{error.object[error.start]:02X} at offset"
                return f"{place} {offset:,} is not {encoding.upper()}: save the file as UTF-8"
            before += len(chunk)
            if not chunk:
                return f"{path} changed while it was read: run again"
