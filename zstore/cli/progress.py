"""Saying how far a count is, to a person who waits for it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from zstore.cli.printing import console

__all__ = ["Tell", "terminal", "watched"]

Tell = Callable[[str], object]
"""What takes the line that is shown until the next one."""


def terminal(*, quietly: bool) -> Any:
    """Return the console of somebody who waits; None if nobody does, or all is quiet."""
    out = None if quietly else console(stderr=True)
    return out if out is not None and out.is_terminal else None


@contextmanager
def watched(*, quietly: bool) -> Generator[Tell, None, None]:
    """Show lines on stderr while something is counted, if that is a terminal.

    Parameters
    ----------
    quietly
        Whether nothing shall be shown, as when the output is for a program; then rich is
        not needed.

    Raises
    ------
    MissingDependencyError
        If rich is not installed.
    """
    out = terminal(quietly=quietly)
    if out is None:
        yield _nothing
        return
    with out.status("counting ...") as status:
        yield lambda line: status.update(f"{line}, Ctrl-C stops")


def _nothing(line: str) -> None:
    del line
