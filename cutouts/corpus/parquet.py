"""A Parquet file goes in, its rows of text and labels come out; needs the extra `parquet`."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError


def read_parquet(path: Path, asked: Asked) -> Found:
    """Return the rows of a Parquet file, read in batches."""
    try:
        pyarrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise CorpusError(
            f"{path} is a Parquet file and pyarrow is not installed: pip install 'cutouts[parquet]'"
        ) from error
    damaged = (pyarrow.ArrowException, OSError)
    try:
        file: Any = parquet.ParquetFile(path)
    except damaged as error:
        raise CorpusError(_damaged(path, error)) from error
    columns = choose_columns(file.schema_arrow.names, asked, path, "row")
    wanted = [*columns.text, columns.label]

    def rows() -> Iterator[Row]:
        number = 0
        try:
            with file:
                for batch in file.iter_batches(batch_size=8192, columns=wanted):
                    cells = batch.to_pydict()
                    for *texts, label in zip(*(cells[name] for name in wanted), strict=True):
                        number += 1
                        text = columns.read_text(texts, number)
                        yield number, text, columns.read_labels(label, number)
        except damaged as error:
            raise CorpusError(_damaged(path, error)) from error

    return Found(rows(), "row", columns.origin)


def _damaged(path: Path, error: BaseException) -> str:
    return f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}): write it again"
