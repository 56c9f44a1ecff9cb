"""``zstore inventory diff``: what came, went, grew and shrank between two snapshots."""

import argparse
from typing import TYPE_CHECKING, Any

from zstore.cli.inventory.ages import as_of_text
from zstore.cli.inventory.sizes import DEFAULT_TOP, total_line
from zstore.cli.inventory.snapshots import add_snapshot_command, open_inventory
from zstore.cli.places import Commands
from zstore.cli.printing import console, print_json, print_table
from zstore.display import format_count, format_nbytes, visible

if TYPE_CHECKING:
    from zstore.inventory import Inventory
    from zstore.inventory.asking.difference import Difference

__all__ = ["add", "run"]

_LONGEST_NAME = 200


def add(commands: Commands) -> None:
    """Add the subcommand."""
    parser = add_snapshot_command(commands, "diff", "Compare two snapshots.")
    parser.set_defaults(run=run)
    parser.add_argument("old", metavar="OLD", help="the earlier snapshot")
    parser.add_argument("new", metavar="NEW", help="the later snapshot")
    parser.add_argument(
        "--top",
        metavar="N",
        type=int,
        help=f"folders to show that changed most ({DEFAULT_TOP}), and as many keys",
    )


def run(options: argparse.Namespace) -> int:
    """Print what changed, most first; 1 if a part could not be compared."""
    with open_inventory(options.old) as old, open_inventory(options.new) as new:
        told = console() if not options.json else None
        with old.diff(new, prefix=options.prefix) as difference:
            if told is None:
                print_json(_json(difference, options))
            else:
                for name, one in (("old", old), ("new", new)):
                    told.print(f"{name}: {_line(one)}")
                _print(difference, options)
            return 0 if difference.complete else 1


def _line(inventory: "Inventory") -> str:
    total = total_line(inventory.nkeys, inventory.nbytes)
    return f"{visible(inventory.store)}, {total}, {as_of_text(inventory)}"


def _limit(options: argparse.Namespace) -> int:
    return DEFAULT_TOP if options.top is None else max(0, options.top)


def _print(difference: "Difference", options: argparse.Namespace) -> None:
    folders = [
        (
            _grown(folder.grown),
            format_count(folder.nadded),
            format_count(folder.nremoved),
            format_count(folder.nchanged),
            visible(folder.path or ".", _LONGEST_NAME),
        )
        for folder in difference.per_directory(limit=_limit(options))
    ]
    if folders:
        head = ("grown by", "added", "removed", "changed", "folder")
        print_table([head, *folders], right=(0, 1, 2, 3), faint="head")
    keys = [
        (_grown((key.after or 0) - (key.before or 0)), key.kind, visible(key.key, 200))
        for key in (() if options.top is None else difference.keys(limit=_limit(options)))
    ]
    if keys:
        print_table([("grown by", "what", "key"), *keys], right=(0,), faint="head")
    _print_sum(difference)


def _print_sum(difference: "Difference") -> None:
    added, removed, changed = difference.added, difference.removed, difference.changed
    out = console()
    out.print(
        f"added {total_line(added.nkeys, added.after)}; "
        f"removed {total_line(removed.nkeys, removed.before)}; "
        f"changed {total_line(changed.nkeys, changed.after)}; "
        f"grown by {_grown(difference.grown)}"
    )
    if not difference.complete:
        count = format_count(len(difference.left_out))
        out.print(f"partial: {count} ranges of keys are not in both, and not compared")


def _grown(nbytes: int) -> str:
    return f"{'+' * (nbytes > 0)}{format_nbytes(nbytes)}"


def _json(difference: "Difference", options: argparse.Namespace) -> dict[str, Any]:
    limit = _limit(options)
    keys = [] if options.top is None else difference.keys(limit=limit)
    return {
        "prefix": difference.prefix,
        "complete": difference.complete,
        "grown": difference.grown,
        "added": difference.added._asdict(),
        "removed": difference.removed._asdict(),
        "changed": difference.changed._asdict(),
        "folders": [
            {
                "path": folder.path,
                "grown": folder.grown,
                "nadded": folder.nadded,
                "nremoved": folder.nremoved,
                "nchanged": folder.nchanged,
            }
            for folder in difference.per_directory(limit=limit)
        ],
        "keys": [key._asdict() for key in keys],
    }
