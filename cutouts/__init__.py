"""Labelled text in, a folder of static files out that tags text inside a browser.

import cutouts

trained = cutouts.train("corpus.csv", out="bundle")
cutouts.load("bundle").tag(["a text"])
cutouts.compare("corpus.csv", max_bytes=3_000_000).compared.choice.why
"""

from typing import TYPE_CHECKING

from cutouts.errors import CutoutsError

if TYPE_CHECKING:
    from cutouts.bundle import load_bundle as load
    from cutouts.comparison import compare
    from cutouts.shard_training import train_shards
    from cutouts.training import train

__all__ = ["CutoutsError", "compare", "load", "train", "train_shards"]


def __getattr__(name: str) -> object:
    """Return `compare`, `load`, `train` or `train_shards`; imports take half a second."""
    if name == "load":
        from cutouts.bundle import load_bundle

        return load_bundle
    if name == "train":
        from cutouts.training import train

        return train
    if name == "train_shards":
        from cutouts.shard_training import train_shards

        return train_shards
    if name == "compare":
        from cutouts.comparison import compare

        return compare
    raise AttributeError(f"module 'cutouts' has no attribute {name!r}")
