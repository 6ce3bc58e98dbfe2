"""A `.keras` file in; its model as plain data out. It is read as text: nothing in it is executed.

Keras writes a zip archive: `config.json` says which layers there are, `metadata.json` which version
wrote it, `model.weights.h5` is not opened here. Keras itself is not needed.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cutouts.errors import HeadError
from cutouts.heads.described import SETTINGS, Described, Model, count_ends
from cutouts.heads.instead import CHAIN
from cutouts.heads.keras_layers import shown

MAX_BYTES = 500_000_000  # weights for a browser, and three times that for the optimizer's
MAX_MEMBERS = 1_000  # Keras writes three, and one per layer that keeps a vocabulary
MAX_CONFIG = 4_000_000  # bytes; a network of 10 layers takes 6,000
MAX_METADATA = 10_000
MAX_LAYERS = 200
UNUSED = {
    f"{weight}_{setting}"
    for weight in ("kernel", "bias", "beta", "gamma", "activity")
    for setting in ("initializer", "regularizer", "constraint")
}
USUAL = ("GlorotUniform", "Zeros", "Ones")  # what weights begin as anyway
SAVE_AGAIN = "save it again with model.save('model.keras') in Keras 3"

Json = dict[str, Any]


def read_keras_file(path: Path) -> Model:
    """Return the model that a file describes; raise HeadError for a damaged or hostile one."""
    _refuse_other_formats(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(path, archive)
            metadata = _json(path, archive, members, "metadata.json", MAX_METADATA)
            _check_version(path, metadata.get("keras_version"))
            config = _json(path, archive, members, "config.json", MAX_CONFIG)
    except OSError as error:
        raise HeadError(f"{path} cannot be read ({error.strerror or error})") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # RuntimeError: a member with a password; NotImplementedError: compressed in a rare way
        raise HeadError(f"{path} is damaged or no .keras file ({error}): {SAVE_AGAIN}") from None
    return _model(path, config)


def _refuse_other_formats(path: Path) -> None:
    if path.is_dir():
        kind = "a SavedModel folder" if (path / "saved_model.pb").exists() else "a folder"
        raise HeadError(f"{path} is {kind}, expected one .keras file: {SAVE_AGAIN}")
    if not path.is_file():
        raise HeadError(f"{path} is not there: give a file that model.save('model.keras') wrote")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise HeadError(f"{path} has {size:,} bytes, expected at most {MAX_BYTES:,}")
    with path.open("rb") as file:
        begins = file.read(8)
    if begins == b"\x89HDF\r\n\x1a\n":
        raise HeadError(
            f"{path} is an HDF5 file, as Keras 2 wrote them, expected a .keras file: in Keras 3, "
            "keras.models.load_model('model.h5', compile=False).save('model.keras')"
        )


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's members by name; raise HeadError for names that Keras does not write."""
    found = archive.infolist()
    if len(found) > MAX_MEMBERS:
        raise HeadError(
            f"{path} holds {len(found):,} members, expected at most {MAX_MEMBERS:,}: {SAVE_AGAIN}"
        )
    members: dict[str, zipfile.ZipInfo] = {}
    for member in found:
        name = member.orig_filename  # `filename` ends at a NUL
        parts = name.removesuffix("/").split("/")
        if not set(parts).isdisjoint({"", ".", ".."}) or re.search(r"[\\:\0]", name):
            raise HeadError(
                f"{path} holds a member {shown(name)}, which leaves its folder: {SAVE_AGAIN}"
            )
        if name in members:
            raise HeadError(f"{path} holds {shown(name)} more than once: {SAVE_AGAIN}")
        members[name] = member
    return members


def _json(
    path: Path,
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    name: str,
    most: int,
) -> Json:
    """Return an object that the archive holds as JSON, read up to a limit."""
    member = members.get(name)
    if member is None:
        raise HeadError(f"{path} holds no {name}, so Keras 3 did not write it: {SAVE_AGAIN}")
    with archive.open(member) as file:
        data = file.read(most + 1)  # whatever size the archive claims
    if member.file_size > most or len(data) > most:
        raise HeadError(f"{name} in {path} is larger than {most:,} bytes: {SAVE_AGAIN}")
    try:
        made = json.loads(data)
    except (ValueError, RecursionError) as error:
        said = "too deep" if isinstance(error, RecursionError) else error
        raise HeadError(f"{name} in {path} is no JSON ({said}): {SAVE_AGAIN}") from None
    if not isinstance(made, dict):
        raise HeadError(f"{name} in {path} is no JSON object: {SAVE_AGAIN}")
    return made


def _check_version(path: Path, version: Any) -> None:
    if not isinstance(version, str) or not re.fullmatch(r"3\.[\w.+]{1,30}", version):
        raise HeadError(
            f"{path} was written by Keras {shown(version)}, expected 3 or later: build the same "
            "layers in Keras 3 and save them with model.save('model.keras')"
        )


