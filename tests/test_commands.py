"""The parser, the Makefile and the pages in; fails where a page names what does not exist."""

import re
from pathlib import Path

import pytest

import write_cli_docs
from cutouts.arguments import build_parser

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TARGET = re.compile(r"^([a-z]+):.*?## ", re.MULTILINE)


def calls(page: Path, program: str) -> list[list[str]]:
    """Return the words after `program` of each line in the page's code that calls it."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", text)
    return [line.split()[1:] for line in lines if line.startswith(f"{program} ")]


def test_the_page_of_the_command_line_is_what_the_parser_says() -> None:
    written = write_cli_docs.PAGE.read_text(encoding="utf-8")
    assert written == write_cli_docs.markdown(build_parser()), "run make format"


def test_every_command_says_what_it_does() -> None:
    silent = [n for n, c in write_cli_docs.commands(build_parser()).items() if not c.description]
    assert not silent


def test_every_argument_says_what_it_means() -> None:
    silent = [
        f"{name} {action.option_strings or action.dest}"
        for name, command in write_cli_docs.commands(build_parser()).items()
        for action in write_cli_docs.options(command)
        if not action.help
    ]
    assert not silent


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_commands_and_options_that_exist(page: Path) -> None:
    known = write_cli_docs.commands(build_parser())
    wrong = []
    for name, *words in calls(page, "cutouts"):
        if name not in known:
            wrong.append(f"cutouts {name}")
            continue
        spelled = {o for a in write_cli_docs.options(known[name]) for o in a.option_strings}
        named = {re.split(r"[=\]]", word.lstrip("["))[0] for word in words if "--" in word}
        wrong += [f"cutouts {name} {option}" for option in named if option not in spelled]
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_targets_that_exist(page: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    assert not [words for words in calls(page, "make") if words[0] not in targets]


def test_the_makefile_has_at_most_10_targets_and_lists_each() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert sorted(phony[1].split()) == sorted(TARGET.findall(makefile))
    assert len(phony[1].split()) <= 10
