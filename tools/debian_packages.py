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
    install = [apt, "install", "-y", "-q", "--no-install-recommends", package]
    # Package lists may be missing or old, as in a fresh container: refresh them only then.
    return _runs(install) or (_runs([apt, "update", "-q"]) and _runs(install))


def _runs(command: list[str]) -> bool:
    """Run without questions, on stderr only, and say whether it succeeded."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False
    )
    return done.returncode == 0