def _model(path: Path, config: Json) -> Model:
    kind = _kind(path, config, "the model")
    if not _is_of_keras(config) or kind not in ("Sequential", "Functional"):
        said = f"the model is a {kind}, which cannot run in a browser"
        return Model((), None, f"{said}: {CHAIN}")
    inner = _object(path, config, "config", "the model")
    entries = inner.get("layers")
    if not isinstance(entries, list) or len(entries) > MAX_LAYERS:
        count = len(entries) if isinstance(entries, list) else "no"
        raise HeadError(f"{path} lists {count} layers, expected a list of 1 to {MAX_LAYERS}")
    objects = [entry if isinstance(entry, dict) else {} for entry in entries]
    layers = [_described(path, entry, number) for number, entry in enumerate(objects)]
    shape = _input_shape(layers, inner)
    if kind == "Functional":
        return _functional(layers, objects, inner, shape)
    # A Sequential model has no layer that reads the input, so it is not counted.
    first = 1 if layers and layers[0].kind == "InputLayer" else 0
    return Model(tuple(layers[first:]), shape)


def _functional(
    layers: list[Described], objects: list[Json], inner: Json, shape: tuple[int, ...] | None
) -> Model:
    """Return the model with each layer that does not read the one before it marked."""
    ends = [list(_sources(inner.get(name))) for name in ("input_layers", "output_layers")]
    complaint = count_ends(*map(len, ends))
    names = [entry.get("name") for entry in objects]
    if not complaint and [names[:1], names[-1:]] != ends:
        complaint = "the model does not begin with its input and end with its output: list them so"
    marked = []
    for number, (layer, entry) in enumerate(zip(layers, objects, strict=True)):
        nodes = entry.get("inbound_nodes")
        before = names[number - 1 : number] if number else []
        calls = nodes if isinstance(nodes, list) else [None, None]
        follows = len(calls) == min(number, 1) and list(_sources(calls)) == before
        if names.count(names[number]) > 1:
            follows = False
        marked.append(replace(layer, follows=follows))
    return Model(tuple(marked), shape, complaint)


def _sources(value: Any) -> Iterator[str]:
    """Yield the names of the layers that arguments come from, however they are nested.

    A layer's output is written as [name, number of the call, number of the output].
    """
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting.extend(found.values())
        elif isinstance(found, list) and [type(part) for part in found] == [str, int, int]:
            yield found[0]
        elif isinstance(found, list):
            waiting.extend(found)


def _described(path: Path, entry: Json, number: int) -> Described:
    place = f"layer {number}"
    kind = _kind(path, entry, place)
    config = _object(path, entry, "config", place)
    name = config.get("name", kind)
    of_keras = _is_of_keras(entry)
    names = SETTINGS.get(kind, ()) if of_keras else ()
    settings = {name: _plain(config[name]) for name in names if name in config}
    if "activation" in settings:
        settings["activation"] = _activation_name(config["activation"])
    return Described(kind, str(name)[:80], of_keras, settings, unused=_unused(config))


def _unused(config: Json) -> tuple[str, ...]:
    """Return the settings that shape the training and that are not taken over, when they say much."""
    found = []
    for name, value in config.items():
        usual = isinstance(value, dict) and value.get("class_name") in USUAL
        if name in UNUSED and value is not None and not usual:
            found.append(name)
    return tuple(found)


def _kind(path: Path, entry: Json, place: str) -> str:
    kind = entry.get("class_name")
    if not isinstance(kind, str) or not re.fullmatch(r"[\w.>:]{1,80}", kind):
        raise HeadError(f"{place} in {path} has class {shown(kind)}, expected a name: {SAVE_AGAIN}")
    return kind


def _object(path: Path, entry: Json, field: str, place: str) -> Json:
    found = entry.get(field)
    if not isinstance(found, dict):
        raise HeadError(f"{place} in {path} has no {field}, expected an object: {SAVE_AGAIN}")
    return found


def _is_of_keras(entry: Json) -> bool:
    """Return whether the file means a class of Keras' own: of its modules, registered by nobody."""
    module, registered = entry.get("module"), entry.get("registered_name")
    ours = isinstance(module, str) and (module == "keras" or module.startswith("keras."))
    return ours and registered in (None, entry.get("class_name"))


def _plain(value: Any) -> Any:
    """Return a setting made of numbers and words; what else a file holds is only shown, not used."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list) and all(type(part) in (int, float) for part in value):
        return value
    return f"<{shown(value)}>"


def _activation_name(value: Any) -> Any:
    """Return the name of an activation; of a function that is not one of Keras, where it is from."""
    if not isinstance(value, dict):
        return "linear" if value is None else value
    kind, registered = value.get("class_name"), value.get("registered_name")
    if kind == "__lambda__":
        return "<lambda>"
    if kind != "function":
        return f"{value.get('module')}.{kind}"
    return (
        registered
        if registered not in (None, kind)
        else f"{value.get('module')}.{value.get('config')}"
    )


def _input_shape(layers: list[Described], inner: Json) -> tuple[int, ...] | None:
    """Return the shape of one text's input, from the first layer or from how the model was built."""
    entries = inner["layers"]
    first = entries[0].get("config", {}).get("batch_shape") if layers else None
    shape = first if first is not None else inner.get("build_input_shape")
    if not isinstance(shape, list) or not all(type(size) is int and size > 0 for size in shape[1:]):
        return None
    return tuple(shape[1:])
