"""A bundle's folder in, texts to prove it with out: kept on this machine, never in the bundle."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from cutouts.assets import cache_folder, write_whole
from cutouts.corpus import Corpus
from cutouts.proof import manifest_hash
from cutouts.samples import read_sample

log = logging.getLogger("cutouts")

TEXTS = 1000


def remember_texts(bundle_folder: Path, corpus: Corpus | None, test: Corpus | None) -> None:
    """Keep texts of the test part, and where they are too few also of the training part.

    Where no text is known, none are kept.
    """
    if corpus is None and test is None:
        return
    texts = _spread(test.texts if test is not None else ())
    if corpus is not None:
        texts += _spread(corpus.texts)[: TEXTS - len(texts)]
    path = _path(bundle_folder)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # texts may be private
    with write_whole(path) as file:
        file.write(json.dumps(texts).encode())


def proof_texts(bundle_folder: Path) -> tuple[list[str], str]:
    """Return texts to prove a bundle with, and a word on where they are from.

    A bundle that was made elsewhere is proved on sample texts.
    """
    path = _path(bundle_folder)
    if path.exists():
        try:
            kept = json.loads(path.read_bytes())
            if not isinstance(kept, list) or not all(isinstance(text, str) for text in kept):
                raise ValueError("no list of texts")
            return kept, "texts kept when it was trained here"
        except ValueError as error:
            log.warning("%s is damaged (%s): sample texts are used instead", path, error)
    sample = read_sample("20newsgroups", "test")
    return _spread(sample.texts), "sample texts: 20 Newsgroups, test part"


def _path(bundle_folder: Path) -> Path:
    return cache_folder() / "proof-texts" / f"{manifest_hash(bundle_folder)}.json"


def _spread(texts: tuple[str, ...]) -> list[str]:
    """Return at most TEXTS of these, evenly spread."""
    step = max(1, len(texts) // TEXTS)
    return list(texts[::step][:TEXTS])
