"""``zstore inventory``: scan a store into a snapshot, and ask and compare snapshots."""

from zstore.cli.inventory.comparing import add as add_diff
from zstore.cli.inventory.scanning import add as add_scan
from zstore.cli.inventory.showing import add as add_show
from zstore.cli.places import Commands

__all__ = ["add"]

_COMMANDS = (add_scan, add_show, add_diff)


def add(commands: Commands) -> None:
    """Add the subcommand, and those below it."""
    summary = "Keep how large everything in a store is, and ask without listing it again."
    parser = commands.add_parser("inventory", help=summary, description=summary)
    below = parser.add_subparsers(metavar="COMMAND", required=True)
    for add_one in _COMMANDS:
        add_one(below)
