"""Corpora in; as many cutouts as are asked for, like those that people save, and queries for them, out.

A cutout has a short text of a corpus as its title and a part of a 20 Newsgroups post as its text: a
passage begins anywhere and has 5 to 400 words, half of them at most 74 (a logarithmic normal
distribution). No two are alike, since beginnings and lengths differ.
"""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.library.node import a_cutout
from cutouts.corpus import read_corpus
from cutouts.samples import read_sample

MIDDLE, SPREAD = 4.3, 0.8  # of the logarithm of a passage's words
SHORTEST, LONGEST = 5, 400
SITES = 997
MINUTE = 60_000  # milliseconds
TITLE_CHARS = 200


def make_cutouts(folders: Sequence[Path], number: int) -> Iterator[dict[str, object]]:
    """Yield that many cutouts, the same for the same folders; titles come again when they run out."""
    chance = random.Random(0)  # noqa: S311  (no secret)
    posts = [text.split() for part in ("train", "test") for text in _posts(part)]
    posts = [words for words in posts if len(words) >= SHORTEST]
    titles = list(_titles(folders)) or [(" ".join(words[:8]), "post") for words in posts]
    chance.shuffle(titles)
    for place, (title, label) in enumerate(itertools.islice(itertools.cycle(titles), number)):
        yield a_cutout(
            str(uuid.UUID(int=chance.getrandbits(128), version=4)),  # as long as those of the app
            title=title,
            body=_passage(chance.choice(posts), chance),
            address=f"https://site{place % SITES}.example.org/{place}",
            tags=[label],
            created=1_700_000_000_000 + place * MINUTE,
        )


def make_queries(titles: Sequence[str], number: int) -> list[str]:
    """Return one to three words that stand together in a title; of each second, the last unfinished."""
    chance = random.Random(1)  # noqa: S311  (no secret)
    queries: list[str] = []
    while len(queries) < number:
        words = chance.choice(titles).split()
        start = chance.randrange(len(words))
        taken = words[start : start + chance.randint(1, 3)]
        if len(queries) % 2:
            taken[-1] = taken[-1][: chance.randint(2, max(2, len(taken[-1])))]
        queries.append(" ".join(taken) + ("" if len(queries) % 2 else " "))
    return queries


def _posts(part: str) -> Sequence[str]:
    return read_sample("20newsgroups", part).texts


def _titles(folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        corpus = read_corpus(folder / "train.csv")
        for text, labels in zip(corpus.texts, corpus.labels, strict=True):
            yield text[:TITLE_CHARS], labels[0] if labels else folder.name


def _passage(words: Sequence[str], chance: random.Random) -> str:
    length = min(LONGEST, SHORTEST + int(chance.lognormvariate(MIDDLE, SPREAD)))
    start = chance.randrange(max(1, len(words) - length))
    return " ".join(words[start : start + length])
