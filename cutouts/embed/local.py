"""Blocks of texts go in, encoded blocks come out in their order: one process for each core."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from cutouts.embed.blocks import Block, block_of
from cutouts.embed.plan import Recipe
from cutouts.embed.stage import Stage
from cutouts.errors import CutoutsError, EmbedError

ENDED = (
    "a worker was ended from outside, and again on the same rows (short of memory?): "
    "run it again to go on, with fewer --workers"
)


class Worker:
    """A process with an encoder, and the block that it has; ended from outside, it begins anew."""

    def __init__(self, recipe: Recipe, *, labelled: bool) -> None:
        """Start the process."""
        self._encoding = (recipe, labelled)
        self._row: dict[str, Any] = {}
        self._connection = _start(*self._encoding)

    def send(self, block: Block) -> None:
        """Send a block, as a row: a pickled batch forgets that its numbers may not be null."""
        self._row = block.as_row()
        with suppress(OSError):  # its process has ended, which `receive` finds
            self._connection.send(self._row)

    def receive(self) -> Block:
        """Return the block encoded; raise EmbedError when the process ends twice at it."""
        try:
            return self._answer()
        except (EOFError, OSError):
            self.close()
        self._connection = _start(*self._encoding)
        try:
            self._connection.send(self._row)
            return self._answer()
        except (EOFError, OSError):
            raise EmbedError(ENDED) from None

    def close(self) -> None:
        """End the process."""
        self._connection.close()

    def _answer(self) -> Block:
        answer = self._connection.recv()
        if isinstance(answer, CutoutsError):
            raise answer
        return block_of(answer)


def encode_local(
    blocks: Iterable[Block], recipe: Recipe, *, labelled: bool, workers: int
) -> Iterator[Block]:
    """Yield each block encoded. One worker is this process itself."""
    if workers == 1:
        yield from map(Stage(recipe, labelled=labelled), blocks)
        return
    team = [Worker(recipe, labelled=labelled) for _ in range(workers)]
    free, busy = deque(team), deque[Worker]()
    try:
        for block in blocks:
            # A worker has one block at a time, so nothing it is sent waits behind what it sends.
            done = None
            if not free:
                free.append(busy.popleft())
                done = free[0].receive()
            busy.append(free.popleft())
            busy[-1].send(block)
            if done is not None:
                yield done
        for worker in busy:
            yield worker.receive()
    finally:
        for worker in team:
            worker.close()


def _start(recipe: Recipe, labelled: bool) -> Connection:
    """Start a process; return the connection to it, the only one: its end is the other's end."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    with _undisturbed():
        spawning.Process(target=_work, args=(there, recipe, labelled), daemon=True).start()
    there.close()
    return here


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Start processes that no Ctrl-C reaches, not even before they can say so; ours is only late."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # else the first process starts it, which lets Ctrl-C in
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
