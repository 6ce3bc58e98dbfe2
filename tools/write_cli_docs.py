"""The command line's own parser in, docs/cli.md out."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from cutouts.arguments import build_parser

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
INTRODUCTION = (
    "# The command line\n\n"
    "Results go to standard output, progress to standard error. Exit code 0: it worked; "
    "1: it failed, with one line that says what to do; 2: the call was wrong. "
    "This page is written by `make format` from the parser itself.\n"
)


def markdown(parser: argparse.ArgumentParser) -> str:
    """Return the page: one section per command, one row per argument."""
    sections = [_section(name, command) for name, command in commands(parser).items()]
    return "\n".join([INTRODUCTION, *sections])


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command by its name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of one command, in the order in which they were declared."""
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS:
            yield action


def _section(name: str, command: argparse.ArgumentParser) -> str:
    call = " ".join(["cutouts", name, *(_usage(action) for action in options(command))])
    lines = [f"## {name}", "", command.description or "", "", "```", call, "```", ""]
    rows = [f"| `{_cell(_spelling(a))}` | {_cell(_meaning(a))} |" for a in options(command)]
    if rows:
        lines += ["| argument | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _usage(action: argparse.Action) -> str:
    """Return how this argument stands in a call: `CORPUS`, `[TEXT ...]`, `[--out DIR]`."""
    if not action.option_strings:
        name = _value(action)
        repeated = {"*": f"[{name} ...]", "+": f"{name} [{name} ...]", "?": f"[{name}]"}
        return repeated.get(str(action.nargs), name)
    spelling = f"{action.option_strings[-1]} {_value(action)}".strip()
    if isinstance(action, argparse._AppendAction):
        spelling += " ..."
    return spelling if action.required else f"[{spelling}]"


def _spelling(action: argparse.Action) -> str:
    return ", ".join(f"{o} {_value(action)}".strip() for o in action.option_strings) or _value(
        action
    )


def _value(action: argparse.Action) -> str:
    """Return what is written in the place of this argument's value, nothing for a flag."""
    if action.nargs == 0:
        return ""
    if action.choices is not None and action.metavar is None:
        return "|".join(str(choice) for choice in action.choices)
    return str(action.metavar or action.dest.upper())


def _meaning(action: argparse.Action) -> str:
    values = {"default": action.default, "prog": "cutouts"}
    return (action.help or "") % values


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(markdown(build_parser()), encoding="utf-8")
