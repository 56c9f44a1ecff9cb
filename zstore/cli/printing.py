"""What is printed: JSON as it is, everything else by rich, plain if nobody watches."""

import importlib
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from zstore.errors import MissingDependencyError

__all__ = ["console", "print_json", "print_table", "rich"]


def rich(module: str) -> Any:
    """Return a module of rich.

    Raises
    ------
    MissingDependencyError
        If it is not installed; ``--json`` needs none.
    """
    try:
        return importlib.import_module(f"rich.{module}")
    except ImportError as error:
        raise MissingDependencyError("rich", extra="cli") from error


def console(*, stderr: bool = False) -> Any:
    """Return a console that takes every text as it is: no markup, no links, no emoji."""
    return rich("console").Console(
        stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True
    )


def print_json(value: object) -> None:
    """Print a value as JSON, in ASCII: what acts in a terminal is escaped."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def print_table(
    rows: Iterable[Sequence[str]], *, right: Sequence[int] = (), faint: str = ""
) -> None:
    """Print rows of texts in columns, of which nothing is cut.

    Parameters
    ----------
    rows
        Texts that are fit to be shown; all rows of one length, and one row at least.
    right
        The numbers of the columns that end at the same place, as numbers do.
    faint
        What is shown faintly in a terminal: the ``"head"``, the ``"first"`` column, or
        nothing.
    """
    table = [list(row) for row in rows]
    out = console()
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    text_of = rich("text").Text
    for line, row in enumerate(table):
        cells = [
            text.rjust(width) if number in right else text.ljust(width)
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        text = text_of("  ".join(cells).rstrip())
        if faint == "head" and line == 0:
            text.stylize("dim")
        elif faint == "first":
            text.stylize("dim", 0, widths[0])
        out.print(text)
