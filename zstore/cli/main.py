"""From the arguments to the exit status."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from typing import TextIO

from zstore.cli.describing import add as add_info
from zstore.cli.du import add as add_du
from zstore.cli.inventory import add as add_inventory
from zstore.cli.lab import add as add_lab
from zstore.cli.status import INTERRUPTED
from zstore.cli.tree import add as add_tree
from zstore.display import sentence, visible, without_home
from zstore.stores.failures import redact

__all__ = ["main"]

_COMMANDS = (add_tree, add_du, add_inventory, add_info, add_lab)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console script; return its exit status.

    Parameters
    ----------
    arguments
        Those of the command line by default.

    Returns
    -------
    int
        0; 1 if it failed, with a line on stderr that says why; 130 after Ctrl-C.

    Raises
    ------
    SystemExit
        With 2 if the arguments are wrong, with 0 after ``--help`` and ``--version``.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows few letters gets the others as escapes, not an error.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.showwarning = _warn
        try:
            status: int = options.run(options)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader (`head`) has seen enough; Python would complain at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except KeyboardInterrupt:
            return INTERRUPTED
        except Exception as error:  # noqa: BLE001 -- the sentence, and no traceback
            return _fail(sentence(error))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zstore",
        description="Look into a store of chunked arrays: a folder, a zip, a bucket.",
    )
    told = f"zstore {version('zstore')}"
    parser.add_argument("--version", action="version", version=told)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        add(commands)
    return parser


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning as a line, in place of the line of code that gave it."""
    del filename, lineno, file, line
    if issubclass(category, DeprecationWarning | ResourceWarning):
        return  # news for programmers
    text = visible(without_home(redact(str(message))))
    print(f"zstore: {text}", file=sys.stderr)  # noqa: T201 -- a console script


def _fail(text: str) -> int:
    print(f"zstore: {text}", file=sys.stderr)  # noqa: T201 -- a console script
    return 1
