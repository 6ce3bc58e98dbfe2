"""The file of a library goes in, what a person saved comes out: cutouts, tags, assets, vectors.

with cutouts.library.open("library.sqlite") as library:
    for cutout in library.cutouts():
        print(cutout.created, cutout.title, cutout.tags)
"""

from pathlib import Path

from cutouts.library.contents import Asset, Cutout, Library, Tag, Vectors
from cutouts.library.opening import SUFFIXES, connect, is_library

__all__ = ["SUFFIXES", "Asset", "Cutout", "Library", "Tag", "Vectors", "is_library", "open"]


def open(path: str | Path) -> Library:  # `library.open`, as one says it
    """Return the library in this file, to be used in a `with` statement; nothing is ever written.

    Raises LibraryError for a file that is missing, locked, no library, damaged, or too new.
    """
    path = Path(path)
    return Library(path, connect(path))
