"""`model.keras` or `network.py:build` in; a network to train, and whether a browser runs it, out.

A `.keras` file is data: its layers are made again, by name, and none of its code is run. A Python
file is the user's own code, which is run because the user asks for it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutouts.errors import CutoutsError, HeadError, UsageError
from cutouts.heads.cnn import check_link
from cutouts.heads.described import Model
from cutouts.heads.keras_file import read_keras_file
from cutouts.heads.keras_layers import Verdict, first_complaint, judge, shown
from cutouts.heads.keras_model import (
    build_model,
    describe_model,
    first_line,
    import_keras,
    quiet_and_seeded,
)

EXAMPLE = (192, 3)  # what a function is asked for where no corpus says: as wide as `static`
SUFFIXES = (".keras", ".h5", ".hdf5", ".py")
MODULE = "cutouts_network"  # the name under which the user's file is imported


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A network of the user's own, untrained."""

    name: str  # as the user wrote it
    build: Callable[[int, int], Any]  # numbers in a vector, labels -> a Keras model
    model: Model | None = None  # what a file says; a function may say something else each time


@dataclass(frozen=True, slots=True)
class Review:
    """What becomes of each layer of a network in a browser."""

    name: str
    model: Model
    verdicts: tuple[Verdict, ...]

    @property
    def complaint(self) -> str:
        """Return why a browser cannot run the network, nothing when it can."""
        return first_complaint(self.model, self.verdicts)

    def as_json(self) -> dict[str, Any]:
        """Return what a script wants to know."""
        last = self.verdicts[-1].shape if self.verdicts else None
        return {
            "file": self.name,
            "runs": not self.complaint,
            "complaint": self.complaint,
            "input": self.model.input,
            "output": last,
            "layers": [
                {
                    "number": verdict.number,
                    "name": verdict.layer.name,
                    "class": verdict.layer.kind,
                    "runs": verdict.runs,
                    "left_out": verdict.runs and verdict.exported is None,
                    "why_not": verdict.complaint,
                    "instead": verdict.repair,
                    "shape": verdict.shape,
                    "unused": verdict.layer.unused,
                }
                for verdict in self.verdicts
            ],
        }


def is_blueprint(text: str) -> bool:
    """Return whether this names a file to take a network from, not a head."""
    path, _, _ = text.rpartition(":")
    saved = (Path(text) / "saved_model.pb").exists()
    return saved or text.endswith(SUFFIXES) or path.endswith(".py")


def read_blueprint(text: str) -> Blueprint:
    """Return the network of `model.keras` or `network.py:build`, which need not run in a browser.

    Raises UsageError for any other text, HeadError for a file that cannot be read or run.
    """
    path, _, function = text.rpartition(":")
    if path.endswith(".py"):
        return _from_python(text, Path(path), function)
    if text.endswith(".py"):
        raise UsageError(f"{text} is given without a function: write {text}:build")
    if not is_blueprint(text) and not Path(text).is_dir():
        raise UsageError(f"{text!r} is no network: give a model.keras or a network.py:build")
    model = read_keras_file(Path(text))
    return Blueprint(text, lambda dim, labels: build_model(model), model)  # noqa: ARG005  (it is as it is)


def review(text: str) -> Review:
    """Return what becomes of each layer of `model.keras` or `network.py:build`."""
    blueprint = read_blueprint(text)
    model = blueprint.model or _built(blueprint, *EXAMPLE)
    return Review(blueprint.name, model, judge(model))


def check_runs(blueprint: Blueprint) -> None:
    """Raise HeadError when it is known without building it that a browser cannot run the network."""
    if blueprint.model is not None:
        _refuse(blueprint, first_complaint(blueprint.model, judge(blueprint.model)))


def check_fits(
    blueprint: Blueprint, encoder: tuple[str, int], labels: int, *, multiple: bool
) -> None:
    """Raise HeadError when the network does not fit an encoder (name, numbers) and the labels."""
    name, dim = encoder
    check_runs(blueprint)
    model = _built(blueprint, dim, labels)  # a file too: what Keras refuses is known early
    verdicts = judge(model)
    _refuse(blueprint, first_complaint(model, verdicts))
    if model.input != (dim,):
        raise HeadError(
            f"{blueprint.name} reads {model.input[0] if model.input else 0:,} numbers, the encoder "
            f"{name} gives {dim:,}: begin it with keras.Input(({dim},)), or choose another --encoder"
        )
    if verdicts[-1].shape != (labels,):
        found = verdicts[-1].shape[0] if verdicts[-1].shape else 0
        raise HeadError(
            f"{blueprint.name} gives {found:,} scores, the corpus has {labels:,} labels: "
            f"end it with Dense({labels})"
        )
    check_link([verdict.exported for verdict in verdicts if verdict.exported], multiple=multiple)


def _built(blueprint: Blueprint, dim: int, labels: int) -> Model:
    with quiet_and_seeded():
        return describe_model(blueprint.build(dim, labels))


def _refuse(blueprint: Blueprint, complaint: str) -> None:
    if complaint:
        raise HeadError(f"{blueprint.name}: {complaint}")


def _from_python(text: str, path: Path, function: str) -> Blueprint:
    if not path.is_file():
        raise HeadError(f"{path} is not there: give a Python file and its function, {path}:build")
    import_keras()  # before the user's file does, so that Keras computes with what is installed
    with _own_code(path):
        module = _import(path)
    build = getattr(module, function, None)
    if not callable(build):
        raise HeadError(f"{path} has no function {function!r}: write def {function}(dim, labels)")
    takes = _arguments(text, build)

    def call(dim: int, labels: int) -> Any:
        with _own_code(path):
            return build(*(dim, labels)[:takes])

    return Blueprint(text, call)


def _import(path: Path) -> Any:
    """Return the module of a file, which may import what is installed but not its neighbours."""
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise HeadError(f"{path} cannot be imported: give a Python file that ends with .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def _arguments(text: str, build: Callable[..., Any]) -> int:
    """Return how many arguments the function takes: 2, (dim, labels), or 0."""
    signature = inspect.signature(build)
    for count in (2, 0):
        with contextlib.suppress(TypeError):
            signature.bind(*range(count))
            return count
    raise HeadError(f"{text} takes {signature}, expected (dim, labels) or no argument")


@contextlib.contextmanager
def _own_code(path: Path) -> Iterator[None]:
    """Make one line of whatever the user's file raises; what it prints goes to standard error."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except CutoutsError:
        raise
    except (Exception, SystemExit) as error:  # it is not our code: it may raise anything
        line = _line(path, error)
        where = f"{path}, line {line}" if line else str(path)
        said = f"{type(error).__name__}: {shown(first_line(error))[1:-1]}"
        raise HeadError(f"{where}: {said}: this is your own code, repair it there") from error


def _line(path: Path, error: BaseException) -> int | None:
    """Return the last line of the file that led to the error."""
    file = str(path.absolute())  # as importlib names it
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
