"""A Debian package's name in, whether it is installed now out."""

import os
import shutil
import subprocess
import sys


def install(package: str) -> bool:
    """Install `package` with apt-get when this is Debian and we are root; say whether it worked."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    print(f"installing {package} with apt-get", file=sys.stderr)
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", package]
    # Package lists may be missing or old, as in a fresh container: refresh them only then.
    failed = _run(install) and (_run([apt, "update", "-qq"]) or _run(install))
    if failed:
        print(failed, file=sys.stderr)
    return not failed


def _run(command: list[str]) -> str:
    """Run without questions; return nothing when it worked, or else what it said."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"{' '.join(command)} failed: {done.stdout.strip()}"
