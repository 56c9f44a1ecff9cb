"""``zstore inventory show``: what a snapshot knows, without a request to the store."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zstore.cli.inventory.ages import as_of_text
from zstore.cli.inventory.sizes import DEFAULT_TOP, Sizes, print_sizes, sizes_json
from zstore.cli.inventory.snapshots import (
    add_snapshot_command,
    inventory_class,
    open_inventory,
)
from zstore.cli.places import Commands
from zstore.cli.printing import console, print_json, print_table
from zstore.display import format_count, format_nbytes, format_shape, visible

if TYPE_CHECKING:
    from zstore.inventory import Inventory
    from zstore.inventory.asking.array_usage import ArrayUsage

__all__ = ["add", "run"]

_LONGEST = 200


def add(commands: Commands) -> None:
    """Add the subcommand."""
    parser = add_snapshot_command(commands, "show", "Show what a snapshot knows.")
    parser.set_defaults(run=run)
    parser.add_argument("snapshot", metavar="SNAPSHOT", help="what a scan has written")
    parser.add_argument(
        "--top",
        metavar="N",
        type=int,
        help=f"largest children to show ({DEFAULT_TOP}), and as many keys",
    )
    parser.add_argument("--arrays", action="store_true", help="the arrays, in place of it")
    parser.add_argument(
        "--report",
        metavar="KEY",
        help="of the manifest.json of an S3 Inventory report; SNAPSHOT is its bucket",
    )


def run(options: argparse.Namespace) -> int:
    """Print what a snapshot says of a prefix, or of its arrays."""
    if options.report is None:
        inventory = open_inventory(options.snapshot)
    else:
        read = inventory_class().from_s3_inventory
        inventory = asyncio.run(read(options.snapshot, options.report))
    with inventory:
        if options.json:
            print_json({**_about(inventory), **_told(inventory, options)})
            return 0
        console().print(f"{visible(inventory.store)}, {as_of_text(inventory)}")
        if options.arrays:
            _print_arrays(_arrays(inventory, options))
        else:
            sizes = Sizes.of(inventory, options.prefix, options.top)
            print_sizes(sizes, "" if sizes.complete else " (partial)")
    return 0


def _about(inventory: "Inventory") -> dict[str, Any]:
    return {
        "store": inventory.store,
        "scanned_prefix": inventory.prefix,
        "as_of": inventory.as_of.isoformat(),
    }


def _told(inventory: "Inventory", options: argparse.Namespace) -> dict[str, Any]:
    if not options.arrays:
        return sizes_json(Sizes.of(inventory, options.prefix, options.top))
    arrays = [
        {
            "path": array.path,
            "format": array.zarr_format,
            "dtype": array.dtype,
            "shape": array.shape,
            "chunks": array.chunks,
            "codecs": array.codecs,
            "nchunks": array.nchunks,
            "nchunks_expected": array.nchunks_expected,
            "missing": array.missing,
            "nbytes": array.nbytes,
            "problem": array.problem,
        }
        for array in _arrays(inventory, options)
    ]
    return {"complete": inventory.complete, "arrays": arrays}


def _arrays(inventory: "Inventory", options: argparse.Namespace) -> "list[ArrayUsage]":
    path = options.prefix.removesuffix("/")
    found = [
        array
        for array in inventory.by_array()
        if not path or array.path == path or array.path.startswith(f"{path}/")
    ]
    return found if options.top is None else found[: max(0, options.top)]


def _print_arrays(arrays: "Sequence[ArrayUsage]") -> None:
    rows = [
        (
            format_nbytes(array.nbytes),
            _chunks(array),
            "" if array.shape is None else visible(format_shape(array.shape), _LONGEST),
            visible(array.dtype or "", _LONGEST),
            visible(array.path or "/", _LONGEST),
            "" if array.problem is None else f"⚠ {visible(array.problem, _LONGEST)}",
        )
        for array in arrays
    ]
    if not rows:
        console().print("no arrays")
        return
    head = ("size", "chunks", "shape", "dtype", "path", "")
    print_table([head, *rows], right=(0, 1), faint="head")


def _chunks(array: "ArrayUsage") -> str:
    if array.nchunks is None:
        return ""
    of = array.nchunks_expected
    stored = format_count(array.nchunks)
    return stored if of is None else f"{stored} of {format_count(of)}"
