"""A folder of shards in, a bundle out: what `train` does, for a corpus that outgrows memory."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from cutouts.bundle import load_bundle
from cutouts.corpus import Corpus, check_sizes
from cutouts.embed import Shards, read_shards
from cutouts.embed.blocks import hash_of
from cutouts.encoders import Encoder, load_encoder
from cutouts.encoders.store import ENCODERS
from cutouts.errors import CorpusError, EmbedError, HeadError, UsageError
from cutouts.former import BUNDLE, refuse_foreign
from cutouts.heads.blueprint import Blueprint
from cutouts.heads.buckets import Buckets
from cutouts.heads.calibration import fit_calibration, fit_thresholds
from cutouts.heads.fit_stream import fit_stream
from cutouts.heads.folds import Evidence
from cutouts.metrics import Metrics
from cutouts.pack import put_in_place
from cutouts.proof_texts import remember_texts
from cutouts.shrink import Plan
from cutouts.sources import NO_ROOM
from cutouts.training import (
    TEST,
    Learned,
    Origin,
    Trained,
    folder_bytes,
    measure_held_out,
    measure_on,
    read_reported,
    stage,
    write_bundle,
)

log = logging.getLogger("cutouts")

HELD_OUT_PART = "texts of a part held out"


def train_shards(
    folder: str | Path,
    test: Corpus | str | Path | None = None,
    *,
    encoder: str | Encoder | None = None,
    head: str | Blueprint = "linear",
    out: str | Path = "bundle",
    max_bytes: int | None = None,
) -> Trained:
    """Return the bundle trained on a folder that `cutouts embed` has filled, written to `out`.

    Memory does not grow with the rows. Without a test corpus the metrics are those on a part of at
    most a fifth and 20,000 rows that was held out. The encoder is that of the shards. Raises
    UsageError for what needs the texts in memory, EmbedError for a shard that is not what it should
    be, and what `train` raises.
    """
    begun = time.monotonic()
    folder, out = Path(folder), Path(out)
    _refuse_in_memory(head, max_bytes)
    refuse_foreign(out, BUNDLE)
    shards = read_shards(folder)
    if not shards.labelled:
        raise CorpusError(f"{folder} holds no labels: embed a corpus that has a label column")
    loaded = _encoder_of(shards, encoder)
    if test is not None:
        test = read_reported(test, keep_duplicates=True)
        if not test.texts:
            raise CorpusError(f"{test.name} holds no text to measure on: give another --test")
    with _room() as at:
        buckets = _deal(shards, test, at)
        learned, held_out = _learn(buckets, at)
    metrics, split = _measure(learned, held_out, loaded, test)
    origin = Origin(folder.absolute().name, buckets.rows, split)
    with put_in_place(out) as place:
        write_bundle(place, Plan(loaded), learned, metrics, origin)
    bundle = load_bundle(out)
    try:
        remember_texts(out, None, test)
    except OSError as error:
        log.warning("texts to prove the bundle with cannot be kept (%s)", error)
    return Trained(bundle, metrics, split, folder_bytes(out), time.monotonic() - begun)


def _refuse_in_memory(head: str | Blueprint, max_bytes: int | None) -> None:
    """Raise UsageError for what is chosen or fitted with all texts in memory."""
    if head != "linear":
        name = head if isinstance(head, str) else "of a file"
        raise UsageError(
            f"--head {name} is trained in memory, shards are not: leave it out, or train on the texts"
        )
    if max_bytes is not None:
        raise UsageError(
            f"--max-bytes {max_bytes:,} would change the encoder, and the vectors of shards are made: "
            "leave it out, or train on the texts"
        )


def _encoder_of(shards: Shards, asked: str | Encoder | None) -> Encoder:
    """Return the encoder that made these vectors; raise EmbedError when it is not at hand."""
    if asked in ENCODERS and asked != shards.encoder:
        raise UsageError(
            f"{shards.folder} holds vectors of {shards.encoder}, --encoder says {asked}: "
            "leave it out, or run cutouts embed with it"
        )
    if asked is None and shards.encoder not in ENCODERS:
        raise EmbedError(
            f"{shards.folder} holds vectors of {shards.encoder!r}, which is none of "
            f"{', '.join(ENCODERS)}: say with --encoder where that model is"
        )
    name = shards.encoder if asked is None else asked
    encoder = load_encoder(name) if isinstance(name, str) else name
    about = encoder.description
    if (about.space, about.dim) != (shards.space, shards.dim):
        raise EmbedError(
            f"{shards.folder} holds vectors of the space {shards.space}, {about.name} makes "
            f"{about.space}: run cutouts embed again, or give its own --encoder"
        )
    return encoder


@contextmanager
def _room() -> Iterator[Path]:
    """Give a folder for what lies on disk meanwhile; raise HeadError when there is no room for it."""
    try:
        with tempfile.TemporaryDirectory(prefix="cutouts-") as at:
            yield Path(at)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise HeadError(
            f"what training keeps in {tempfile.gettempdir()} meanwhile cannot be written "
            f"({error.strerror}): make room there, or set TMPDIR to a folder on a larger disk"
        ) from None


def _deal(shards: Shards, test: Corpus | None, at: Path) -> Buckets:
    """Return the rows of all shards in buckets, without those that are in the test part."""
    stage(f"reading {shards.rows:,} rows of {shards.folder}, out of core")
    tested = {hash_of(text) for text in test.texts} if test is not None else set()
    place = at / "rows"
    place.mkdir()
    buckets = Buckets(place, shards)
    title = f"{shards.encoder}: reading"
    with tqdm(total=shards.rows, desc=title, unit=" rows", file=sys.stderr, disable=None) as bar:
        buckets.deal(shards, tested, bar.update)
    if buckets.left_out and not buckets.rows:
        raise CorpusError(
            f"all {buckets.left_out:,} rows of {shards.folder} are also in the test part, "
            "and none is left to train on: give another --test"
        )
    if buckets.left_out:
        print(
            f"  {buckets.left_out:,} rows are also in the test part: left out of training",
            file=sys.stderr,
        )
    check_sizes(buckets.sizes, buckets.rows, str(shards.folder), "labels of the shards")
    return buckets


def _learn(buckets: Buckets, at: Path) -> tuple[Learned, Evidence]:
    """Return the head, calibrated on the rows held out, and these rows."""
    fitted, held_out = fit_stream(buckets, at, stage=stage)
    multiple = buckets.multiple
    calibration = fit_calibration(fitted.scores, held_out.truth, multiple=multiple)
    probabilities = calibration.probabilities(fitted.scores)
    thresholds = fit_thresholds(probabilities, held_out.truth, multiple=multiple)
    return Learned(fitted, calibration, buckets.labels, thresholds, multiple), held_out


def _measure(
    learned: Learned, held_out: Evidence, encoder: Encoder, test: Corpus | None
) -> tuple[Metrics, str]:
    """Return how good the head is, and on what that was measured."""
    if test is None:
        return measure_held_out(learned, held_out), HELD_OUT_PART
    stage(f"measuring on {len(test.texts):,} test texts")
    return measure_on(learned, encoder, test), TEST
