"""The checkout itself in; fails where two places that must agree do not, or house style is left."""

import ast
import functools
import graphlib
import importlib.metadata
import json
import re
import sqlite3
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Who may import whom: a module sees its own line and the lines above it.
LAYERS = (
    ("errors",),
    ("sources", "npm", "assets"),
    ("library", "corpus", "samples"),
    ("encoders", "embed"),
    ("metrics", "candidates", "report"),
    ("heads",),
    ("manifest", "former", "golden", "bundle", "pack"),
    (
        *("compression", "site", "browsers", "visit", "proof", "prove", "serve", "build"),
        *("extension", "payload"),
    ),
    ("export",),
    ("shrink", "card", "proof_texts", "training", "shard_training", "distillation"),
    ("comparison",),
    ("cutouts",),  # cutouts/__init__.py, what `import cutouts` offers
    ("summary", "demo", "arguments", "cli", "__main__"),
)
SAYS_NOTHING = {"utils", "helpers", "common", "core", "misc", "manager"}
# Joined here so that this file does not hold what it forbids.
FORBIDDEN = (
    *(".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))),
    *(".".join(host) for host in (("npmjs", "com"), ("yarnpkg", "com"))),
    *("/".join(path) for path in (("..", "shared"), ("", "work", ""), ("", "root", ""))),
)
HOME = re.compile(r"/(?:home|Users)/(?!you/|name/|me/)\w+/")


def project_files(*suffixes: str) -> list[Path]:
    """Return the files that git keeps or would keep, of these suffixes or all."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = sorted(ROOT / name for name in set(listed.split("\0")) if name)
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def name_of(path: Path) -> str:
    """Return the path as the messages of these tests write it."""
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """Return the text of a file, nothing for one that is not text."""
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode("utf-8", errors="replace")


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in project_files(".py"):
        if path.is_relative_to(ROOT / "cutouts"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports_of(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Yield the package's own modules that this file imports, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively: write the full name"
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known.keys()
            outer = {node.module} & known.keys() if len(inner) < len(node.names) else set()
            yield from sorted(inner | {name for name in outer if name})


def layer_of(module: str) -> int:
    """Return the line of LAYERS on which this module stands."""
    name = module.split(".")[1] if "." in module else module
    for layer, names in enumerate(LAYERS):
        if name in names:
            return layer
    pytest.fail(f"{module} stands on no line of LAYERS: say who may import it")


def test_imports_point_one_way() -> None:
    known = modules()
    wrong = [
        f"{module} imports {imported}"
        for module, path in known.items()
        for imported in imports_of(path, known)
        if layer_of(imported) > layer_of(module)
    ]
    assert not wrong


def test_no_two_modules_import_each_other() -> None:
    known = modules()
    graph = {module: set(imports_of(path, known)) - {module} for module, path in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"these import each other: {' -> '.join(error.args[1])}")


EXTRAS = ("cnn", "parquet", "scale")
distributions = functools.cache(importlib.metadata.packages_distributions)


def outside_imports(path: Path, *, at_the_top: bool) -> set[str]:
    """Return the distributions that this file imports, anywhere or only when it is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_the_top else list(ast.walk(tree))
    names = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    found = (distributions().get(name.split(".")[0], []) for name in names)
    return {distribution.lower() for names in found for distribution in names} - {"cutouts"}


def declared(extra: str = "") -> set[str]:
    """Return the distributions that pyproject.toml asks for, in the base or in one extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {re.split(r"[<>=;\[ ]", line)[0].lower() for line in asked}


def test_what_the_base_install_imports_at_its_top_is_declared() -> None:
    imported = set().union(*(outside_imports(p, at_the_top=True) for p in modules().values()))
    assert not imported - declared(), "declare it, or import it inside the function that needs it"


def test_every_import_is_declared_and_every_dependency_is_imported() -> None:
    imported = set().union(*(outside_imports(p, at_the_top=False) for p in modules().values()))
    extras = set().union(*map(declared, EXTRAS))
    assert not imported - declared() - extras, "imported and not declared"
    assert not declared() - imported, "declared and not imported"


def test_every_dependency_is_bounded_on_both_sides() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [project["dependencies"], *project["optional-dependencies"].values()]
    assert not [line for lines in asked for line in lines if not re.search(r">=.+,<", line)]


def test_every_dependency_has_its_reason_in_the_design() -> None:
    table = text_of(ROOT / "docs" / "design.md").split("## Dependencies")[1].split("\n## ")[0]
    named = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
    words = {word for cell in named for word in re.split(r"[ ,()`]+", cell)}
    package = json.loads(text_of(ROOT / "web" / "package.json"))
    wanted = declared().union(*map(declared, EXTRAS)) | set(package["devDependencies"])
    assert not wanted - words - {"jaxlib"}, "jaxlib is a part of jax"


def test_every_python_file_begins_with_a_docstring() -> None:
    wrong = [name_of(p) for p in project_files(".py") if not text_of(p).startswith(('"""', 'r"""'))]
    assert not wrong


def test_every_typescript_file_begins_with_a_comment() -> None:
    wrong = [name_of(p) for p in project_files(".ts") if not text_of(p).startswith(("//", "/*"))]
    assert not wrong


def test_no_source_file_is_longer_than_400_lines() -> None:
    sources = project_files(".py", ".ts")
    lines = {name_of(path): text_of(path).count("\n") for path in sources}
    assert not {name: count for name, count in lines.items() if count > 400}


def test_no_function_is_longer_than_60_lines() -> None:
    long = []
    for path in project_files(".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 60:
                    long.append(f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines")
    assert not long


def test_no_file_has_a_name_that_says_nothing() -> None:
    paths = project_files()
    assert not [
        name_of(p) for p in paths if {part.split(".")[0] for part in p.parts} & SAYS_NOTHING
    ]


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    wrong = []
    for path in project_files():
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            if any(word in line for word in FORBIDDEN) or HOME.search(line):
                wrong.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert not wrong


def test_the_lock_file_of_npm_records_no_registry() -> None:
    locks = [path for path in project_files(".json") if path.name == "package-lock.json"]
    assert not [name_of(path) for path in locks if '"resolved"' in text_of(path)]


def test_the_lock_file_of_npm_holds_the_packages_of_every_system() -> None:
    missing = []
    for path in project_files(".json"):
        if path.name == "package-lock.json":
            packages = json.loads(text_of(path))["packages"]
            optional = {
                n for entry in packages.values() for n in entry.get("optionalDependencies", {})
            }
            missing += [name for name in optional if f"node_modules/{name}" not in packages]
    assert not missing, "npm ci refuses such a lock file on the systems left out"


def test_the_versions_of_both_sides_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = {"pyproject.toml": project["version"]}
    for path in project_files(".json"):
        if path.parent == ROOT / "web" and path.name in {"package.json", "package-lock.json"}:
            versions[name_of(path)] = json.loads(text_of(path))["version"]
    assert len(set(versions.values())) == 1, versions


def schema_words(node: Any) -> Iterator[str]:
    """Yield the name of every field in the schema and every word a field may hold."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        yield from (word for word in node.get("enum", []) if isinstance(word, str))
        for value in node.values():
            yield from schema_words(value)
    elif isinstance(node, list):
        for value in node:
            yield from schema_words(value)


def test_every_field_of_the_bundle_is_in_its_page() -> None:
    schema = json.loads((ROOT / "cutouts" / "bundle.schema.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "bundle.md").read_text(encoding="utf-8").replace("```", "")
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page))))
    missing = set(schema_words(schema)) - documented
    assert not missing


def test_every_column_of_a_library_is_in_its_page_under_its_table() -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    _, *sections = re.split(r"^##+ ", page, flags=re.MULTILINE)
    documented = {
        section.splitlines()[0].strip("`"): re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
        for section in sections
    }
    with closing(sqlite3.connect(ROOT / "tests" / "golden" / "library.sqlite")) as base:
        stored = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
        names = {name for (name,) in base.execute(stored)}
        tables = {name for name in names if not name.startswith(("sqlite_", "words_", "runs_"))}
        columns = {
            table: [name for _, name, *_ in base.execute(f"PRAGMA table_info({table})")]
            for table in tables
        }
        (made,) = base.execute(
            "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'view' OR rootpage = 0"
            " AND type = 'table'"
        ).fetchone()
    assert {table: documented.get(table) for table in tables} == columns
    assert not [name for name in made.split(",") if f"`{name}`" not in page]


def test_every_link_in_the_pages_leads_to_a_file() -> None:
    broken = [
        f"{name_of(page)}: {link}"
        for page in project_files(".md")
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(page))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not broken


def test_the_readme_has_at_most_600_words() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 600
