"""A Parquet file goes in, its rows of text and labels come out; needs the extra `parquet`."""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from cutouts.corpus.addresses import Address, DriverError, Source
from cutouts.corpus.columns import Asked, choose_columns
from cutouts.corpus.rows import Found, Row
from cutouts.errors import CorpusError

AT_ONCE = 64  # rows that Arrow decodes at once: a few of them may be of MBs each
MOST_BYTES = 1 << 24  # of decoded rows that become Python's at once
BUFFER_BYTES = 1 << 20  # that are read of a column at once; by default all of a row group is


def read_parquet(path: Source, asked: Asked) -> Found:
    """Return the rows of a Parquet file, read in batches."""
    try:
        pyarrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise CorpusError(
            f"{path} is a Parquet file and pyarrow is not installed: pip install 'cutouts[parquet]'"
        ) from error
    damaged = (pyarrow.ArrowException, OSError, UnicodeDecodeError)

    def opened(stack: ExitStack) -> Any:
        source = stack.enter_context(path.open("rb")) if isinstance(path, Address) else path
        # What Arrow reads ahead stays in memory until the end of the file.
        about = {"pre_buffer": False, "buffer_size": BUFFER_BYTES}
        return stack.enter_context(parquet.ParquetFile(source, **about))

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
                    for part in _parts(batch):
                        for cells in zip(*(_cells(part[name]) for name in wanted), strict=True):
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


def _parts(batch: Any) -> Iterator[Any]:
    """Yield the rows of a batch, one by one where they are large."""
    step = len(batch) if batch.nbytes <= MOST_BYTES else 1
    for start in range(0, len(batch), step or 1):
        yield batch.slice(start, step)


def _cells(column: Any) -> list[Any]:
    """Return the values of a column; what is stored as text and is none stays bytes."""
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = [_value(cell) for cell in column]
    return [_decoded(value) if isinstance(value, bytes) else value for value in values]


def _value(cell: Any) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        return error.object


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _damaged(path: Source, error: BaseException) -> str:
    if isinstance(error, DriverError):
        return f"{path} cannot be read: {error.strerror}"
    return f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}): write it again"
