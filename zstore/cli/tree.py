"""``zstore tree``: the first levels of a store."""

import argparse
from functools import partial
from typing import Any

from zstore.cli.places import Commands, add_command, positive, with_store
from zstore.cli.printing import console, print_json
from zstore.display import Outline, Row, outline, outline_text

__all__ = ["add", "run"]

_MAX_ROWS = 2000
_SECONDS = 30.0


def add(commands: Commands) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "tree", run, "Show the first levels of a store.")
    parser.add_argument("path", metavar="PATH", nargs="?", default="", help="begin here")
    parser.add_argument(
        "--depth", metavar="N", type=positive, default=2, help="levels to show (2)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the outline of a store."""
    look = partial(
        outline,
        prefix=options.path,
        depth=options.depth,
        max_rows=_MAX_ROWS,
        seconds=_SECONDS,
    )
    out = None if options.json else console()
    found = with_store(options.store, look)
    if out is None:
        print_json({"store": found.place, "is_late": found.is_late, **_row(found.root)})
    else:
        out.print(outline_text(found))
    return _status(found)


def _status(found: Outline) -> int:
    return 1 if found.root.problem and not found.root.children else 0


def _row(row: Row) -> dict[str, Any]:
    """Return a row as JSON: exact names and integers."""
    told: dict[str, Any] = {"name": row.name, "path": row.path, "kind": row.kind}
    if row.nbytes is not None:
        told["nbytes"] = row.nbytes
    if row.problem is not None:
        told["problem"] = row.problem
    if row.kind == "chunks":
        told["nchunks"] = row.nchunks
    if row.kind == "array" and row.node is not None and row.node.array is not None:
        array = row.node.array
        told |= {"shape": array.shape, "dtype": array.dtype, "chunks": array.chunk_shape}
    if row.kind not in {"key", "chunks"}:
        told |= {"hidden": row.hidden, "children": [_row(child) for child in row.children]}
    return told
