"""A Python of at least 3.11 in, `.venv` with Cutouts and its extras out, installed in place.

Runs on the standard library alone, before anything is installed.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import debian_packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
STAMP = VENV / ".installed"
CHECK = "import pip, sys; sys.exit(sys.version_info < (3, 11))"


def make_venv() -> None:
    """Create `.venv` unless a working one is there; what an interrupted run left is replaced."""
    check = [PYTHON, "-c", CHECK]
    if Path(PYTHON).exists() and not subprocess.run(check, capture_output=True).returncode:
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        if not debian_packages.install(package):
            sys.exit(f"python3 has no venv: apt-get install {package}, then run make again")
    print("making .venv", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def install_project() -> None:
    """Install Cutouts in place with what development needs, and say so in the stamp, last."""
    print("installing the Python packages (the first time takes minutes)", file=sys.stderr)
    project = f"{ROOT}[dev,cnn,parquet,scale]"
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "-qq"]  # errors only
    subprocess.run([*pip, "install", "--editable", project], check=True)
    STAMP.touch()


def main() -> None:
    """Make the environment, or end with one line that says what is missing."""
    try:
        make_venv()
        install_project()
    except subprocess.CalledProcessError as error:
        sys.exit(f"making .venv failed (exit code {error.returncode}): see the lines above")
    except KeyboardInterrupt:
        sys.exit("interrupted: run make again to go on")


if __name__ == "__main__":
    main()
