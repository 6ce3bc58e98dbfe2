"""A corpus goes in, its parts come out, the same ones on every machine."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from cutouts.corpus.report import EXAMPLES
from cutouts.corpus.rows import Corpus
from cutouts.errors import CorpusError, UsageError


def check_trainable(corpus: Corpus) -> None:
    """Raise CorpusError when there is nothing to learn: no label, one, or none with two texts."""
    sizes = Counter(label for labels in corpus.labels for label in labels)
    check_sizes(sizes, len(corpus.texts), corpus.name, corpus.report.origin)


def check_sizes(sizes: Mapping[str, int], n: int, name: str, origin: str) -> None:
    """Raise CorpusError when labels with so many of the `n` texts cannot be learned.

    `origin` says where the labels are from.
    """
    if not sizes:
        raise CorpusError(f"none of the {n} texts of {name} has a label: add labels")
    if len(sizes) == 1:
        (label, count), *_ = sizes.items()
        if count == n:
            raise CorpusError(f"all {n} texts are labelled {label!r}: add a second label")
        raise CorpusError(
            f"{count} of {n} texts are labelled {label!r}, the others have none: add a second label"
        )
    if max(sizes.values()) == 1:
        raise CorpusError(
            f"each of the {len(sizes)} labels of {name} has a single text: "
            f"is this the label column ({origin})?"
        )


def overlap(train: Corpus, test: Corpus) -> int:
    """Return how many texts of `train` are in `test` too."""
    held = set(test.texts)
    return sum(text in held for text in train.texts)


def without_overlap(train: Corpus, test: Corpus) -> Corpus:
    """Return `train` without the texts that `test` holds too, counted in its report."""
    held = set(test.texts)
    shared = [i for i, text in enumerate(train.texts) if text in held]
    if not shared:
        return train
    kept = _part(train, sorted(set(range(len(train.texts))) - set(shared)))
    shown = tuple(repr(train.texts[i][:40]) for i in shared[:EXAMPLES])
    places = {**train.report.places, "overlap": shown}
    report = replace(kept.report, overlap=len(shared), places=places)
    return replace(kept, report=report)


def split_corpus(corpus: Corpus, held_out: float = 0.2, seed: int = 0) -> tuple[Corpus, Corpus]:
    """Return the training part and the part held out, with each label in both in proportion.

    Each label keeps at least one text for training. The choice depends on the texts, not on their
    order. Rare labels are divided first, each among the texts that are not placed yet: the
    iterative stratification of Sechidis, Tsoumakas and Vlahavas (2011), with hashes for chance.
    """
    if not 0 < held_out < 1:
        raise UsageError(f"the share held out is {held_out}: expected a number between 0 and 1")
    ranks = [_rank(text, seed) for text in corpus.texts]
    of_label: defaultdict[str, list[int]] = defaultdict(list)
    for i in sorted(range(len(ranks)), key=ranks.__getitem__):
        for label in corpus.labels[i] or ("",):  # no label's name: texts without one are a group
            of_label[label].append(i)
    placed: dict[int, bool] = {}  # index -> whether it is held out
    held: Counter[str] = Counter()
    for label in sorted(of_label, key=lambda name: (len(of_label[name]), name)):
        count = len(of_label[label])
        wanted = min(math.floor(count * held_out + 0.5), count - 1)
        for i in of_label[label]:
            if i in placed:
                continue
            names = corpus.labels[i] or ("",)
            placed[i] = held[label] < wanted and all(
                held[name] < len(of_label[name]) - 1 for name in names
            )
            if placed[i]:
                held.update(names)
    train = [i for i in range(len(corpus.texts)) if not placed[i]]
    return _part(corpus, train), _part(corpus, sorted(i for i in placed if placed[i]))


def _rank(text: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{text}".encode()).digest()


def _part(corpus: Corpus, indexes: list[int]) -> Corpus:
    """Return the texts at these indexes as a corpus, its report counting what is in it."""
    texts = tuple(corpus.texts[i] for i in indexes)
    labels = tuple(corpus.labels[i] for i in indexes)
    sizes = Counter(label for names in labels for label in names)
    report = replace(
        corpus.report,
        kept=len(texts),
        labels=len(sizes),
        unlabelled=sum(not names for names in labels),
        lonely=tuple(sorted(label for label, count in sizes.items() if count == 1)),
        multiple=any(len(names) > 1 for names in labels),
    )
    return Corpus(corpus.name, texts, labels, report)
