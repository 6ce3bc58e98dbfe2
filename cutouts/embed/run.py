"""Inputs and a folder go in, the folder full of shards comes out: the whole of `cutouts embed`."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from cutouts.corpus.addresses import ADDRESS
from cutouts.embed.blocks import Block, cut_blocks, rows_of
from cutouts.embed.cluster import encode_on_ray
from cutouts.embed.findings import Findings, findings_of
from cutouts.embed.journal import LOCK, Journal, refuse_foreign
from cutouts.embed.local import encode_local
from cutouts.embed.plan import NUMBERS, SHARD_ROWS, Plan, find_inputs, make_recipe
from cutouts.embed.shards import INDEX, read_json, read_shards
from cutouts.embed.writing import Written, write_shards
from cutouts.encoders import Encoder
from cutouts.encoders.store import load_encoder
from cutouts.errors import CorpusError, EmbedError, RowError, UsageError

log = logging.getLogger("cutouts")

ENGINES = ("local", "ray")


@dataclass(frozen=True, slots=True)
class Engine:
    """Where texts are encoded: in processes of this machine, or in actors of Ray."""

    name: str = "local"
    workers: int | None = None  # None: one per core
    address: str | None = None  # of a Ray cluster; None: Ray on this machine, for this run

    def check(self) -> None:
        """Raise UsageError when there is no such engine."""
        if self.name not in ENGINES:
            raise UsageError(f"no engine is called {self.name!r}: choose {' or '.join(ENGINES)}")
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"{self.workers} workers cannot work: expected at least 1")
        if self.address is not None and self.name != "ray":
            raise UsageError(f"--address {self.address} belongs to --engine ray")


@dataclass(frozen=True, slots=True)
class Layout:
    """How vectors are kept: `numbers` is float16 or int8; a shard has at most `shard_rows`."""

    numbers: str = "float16"
    shard_rows: int = SHARD_ROWS

    def check(self) -> None:
        """Raise UsageError when vectors cannot be kept so."""
        if self.numbers not in NUMBERS:
            raise UsageError(f"numbers are {' or '.join(NUMBERS)}, not {self.numbers!r}")


@dataclass(frozen=True, slots=True)
class Embedded:
    """What lies in the folder, and what this run did for it."""

    folder: Path
    rows: int  # in all shards
    shards: int
    bytes: int
    encoded: int  # texts that this run encoded; the others were there
    seconds: float
    bad: Findings

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        names = ("rows", "shards", "bytes", "encoded")
        numbers = {name: getattr(self, name) for name in names}
        return {**numbers, "seconds": round(self.seconds, 3), "bad": self.bad.as_json()}


def embed(  # noqa: PLR0913  (what is read, how it is encoded, where it goes)
    inputs: Sequence[str],
    out: str | Path,
    *,
    encoder: str | Encoder = "static",
    engine: Engine | None = None,
    layout: Layout | None = None,
    columns: Mapping[str, str | None] | None = None,
    again: bool = False,
) -> Embedded:
    """Encode all texts of the inputs into `out`, shard by shard, and go on where a run was ended.

    `inputs` are names of files and folders, patterns, or addresses; `columns` is what
    `stream_corpus` takes. Raises CorpusError when an input cannot be read or none holds a text,
    EmbedError when `out` holds something else or cannot be written, and UsageError for what cannot
    be meant, such as an `out` among the inputs. Rows that cannot be encoded are counted.

    Its processes import the script that calls it, so there the call belongs behind
    `if __name__ == "__main__":`; with one worker there is no such process.
    """
    _need_pyarrow()
    engine, layout, folder = engine or Engine(), layout or Layout(), Path(out)
    engine.check()
    layout.check()
    if ADDRESS.match(str(out)):
        raise UsageError(f"--out {out} is an address: name a folder of this machine, and copy it")
    found = find_inputs(inputs, columns or {})
    for one in found.each:
        if isinstance(one.source, Path) and folder.resolve().is_relative_to(one.source.resolve()):
            raise UsageError(f"--out {folder} is in {one.source}, which is read: choose another")
    loaded = load_encoder(encoder) if isinstance(encoder, str) else encoder
    plan = Plan(found, make_recipe(loaded, layout.numbers), layout.shard_rows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbedError(f"{folder} cannot be made ({error.strerror}): choose another") from None
    if not (folder / LOCK).exists():  # nothing is left in a folder of somebody else, no lock either
        refuse_foreign(folder)
    try:
        with FileLock(folder / LOCK, timeout=0):
            return _embed_locked(folder, plan, engine, again=again)
    except Timeout:
        raise EmbedError(f"{folder} is being written by another run: wait for it") from None


def _embed_locked(folder: Path, plan: Plan, engine: Engine, *, again: bool) -> Embedded:
    begun = time.monotonic()
    journal = Journal(folder, plan, again=again)
    if journal.is_whole:
        return _embedded(folder, Written(bad=_bad_in(folder)), begun)
    with _bar(plan, journal) as bar:
        blocks = _encoded(plan, journal, engine)
        written = write_shards(folder, plan, journal, blocks, bar)
        bar.total = bar.n  # it may have been an estimate
    shards = [journal.shards[number] for number in sorted(journal.shards)]
    if not any(shard.rows for shard in shards):
        names = ", ".join(one.name for one in plan.inputs.each)
        raise CorpusError(f"{names}: no rows to encode{_reason(plan)}")
    journal.finish(
        {
            **plan.as_json(),
            "rows_read": written.rows_read,
            "rows": sum(shard.rows for shard in shards),
            "bad": written.bad.as_json(),
            "shards": [shard.as_json() for shard in shards],
        }
    )
    return _embedded(folder, written, begun)


def _reason(plan: Plan) -> str:
    """Return what is wrong with the first bad row, or what was expected of a folder without any."""
    inputs = plan.inputs
    found = (row for one in inputs.each for row in rows_of(one, inputs.columns))
    if (error := next((row for row in found if isinstance(row, RowError)), None)) is not None:
        return f": {error}"
    folders = [
        one.name for one in inputs.each if isinstance(one.source, Path) and one.source.is_dir()
    ]
    return f": expected {folders[0]}/LABEL/FILE.txt" if folders else ""


def _bar(plan: Plan, journal: Journal) -> tqdm[Any]:
    """Return what shows the rate and the time left; finished shards are behind."""
    return tqdm(
        total=plan.inputs.total,
        initial=len(journal.shards) * plan.shard_rows,
        desc=f"{plan.recipe.description.name}: encoding",
        unit=" rows",
        file=sys.stderr,
        disable=None,
    )


def _encoded(plan: Plan, journal: Journal, engine: Engine) -> Iterator[Block]:
    finished = set(journal.shards)
    if engine.name == "ray":
        return encode_on_ray(plan, finished, workers=engine.workers, address=engine.address)
    workers = engine.workers or _cores()
    blocks = cut_blocks(plan.inputs, plan.shard_rows, finished)
    return encode_local(blocks, plan.recipe, labelled=plan.inputs.labelled, workers=workers)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _embedded(folder: Path, written: Written, begun: float) -> Embedded:
    shards = read_shards(folder)
    return Embedded(
        folder=folder,
        rows=shards.rows,
        shards=len(shards.entries),
        bytes=sum(entry.bytes for entry in shards.entries),
        encoded=written.encoded,
        seconds=time.monotonic() - begun,
        bad=written.bad,
    )


def _bad_in(folder: Path) -> Findings:
    """Return the bad rows that a finished run has counted."""
    bad = read_json(folder / INDEX).get("bad")
    try:
        return findings_of(bad if isinstance(bad, dict) else {})
    except (KeyError, TypeError, ValueError):
        raise EmbedError(f"{folder / INDEX} is damaged: begin again with --again") from None


def _need_pyarrow() -> None:
    try:
        importlib.import_module("pyarrow")
    except ImportError:
        raise EmbedError(
            "shards are Parquet and pyarrow is not installed: pip install 'cutouts[parquet]'"
        ) from None
