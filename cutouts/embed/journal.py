"""A folder and a plan in, the shards that are whole out: where a run that was ended goes on."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutouts.embed.plan import Plan
from cutouts.embed.shards import (
    INDEX,
    JOURNAL_FILE,
    MOST_INDEX_BYTES,
    SPACE,
    Entry,
    read_entries,
    read_json,
    shard_name,
)
from cutouts.errors import EmbedError

log = logging.getLogger("cutouts")

LOCK = ".lock"
PARTIAL = ".partial"
BEGINNING = b'{"format":'  # of an index and of a journal, white space aside
SHARD = re.compile(r"part-\d{5,}\.parquet")
LEFT_OVER = re.compile(rf"({SHARD.pattern}|{re.escape(INDEX)}|{re.escape(JOURNAL_FILE)}){PARTIAL}")


class Journal:
    """The finished shards of a folder, by number; each is noted when it is whole."""

    def __init__(self, folder: Path, plan: Plan, *, again: bool) -> None:
        """Read what an earlier run has left; raises EmbedError when it had another plan.

        With `again`, shards of any earlier run are removed. Raises EmbedError too when the folder
        is somebody else's.
        """
        self._folder = folder
        self.is_whole = False
        refuse_foreign(folder)
        earlier = None if again else _earlier(folder)
        if earlier is None:
            _remove(folder)
        else:
            _refuse_other(folder, earlier[0], plan.as_json())
        for path in folder.iterdir():
            if LEFT_OVER.fullmatch(path.name):  # what a run that was killed was writing
                path.unlink()
        self.shards = _verified(folder, earlier[1]) if earlier else {}
        if earlier is not None and (folder / INDEX).exists():
            self.is_whole = len(self.shards) == len(earlier[1])
            if self.is_whole:
                return
        lines = [plan.as_json(), *(one.as_json() for one in self.shards.values())]
        write_whole(folder / JOURNAL_FILE, "".join(json.dumps(line) + "\n" for line in lines))
        (folder / INDEX).unlink(missing_ok=True)

    def note(self, entry: Entry) -> None:
        """Keep that this shard is whole."""
        self.shards[entry.number] = entry
        with (self._folder / JOURNAL_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry.as_json()) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self, index: Mapping[str, Any]) -> None:
        """Write embeddings.json: from now on the folder is whole."""
        write_whole(self._folder / INDEX, json.dumps(index, indent=1) + "\n")
        (self._folder / JOURNAL_FILE).unlink()
        self.is_whole = True


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and put it there whole."""
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def hash_file(path: Path) -> str:
    """Return the sha256 of a file of any length."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _earlier(folder: Path) -> tuple[dict[str, Any], list[Entry]] | None:
    """Return the plan and the shards of an earlier run, finished or not, if they hold any row."""
    if (folder / INDEX).exists():
        index = read_json(folder / INDEX)
        return index, read_entries(index.get("shards"), folder / INDEX)
    path = folder / JOURNAL_FILE
    if not path.exists():
        return None
    text, torn = path.read_text(encoding="utf-8", errors="replace").rpartition("\n")[::2]
    if torn:
        log.warning("%s ends inside a line: that shard is made again", path)
    try:
        plan, *shards = [json.loads(line) for line in text.splitlines()]
        entries = read_entries(shards, path)
        return (dict(plan), entries) if any(entry.rows for entry in entries) else None
    except (ValueError, TypeError, RecursionError) as error:
        raise EmbedError(f"{path} is damaged ({error}): begin again with --again") from None


def _verified(folder: Path, entries: list[Entry]) -> dict[int, Entry]:
    """Return the shards that are as they were noted; the others are made again, and it is said."""
    found = {}
    for entry in entries:
        path = folder / shard_name(entry.number)
        if not path.is_file() or path.stat().st_size != entry.bytes:
            log.warning("%s is missing or has another size: it is made again", path)
        elif hash_file(path) != entry.sha256:
            log.warning("%s was altered: it is made again", path)
        else:
            found[entry.number] = entry
    return found


def _refuse_other(folder: Path, earlier: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    """Raise EmbedError when the earlier run was about something else, and say about what."""
    for name, wanted in plan.items():
        if earlier.get(name) == wanted:
            continue
        if name != "inputs":
            said = f"{name} {json.dumps(earlier.get(name))}, now {json.dumps(wanted)}"
        else:
            before = {json.dumps(one, sort_keys=True) for one in earlier.get(name) or ()}
            changed = [x["name"] for x in wanted if json.dumps(x, sort_keys=True) not in before]
            said = f"other inputs: {', '.join(changed[:3]) or 'fewer'} changed since"
        raise EmbedError(
            f"{folder} holds shards of another run ({said}): "
            "begin again with --again, or choose another --out"
        )


def refuse_foreign(folder: Path) -> None:
    """Raise EmbedError when a folder holds files, and no index or journal of ours says what."""
    if _is_ours(folder):
        return
    for name in sorted(path.name for path in folder.iterdir()):
        if name != LOCK and not LEFT_OVER.fullmatch(name):
            raise EmbedError(f"{folder} holds other files ({name}): choose an empty --out")


def _is_ours(folder: Path) -> bool:
    """Return whether an index or journal of ours lies there, or what is left of a damaged one."""
    path = next((path for path in (folder / INDEX, folder / JOURNAL_FILE) if path.exists()), None)
    if path is None:
        return False
    with path.open("rb") as file:  # the first line of a journal is the plan
        read = file.read if path.name == INDEX else file.readline
        data = read(MOST_INDEX_BYTES)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return BEGINNING.startswith(b"".join(data[:100].split())[: len(BEGINNING)])
    if not isinstance(found, dict):
        return False
    return isinstance(found.get("format"), int) and bool(SPACE.fullmatch(str(found.get("space"))))


def _remove(folder: Path) -> None:
    """Remove the shards of an earlier run; what else lies there stays."""
    (folder / INDEX).unlink(missing_ok=True)  # first: without it nothing looks whole
    for path in folder.iterdir():
        if SHARD.fullmatch(path.name):
            path.unlink()
    (folder / JOURNAL_FILE).unlink(missing_ok=True)
