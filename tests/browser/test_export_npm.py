"""Bundles exported to npm in; installed, they must tag in Node and in a page as the bundles do."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from cutouts.bundle import Bundle, load_bundle
from cutouts.export import export_bundle
from cutouts.serve import running_site
from cutouts.site import page_policy
from run_npm import node_folder
from tests.browser.conftest import watch
from tests.browser.tiny import onnx_tiny, write_tiny

pytestmark = pytest.mark.browser

NAMES = ["static-several", "onnx"]
TEXTS = ["", "the apple juice", "angle", "motor oil valve song"]
ALLOWED = 1e-5
IN_NODE = """import { loadTagger } from "NAME";
const tagger = await loadTagger();
const tagged = await tagger.tag(JSON.parse(process.argv[2]));
console.log(JSON.stringify(tagged.map(({ tags }) => tags)));
tagger.close();
"""
# The page of a person who has five lines: what a form posts, tagged as it is typed.
IN_A_PAGE = """import { loadTagger } from "NAME";
const tagger = await loadTagger();
globalThis.tag = async (texts) => (await tagger.tag(texts)).map(({ tags }) => tags);
document.title = tagger.manifest.name;
"""
TYPED = """import { loadTagger, type Tagging } from "NAME";
const tagger = await loadTagger({ cache: false });
const one: Tagging = await tagger.tag("text");
export const label: string | undefined = one.tags[0]?.label;
// @ts-expect-error a text is no number
void tagger.tag(1);
"""


@dataclass
class Project:
    """A folder in which the package is installed, and the bundle that it was made of."""

    folder: Path
    bundle: Bundle
    package: str

    def run(self, *command: str) -> str:
        """Run a program of Node in the folder, and return what it prints."""
        path = f"{node_folder()}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def write(self, name: str, script: str) -> None:
        """Write a script that imports the package by its name."""
        (self.folder / name).write_text(script.replace("NAME", self.package))

    def assert_same(self, found: list[list[dict[str, Any]]]) -> None:
        """Fail unless these are the tags that the bundle gives to TEXTS."""
        for tags, expected in zip(found, self.bundle.tag(TEXTS), strict=True):
            assert [tag["label"] for tag in tags] == [tag.label for tag in expected]
            for tag, other in zip(tags, expected, strict=True):
                assert abs(tag["probability"] - other.probability) < ALLOWED


@pytest.fixture(scope="module", params=NAMES)
def project(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """Give a project in which `npm install ./file.tgz` was run, without a registry."""
    folder = tmp_path_factory.mktemp("npm")
    if request.param == "onnx":
        bundle = write_tiny(folder / "bundle", onnx_tiny())
    else:
        bundle = load_bundle(root / "tests/golden" / request.param)
    files = export_bundle(bundle.folder, "npm", folder / "out").files
    (archive,) = [path for path in files if path.suffix == ".tgz"]
    place = folder / "project"
    place.mkdir()
    (place / "package.json").write_text('{"private": true, "type": "module"}')
    made = Project(place, bundle, archive.name.rpartition("-")[0])
    made.run(
        "npm", "install", "--offline", "--ignore-scripts", "--no-audit", f"../out/{archive.name}"
    )
    return made


@pytest.fixture(scope="module")
def built(project: Project, root: Path) -> Path:
    """Give what Vite makes of a page of five lines, with the policy of our own pages."""
    kind = project.bundle.manifest["encoder"]["kind"]
    (project.folder / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{page_policy(kind).partition("; frame-ancestors")[0]}">'
        '<link rel="icon" href="data:,"><script type="module" src="/main.js"></script>'
    )
    project.write("main.js", IN_A_PAGE)
    vite = root / "web/node_modules/vite/bin/vite.js"
    project.run("node", str(vite), "build", "--base", "./")
    return project.folder / "dist"


@pytest.fixture
def address(built: Path) -> Iterator[str]:
    """Serve what was built, below some path."""
    routes = [Mount("/some/where", StaticFiles(directory=built, html=True))]
    with running_site(Starlette(routes=routes)) as site:
        yield f"{site}/some/where/"


def test_the_package_tags_in_node(project: Project) -> None:
    project.write("use.js", IN_NODE)
    assert any(project.bundle.tag(TEXTS))
    project.assert_same(json.loads(project.run("node", "use.js", json.dumps(TEXTS))))


def test_the_package_tags_in_a_page_that_vite_built(
    project: Project, chromium: Browser, address: str
) -> None:
    context = chromium.new_context()
    watched = watch(context.new_page())
    watched.page.goto(address)
    expect(watched.page).to_have_title(project.bundle.manifest["name"], timeout=30_000)
    project.assert_same(watched.page.evaluate("texts => tag(texts)", TEXTS))
    assert watched.complaints == []
    assert all(url.startswith((address, "data:")) for url in watched.requests)
    # A second visit finds the bundle kept, and tags without the network.
    watched.page.reload()
    expect(watched.page).to_have_title(project.bundle.manifest["name"], timeout=30_000)
    context.set_offline(True)
    project.assert_same(watched.page.evaluate("texts => tag(texts)", TEXTS))
    context.close()


def test_the_package_tags_in_a_page_without_a_bundler(
    project: Project, chromium: Browser, tmp_path: Path
) -> None:
    shutil.copytree(project.folder / "node_modules" / project.package, tmp_path / "site/package")
    (tmp_path / "site/index.html").write_text(
        '<!doctype html><script type="module" src="m.js"></script>'
    )
    script = IN_A_PAGE.replace('"NAME"', '"./package/index.js"')
    (tmp_path / "site/m.js").write_text(script)
    routes = [Mount("/", StaticFiles(directory=tmp_path / "site", html=True))]
    with running_site(Starlette(routes=routes)) as site:
        page = chromium.new_page()
        page.goto(site)
        expect(page).to_have_title(project.bundle.manifest["name"], timeout=30_000)
        project.assert_same(page.evaluate("texts => tag(texts)", TEXTS))
        page.close()


def test_the_packages_types_are_what_it_gives(project: Project, root: Path) -> None:
    project.write("typed.ts", TYPED)
    tsc = root / "web/node_modules/typescript/bin/tsc"
    options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--module", "nodenext"]
    options += ["--target", "es2022", "--lib", "es2024,dom", "--types", ""]
    project.run("node", str(tsc), *options, "typed.ts")


def test_a_damaged_file_of_the_package_is_refused_in_node(project: Project, tmp_path: Path) -> None:
    place = Path(shutil.copytree(project.folder, tmp_path / "project"))
    damaged = Project(place, project.bundle, project.package)
    head = place / "node_modules" / project.package / "bundle/head/head.safetensors"
    data = bytearray(head.read_bytes())
    data[-1] ^= 1
    head.write_bytes(data)
    script = IN_NODE.replace("await loadTagger()", "await loadTagger().catch((e) => e)")
    damaged.write("use.js", script.partition("const tagged")[0] + "console.log(tagger.message);")
    said = damaged.run("node", "use.js", "[]")
    assert "head/head.safetensors: chunk 0 has the hash" in said
