"""The class that scans and answers: it needs the extra, and is imported when asked for."""

import argparse
import importlib
from typing import TYPE_CHECKING, Any

from zstore.cli.places import Commands, with_store

if TYPE_CHECKING:
    from zstore.inventory import Inventory

__all__ = ["add_snapshot_command", "inventory_class", "open_inventory"]


def inventory_class() -> "type[Inventory]":
    """Return `zstore.inventory.Inventory`.

    Raises
    ------
    MissingDependencyError
        If pyarrow or DuckDB is not installed.
    """
    found: type[Inventory] = importlib.import_module("zstore.inventory").Inventory
    return found


def open_inventory(place: str) -> "Inventory":
    """Open a snapshot, to be closed by the caller.

    Raises
    ------
    StoreNotFoundError
        If there is nothing at `place`.
    ZStoreError
        As `Inventory.open` does.
    """
    return with_store(place, inventory_class().open)


def add_snapshot_command(commands: Commands, name: str, summary: str) -> Any:
    """Add a subcommand that asks snapshots, with the arguments all of them have."""
    parser: argparse.ArgumentParser
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.add_argument("--prefix", default="", help="only what is below")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser
