"""A folder and a plan in, the shards that are whole out: where a run that was ended goes on."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutouts.embed.plan import Plan
from cutouts.embed.shards import INDEX, JOURNAL_FILE, Entry, read_entries, read_json, shard_name
from cutouts.errors import EmbedError

log = logging.getLogger("cutouts")

LOCK = ".lock"
PARTIAL = ".partial"


class Journal:
    """The finished shards of a folder, by number; each is noted when it is whole."""

    def __init__(self, folder: Path, plan: Plan, *, again: bool) -> None:
        """Read what an earlier run has left; raises EmbedError when it had another plan.

        With `again`, shards of any earlier run are removed.
        """
        self._folder = folder
        self.is_whole = False
        if again and _is_ours(folder):
            _remove(folder)
        earlier = _earlier(folder)
        if earlier is None:
            _refuse_foreign(folder)
        else:
            _refuse_other(folder, earlier[0], plan.as_json())
        for path in filter(_is_left_over, folder.iterdir()):
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
    """Return the plan and the shards of an earlier run, finished or not."""
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
        return dict(plan), read_entries(shards, path)
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


def _refuse_foreign(folder: Path) -> None:
    """Raise EmbedError when a folder without shards of ours holds something."""
    strange = [path for path in folder.iterdir() if path.name != LOCK and not _is_left_over(path)]
    if strange:
        first = min(path.name for path in strange)
        raise EmbedError(f"{folder} holds other files ({first}): choose an empty --out")


def _is_left_over(path: Path) -> bool:
    """Return whether this is what a run that was killed was writing."""
    ours = ("part-", INDEX, JOURNAL_FILE)
    return path.name.startswith(ours) and path.name.endswith(PARTIAL)


def _is_ours(folder: Path) -> bool:
    return (folder / INDEX).exists() or (folder / JOURNAL_FILE).exists()


def _remove(folder: Path) -> None:
    """Remove the shards of an earlier run; what else lies there stays."""
    (folder / INDEX).unlink(missing_ok=True)  # first: without it nothing looks whole
    for path in folder.glob("part-*.parquet"):
        path.unlink()
    (folder / JOURNAL_FILE).unlink(missing_ok=True)
