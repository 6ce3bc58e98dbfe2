"""Blocks of texts go in, encoded blocks come out in their order: one process for each core."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from cutouts.embed.blocks import Block, block_of
from cutouts.embed.plan import Recipe
from cutouts.embed.stage import Stage
from cutouts.errors import EmbedError

AHEAD = 3  # blocks per worker that are read before they are needed: bounds the memory


def encode_local(
    blocks: Iterable[Block], recipe: Recipe, *, labelled: bool, workers: int
) -> Iterator[Block]:
    """Yield each block encoded. One worker is this process itself."""
    if workers == 1:
        yield from map(Stage(recipe, labelled=labelled), blocks)
        return
    waiting: deque[Future[dict[str, Any]]] = deque()
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), _start, (recipe, labelled)
    )
    try:
        for block in blocks:
            waiting.append(pool.submit(_encode, block.as_row()))
            if len(waiting) > AHEAD * workers:
                yield block_of(waiting.popleft().result())
        while waiting:
            yield block_of(waiting.popleft().result())
    except BrokenProcessPool:
        raise EmbedError(
            "a worker was ended from outside (short of memory?): "
            "run it again to go on, with fewer --workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_stage: Stage | None = None  # of this worker process, which has nothing else to hold it


def _start(recipe: Recipe, labelled: bool) -> None:
    """Make this process a worker on one core, that ends when its parent does."""
    global _stage
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends the workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _stage = Stage(recipe, labelled=labelled)


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _encode(row: dict[str, Any]) -> dict[str, Any]:
    """Encode a block as a row, for a pickled batch forgets that its numbers may not be null."""
    if _stage is None:
        raise RuntimeError("a worker encodes before it was started")
    return _stage(block_of(row)).as_row()
