"""Inputs go in, encoded blocks come out in their order: the same stage on Ray Data."""

from __future__ import annotations

import importlib
import logging
import os
import re
import socket
import subprocess
import sys
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from cutouts.embed.blocks import Block, block_of, cut_blocks
from cutouts.embed.plan import Inputs, Plan
from cutouts.embed.stage import Stage
from cutouts.errors import CutoutsError, EmbedError

ANSWER_SECONDS = 10  # that a machine has to answer
STATUS_SECONDS = 40  # that ray status has, of which a busy machine takes 15 to import Ray
STORE_BYTES = 1 << 29  # of Ray's memory for blocks, on this machine
LOOPBACK = "127.0.0.1"
LOOPBACK_ALONE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"  # 0: no other machine, on Linux as well
ROW_BYTES = 1 << 18  # a row of Ray's is a block of ours: Ray makes no larger ones of them
ADDRESS = re.compile(r"(?P<host>[^/\s:]+|\[[0-9a-f:]+\]):(?P<port>\d{1,5})", re.ASCII)


class RayStage:
    """What an actor does: it loads the encoder once, and encodes one block after the other."""

    def __init__(self, recipe: Any, labelled: bool) -> None:
        """Load the encoder of a reference to a Recipe, one copy of which each machine holds."""
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # Ray has counted one core for this actor
        self._stage = Stage(importlib.import_module("ray").get(recipe), labelled=labelled)

    def __call__(self, table: Any) -> Any:
        """Return a table of blocks, each one row, with the blocks encoded."""
        return _table([self._stage(block_of(row)) for row in table.to_pylist()])


def encode_on_ray(
    plan: Plan, finished: Collection[int], *, workers: int | None, address: str | None
) -> Iterator[Block]:
    """Yield each block encoded, by as many actors as `workers` says, or one per core.

    Raises EmbedError when Ray is not installed, does not start, or gives up.
    """
    with _ray(address) as ray, _explained(ray):
        context = ray.data.DataContext.get_current().copy()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        context.target_max_block_size = ROW_BYTES
        with ray.data.DataContext.current(context):
            yield from _blocks(ray, plan, set(finished), workers)


def _blocks(ray: Any, plan: Plan, finished: set[int], workers: int | None) -> Iterator[Block]:
    labelled, recipe = plan.inputs.labelled, ray.put(plan.recipe)
    source = _source(ray, plan.inputs, plan.shard_rows, finished)
    size = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    here = {"ray.io/node-id": ray.get_runtime_context().get_node_id()}
    encoded = ray.data.read_datasource(
        source,
        override_num_blocks=1,
        num_cpus=0,  # or it would take the core of an actor
        label_selector=here,  # the inputs may be files of this machine
    ).map_batches(
        RayStage,
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=size),
        fn_constructor_args=(recipe, labelled),
        num_cpus=1,
    )
    for table in encoded.iter_batches(batch_size=None, batch_format="pyarrow"):
        yield from map(block_of, table.to_pylist())


def _source(ray: Any, inputs: Inputs, shard_rows: int, finished: set[int]) -> Any:
    """Return a source for Ray Data that reads the inputs once, in one task."""

    class Source(ray.data.Datasource):  # type: ignore[misc]  # Ray is imported when it is used
        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, *_: Any, **__: Any) -> list[Any]:
            def read() -> Iterator[Any]:
                return (_table([block]) for block in cut_blocks(inputs, shard_rows, finished))

            unknown = ray.data.block.BlockMetadata(None, None, None)
            return [ray.data.ReadTask(read, unknown)]

    return Source()


def _table(blocks: list[Block]) -> Any:
    import pyarrow as pa

    columns = {"shard": pa.int64(), "rows": pa.int64(), "bad": pa.string(), "batch": pa.binary()}
    return pa.Table.from_pylist([block.as_row() for block in blocks], pa.schema(columns))


@contextmanager
def _ray(address: str | None) -> Iterator[Any]:
    """Start Ray on this machine, or join a cluster; end what was begun here."""
    settings = {"RAY_USAGE_STATS_ENABLED": "0"}
    if "RAY_BACKEND_LOG_LEVEL" not in os.environ:
        settings["RAY_BACKEND_LOG_LEVEL"] = "fatal"  # what fails is raised as well
    if address is None:
        settings[LOOPBACK_ALONE] = "0"
    with _environment(settings):  # of the processes that Ray starts as well
        try:
            ray = importlib.import_module("ray")
            importlib.import_module("ray.data")
        except ImportError:
            raise EmbedError(
                "Ray is not installed: pip install 'cutouts[scale]', or --engine local"
            ) from None
        if address is not None:
            _answers(address)
        ours = not ray.is_initialized()
        if ours:
            _start(ray, address)
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised as well
        try:
            with warnings.catch_warnings():  # of fewer blocks than actors: there is little to do
                warnings.filterwarnings("ignore", category=UserWarning, module=r"ray\.data")
                yield ray
        finally:
            if ours:
                ray.shutdown()


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """Set variables of the environment, and set them back."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start(ray: Any, address: str | None) -> None:
    if address is None and ray.util.get_node_ip_address() != LOOPBACK:
        raise EmbedError(
            f"Ray was loaded before and would listen to other machines: set {LOOPBACK_ALONE}=0 "
            "before it is imported"
        )
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if address is None:
            quiet["include_dashboard"] = False
            ray.init(address="local", object_store_memory=STORE_BYTES, **quiet)  # joins no cluster
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        said = str(error).strip().splitlines()[0][:200]
        where = f"the Ray cluster at {address}" if address else "Ray on this machine"
        raise EmbedError(f"{where} cannot be used ({said}): see ray status there") from None


def _answers(address: str) -> None:
    """Raise EmbedError unless a cluster answers at the address: Ray itself tries for minutes."""
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        raise EmbedError(
            f"--address {address!r} is no address: expected HOST:PORT, as ray start says"
        )
    host, port = found["host"].strip("[]"), int(found["port"])
    try:
        socket.create_connection((host, port), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        raise EmbedError(
            f"no Ray cluster answers at {address} ({error.strerror or error}): "
            "start it with ray start --head, or check the address"
        ) from None
    words = [sys.executable, "-m", "ray.scripts.scripts", "status", "--address", address]
    try:
        asked = subprocess.run(words, capture_output=True, timeout=STATUS_SECONDS)
        said = asked.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]
    except subprocess.TimeoutExpired:
        asked, said = None, f"nothing within {STATUS_SECONDS} seconds"
    if "AuthenticationError" in said:
        raise EmbedError(
            f"the Ray cluster at {address} wants a token: set RAY_AUTH_MODE=token, and "
            "RAY_AUTH_TOKEN_PATH where it is not in ~/.ray/auth_token"
        )
    if asked is None or asked.returncode:
        raise EmbedError(
            f"{address} does not answer as a Ray cluster of this version would ({said}): "
            f"see what ray status --address {address} says"
        )


@contextmanager
def _explained(ray: Any) -> Iterator[None]:
    """Turn what happened in an actor into the error of ours that it was, or into one line."""
    try:
        yield
    except ray.exceptions.RayError as error:
        cause: BaseException | None = error
        while cause is not None:
            inner = getattr(cause, "cause", None)
            if isinstance(inner, CutoutsError):
                raise type(inner)(str(inner).splitlines()[0]) from None  # Ray adds lines
            cause = inner or cause.__cause__
        said = str(error).strip().splitlines()[-1][:200]
        raise EmbedError(f"Ray gave up ({said}): run it again to go on") from None
