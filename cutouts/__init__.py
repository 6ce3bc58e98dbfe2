"""Labelled text in, a folder of static files out that tags text inside a browser.

import cutouts

trained = cutouts.train("corpus.csv", out="bundle")
cutouts.load("bundle").tag(["a text"])
"""

from typing import TYPE_CHECKING

from cutouts.errors import CutoutsError

if TYPE_CHECKING:
    from cutouts.bundle import load_bundle as load
    from cutouts.training import train

__all__ = ["CutoutsError", "load", "train"]


def __getattr__(name: str) -> object:
    """Return `load` or `train`; what they need takes half a second to import, so it waits."""
    if name == "load":
        from cutouts.bundle import load_bundle

        return load_bundle
    if name == "train":
        from cutouts.training import train

        return train
    raise AttributeError(f"module 'cutouts' has no attribute {name!r}")
