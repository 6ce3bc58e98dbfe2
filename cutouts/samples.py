"""The name of a sample goes in, its labelled texts come out, from a published package."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from cutouts import assets
from cutouts.corpus import Corpus
from cutouts.corpus.decoding import lines
from cutouts.corpus.rows import Found, Row, gather
from cutouts.errors import AssetError, UsageError

SAMPLES = {
    "20newsgroups": {"train": assets.NEWSGROUPS_TRAIN, "test": assets.NEWSGROUPS_TEST},
    "reuters-r8": {"train": assets.REUTERS_TRAIN, "test": assets.REUTERS_TEST},
}
HEADER_LINES = 3  # names, kinds and roles of the two columns, as Orange writes them


def read_sample(name: str, part: str) -> Corpus:
    """Return the "train" or "test" part of a sample in SAMPLES; the test part with every row.

    The official splits: 20 Newsgroups by date, Reuters-21578 R8 (Cardoso-Cachopo, 2007).
    """
    parts = _parts(name)
    if part not in parts:
        raise UsageError(f"no part {part!r} of {name}: expected one of {', '.join(parts)}")
    path = assets.fetch(parts[part])
    found = Found(_tab_rows(path), "line", "text and labels from the sample")
    return gather(name, found, keep_duplicates=part == "test")


def write_sample(name: str, folder: str | Path) -> list[Path]:
    """Return the CSV files (text,label) written to `folder`, NAME-train.csv and NAME-test.csv."""
    folder = Path(folder)
    written = []
    for part, asset in _parts(name).items():
        rows = _tab_rows(assets.fetch(asset))
        path = folder / f"{name}-{part}.csv"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write_csv(path, rows)
        except OSError as error:
            raise AssetError(
                f"cannot write {path} ({error.strerror}): choose another folder"
            ) from error
        written.append(path)
    return written


def _parts(name: str) -> dict[str, assets.Asset]:
    if name not in SAMPLES:
        raise UsageError(f"no sample {name!r}: expected one of {', '.join(SAMPLES)}")
    return SAMPLES[name]


def _tab_rows(path: Path) -> Iterator[Row]:
    """Yield what follows the header: label, tab, text; blank lines are none."""
    for number, line in enumerate(lines(path), start=1):
        if number > HEADER_LINES and line.strip():
            label, _, text = line.rstrip("\r\n").partition("\t")
            yield number, text, (label,)


def _write_csv(path: Path, rows: Iterator[Row]) -> None:
    with assets.write_whole(path) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(("text", "label"))
        writer.writerows((row_text, *labels) for _, row_text, labels in rows)
        text.detach()  # flushed, and not closed: the file is still to reach the disk
