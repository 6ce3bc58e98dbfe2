"""The checkout in; fails unless its wheel, alone in an empty environment, does the whole job."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import venv
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutouts.browsers import find_browser

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/?")
NODE = {"node", "nodejs", "npm", "npx", "corepack"}
TEXTS = {
    "cooking": "simmer the {} with garlic and butter until the sauce thickens",
    "cycling": "tighten the {} before the ride and check the brakes of the bicycle",
}
THINGS = ("pan", "pot", "lid", "knob", "bolt", "cable", "plate", "wheel", "lamp", "bell", "valve")


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that holds the wheel and what it depends on, and nothing else."""

    program: Path
    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        """Return what `cutouts` with these arguments writes to standard output."""
        done = subprocess.run(
            [self.program, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def build_wheel(project: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Build the wheel of `project` into the folder `out`, with the tools of this environment."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps"]
    command = [*pip, "--no-build-isolation", "--wheel-dir", str(out), str(project)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def path_without_node(folder: Path) -> str:
    """Return a PATH of one folder that holds everything on PATH but Node."""
    for entry in os.get_exec_path():
        for program in Path(entry).glob("*") if Path(entry).is_dir() else ():
            if program.name not in NODE and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return str(folder)


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    done = build_wheel(root, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return an environment into which the wheel was installed, with no Node to be found."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=True)
    python = str(folder / "env" / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    subprocess.run([*pip, str(wheel)], check=True)
    (folder / "programs").mkdir()
    keep = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment = {
        **keep,
        "PATH": path_without_node(folder / "programs"),
        "CHROME": str(find_browser("chromium")),
    }
    assert shutil.which("node", path=environment["PATH"]) is None
    return Installed(folder / "env" / "bin" / "cutouts", folder, environment)


@pytest.fixture(scope="module")
def bundle(installed: Installed) -> Path:
    """Return a bundle that the installed wheel trained on a corpus of two labels."""
    rows = [f"{text.format(thing)},{label}" for label, text in TEXTS.items() for thing in THINGS]
    (installed.folder / "corpus.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    answer = json.loads(installed.run("train", "corpus.csv", "--out", "bundle", "--json"))
    assert answer.keys() >= {"accuracy", "macro_f1", "bytes", "seconds"}
    return installed.folder / "bundle"


def copy_without_webapp(root: Path, project: Path) -> None:
    """Copy what a wheel is built from, the web part apart."""
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(root / name, project / name)
    ignored = shutil.ignore_patterns("webapp", "__pycache__")
    shutil.copytree(root / "cutouts", project / "cutouts", ignore=ignored)


def test_a_wheel_without_the_web_part_is_refused(root: Path, tmp_path: Path) -> None:
    copy_without_webapp(root, tmp_path)
    done = build_wheel(tmp_path, tmp_path / "out")
    assert done.returncode != 0
    assert "cutouts/webapp lacks index.html, library.html, prove.html" in done.stdout + done.stderr
    assert "run make web, then build the wheel" in done.stdout + done.stderr


def test_the_wheel_holds_the_web_part_and_nothing_but_the_package(wheel: Path, root: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    pages = {"index.html", "library.html", "prove.html", "service.js", "library/sqlite3.wasm"}
    needed = pages | {"runtime/index.js", "runtime/worker.js", "library/worker.js"}
    assert {f"cutouts/webapp/{name}" for name in needed} <= set(names)
    page = {"index.html", "page.js", "style.css", "tagger.js"}
    assert {f"cutouts/export/page/{name}" for name in page} <= set(names)
    scripts = {path.name for path in (root / "cutouts/export/package").iterdir()}
    assert {f"cutouts/export/package/{name}" for name in scripts | {"index.d.ts"}} <= set(names)
    assert {"cutouts/bundle.schema.json", "cutouts/py.typed"} <= set(names)
    strange = [n for n in names if not re.match(r"cutouts(-[\d.]+\.dist-info)?/(?!.*/\.)", n)]
    assert not strange


@pytest.mark.real
@pytest.mark.browser
def test_the_installed_wheel_tags_a_text(installed: Installed, bundle: Path) -> None:
    text = "stir garlic and butter into the sauce"
    answer: dict[str, object] = json.loads(installed.run("tag", str(bundle), text, "--json"))
    assert "cooking" in json.dumps(answer)


@pytest.mark.real
@pytest.mark.browser
def test_the_installed_wheel_proves_a_bundle_in_chromium(
    installed: Installed, bundle: Path
) -> None:
    proof = json.loads(installed.run("prove", str(bundle), "--json"))
    assert proof["same_tags"] == proof["texts"]


@pytest.mark.real
@pytest.mark.browser
def test_the_installed_wheel_serves_its_page(installed: Installed, bundle: Path) -> None:
    command: Sequence[str] = [str(installed.program), "serve", str(bundle), "--port", "0"]
    with subprocess.Popen(
        command,
        env={**installed.environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            found = next((m for line in server.stdout if (m := ADDRESS.search(line))), None)
            assert found is not None, "serve ended without an address"
            with urllib.request.urlopen(found[0], timeout=30) as page:
                assert "<script" in page.read().decode()
        finally:
            server.send_signal(signal.SIGINT)
        server.stdout.read()
    assert server.returncode == 0
