"""Rows in, a Markdown table on stdout out."""

from collections.abc import Sequence


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print the rows below their header."""
    lines = [header, ["---"] * len(header), *rows]
    for line in lines:
        print("| " + " | ".join(str(cell) for cell in line) + " |", flush=True)
