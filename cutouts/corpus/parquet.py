"""A Parquet file goes in, its rows of text and labels come out; needs the extra `parquet`."""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from cutouts.corpus.addresses import Address, DriverError, Source
from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError

AT_ONCE = 1024  # rows held in memory: a few MB of usual texts


def read_parquet(path: Source, asked: Asked) -> Found:
    """Return the rows of a Parquet file, read in batches."""
    try:
        pyarrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise CorpusError(
            f"{path} is a Parquet file and pyarrow is not installed: pip install 'cutouts[parquet]'"
        ) from error
    damaged = (pyarrow.ArrowException, OSError)

    def opened(stack: ExitStack) -> Any:
        source = stack.enter_context(path.open("rb")) if isinstance(path, Address) else path
        return stack.enter_context(parquet.ParquetFile(source))

    try:
        with ExitStack() as stack:
            file = opened(stack)
            names, total = file.schema_arrow.names, file.metadata.num_rows
    except damaged as error:
        raise CorpusError(_damaged(path, error)) from error
    columns = choose_columns(names, asked, path, "row")
    wanted = [*columns.text, *([] if columns.label is None else [columns.label])]

    def records() -> Iterator[tuple[int, tuple[Any, ...]]]:
        number = 0
        try:
            with ExitStack() as stack:
                for batch in opened(stack).iter_batches(batch_size=AT_ONCE, columns=wanted):
                    for cells in zip(*(_cells(batch[name]) for name in wanted), strict=True):
                        number += 1
                        yield number, cells
        except damaged as error:
            raise CorpusError(_damaged(path, error)) from error

    def row(record: tuple[int, tuple[Any, ...]]) -> Row:
        number, cells = record
        texts = cells[: len(columns.text)]
        label = None if columns.label is None else cells[-1]
        return number, columns.read_text(texts, number), columns.read_labels(label, number)

    return Found(
        map(row, records()),
        "row",
        columns.origin,
        labelled=columns.label is not None,
        count=lambda: total,
    )


def _cells(column: Any) -> list[Any]:
    """Return the values of a column; what is stored as text and is none stays bytes."""
    try:
        values: list[Any] = column.to_pylist()
        return values
    except UnicodeDecodeError:
        return [_decoded(value) for value in column.cast("binary").to_pylist()]


def _decoded(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return value


def _damaged(path: Source, error: BaseException) -> str:
    if isinstance(error, DriverError):
        return f"{path} cannot be read: {error.strerror}"
    return f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}): write it again"
