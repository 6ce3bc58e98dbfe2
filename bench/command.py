"""A command in; what it printed, its time, and the most memory that its processes held, out."""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.memory import family, held

PAUSE_SECONDS = 0.3  # between two looks at the memory


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a command."""

    printed: str
    seconds: float
    cpu_seconds: float  # of its processes, as far as they were waited for
    peak_bytes: int  # proportional set sizes of all its processes together


def run_command(command: Sequence[str], env: Mapping[str, str] | None = None) -> Ran:
    """Run the command to its end; SystemExit when it fails, with what it said last."""
    begun, used, peak = time.monotonic(), _used(), 0
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=out, stderr=told, env=env)
        while process.poll() is None:
            peak = max(peak, sum(held(one) for one in family(process.pid)))
            time.sleep(PAUSE_SECONDS)
        seconds = time.monotonic() - begun
        out.seek(0)
        told.seek(0)
        if process.returncode != 0:
            said = told.read().decode(errors="replace").strip().rpartition("\n")[2]
            code = process.returncode
            raise SystemExit(f"{' '.join(command)} ended with exit code {code}: {said}")
        return Ran(out.read().decode(), seconds, _used() - used, peak)


def _used() -> float:
    """Return the processor time of all processes that this one has waited for, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
