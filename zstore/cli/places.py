"""Opening the store that an argument names, and working with it until it is closed."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from zstore.opening import open_store
from zstore.store import Store

__all__ = ["Commands", "add_command", "positive", "with_store"]

T = TypeVar("T")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- it has no other name
"""Where a subcommand adds itself."""


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    """Add a subcommand that looks into a store, with the arguments all of them have."""
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(run=run)
    parser.add_argument("store", metavar="STORE", help="a path or URL, which is only read")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def positive(text: str) -> int:
    """Return the positive number that an argument is.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    number = int(text)
    if number < 1:
        msg = f"{text} is no positive number"
        raise argparse.ArgumentTypeError(msg)
    return number


def with_store(place: str, work: Callable[[Store], Awaitable[T]]) -> T:
    """Open a store for reading, do something with it, and close it.

    Raises
    ------
    StoreNotFoundError
        If there is nothing at `place`; for the rest see `zstore.open_store`.
    KeyboardInterrupt
        After Ctrl-C, when `work` was cancelled and the store closed.
    """

    async def do() -> Any:
        store = await open_store(place, mode="r")
        try:
            return await work(store)
        finally:
            await store.aclose()

    result: T = asyncio.run(do())
    return result
