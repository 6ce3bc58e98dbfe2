"""Blocks of texts go in, encoded blocks come out in their order: one process for each core."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection

from cutouts.embed.blocks import Block, block_of
from cutouts.embed.plan import Recipe
from cutouts.embed.stage import Stage
from cutouts.errors import CutoutsError, EmbedError

ENDED = (
    "a worker was ended from outside (short of memory?): "
    "run it again to go on, with fewer --workers"
)


def encode_local(
    blocks: Iterable[Block], recipe: Recipe, *, labelled: bool, workers: int
) -> Iterator[Block]:
    """Yield each block encoded. One worker is this process itself."""
    if workers == 1:
        yield from map(Stage(recipe, labelled=labelled), blocks)
        return
    team = [_start(recipe, labelled) for _ in range(workers)]
    free, busy = deque(team), deque[Connection]()
    try:
        for block in blocks:
            # A worker has one block at a time, so nothing it is sent waits behind what it sends.
            done = None
            if not free:
                free.append(busy.popleft())
                done = _receive(free[0])
            busy.append(free.popleft())
            _send(busy[-1], block)
            if done is not None:
                yield done
        for worker in busy:
            yield _receive(worker)
    finally:
        for worker in team:
            worker.close()  # which ends the process behind it


def _start(recipe: Recipe, labelled: bool) -> Connection:
    """Start a worker; return the connection to it, the only one: its end is the other's end."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    spawning.Process(target=_work, args=(there, recipe, labelled), daemon=True).start()
    there.close()
    return here


def _send(worker: Connection, block: Block) -> None:
    """Send a block as a row, for a pickled batch forgets that its numbers may not be null."""
    try:
        worker.send(block.as_row())
    except OSError:
        raise EmbedError(ENDED) from None


def _receive(worker: Connection) -> Block:
    try:
        answer = worker.recv()
    except (EOFError, OSError):
        raise EmbedError(ENDED) from None
    if isinstance(answer, CutoutsError):
        raise answer
    return block_of(answer)


def _work(connection: Connection, recipe: Recipe, labelled: bool) -> None:
    """Encode what comes, on one core, until the parent is gone."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends the workers
    stage = Stage(recipe, labelled=labelled)
    while True:
        try:
            row = connection.recv()
            try:
                answer: object = stage(block_of(row)).as_row()
            except CutoutsError as error:
                answer = error
            connection.send(answer)
        except (EOFError, OSError):
            return
