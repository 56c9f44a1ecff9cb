"""``zstore du``: how much lies where, counted while one watches."""

import argparse
import time
from contextlib import aclosing

from zstore.cli.inventory.scanning import run_du as run_scan
from zstore.cli.inventory.sizes import DEFAULT_TOP, total_line
from zstore.cli.places import Commands, add_command, with_store
from zstore.cli.printing import console, print_json, print_table
from zstore.cli.progress import Tell, watched
from zstore.cli.status import INTERRUPTED
from zstore.display import format_count, format_nbytes, visible
from zstore.entries import Usage
from zstore.store import Store

__all__ = ["add", "run"]

_LONGEST_NAME = 200


def add(commands: Commands) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands, "du", run, "Count the keys and bytes of a store, by what lies below it."
    )
    parser.add_argument(
        "prefix", metavar="PREFIX", nargs="?", default="", help="count only what is below"
    )
    parser.add_argument(
        "--top",
        metavar="N",
        type=int,
        help=f"largest children to show ({DEFAULT_TOP}); of a snapshot as many keys, too",
    )
    parser.add_argument(
        "--snapshot",
        metavar="PATH",
        help="keep what is found there, and go on from what an interrupted scan has kept",
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="of a scheduler, whose workers scan"
    )


def run(options: argparse.Namespace) -> int:
    """Count, and print the largest first; after Ctrl-C what was counted so far."""
    if options.snapshot is not None or options.dask is not None:
        return run_scan(options)
    interrupted = False
    with watched(quietly=options.json) as tell:
        counting = _Counting(options.prefix, tell)
        try:
            with_store(options.store, counting.count)
        except KeyboardInterrupt:
            interrupted = True
    show = _print_json if options.json else _print_table
    show(options, counting.usage)
    return INTERRUPTED if interrupted else 0


class _Counting:
    """A count under way: the last total stays when it is interrupted."""

    def __init__(self, prefix: str, tell: Tell) -> None:
        self.prefix = prefix
        self.usage = Usage()
        self.tell = tell

    async def count(self, store: Store) -> None:
        start = time.monotonic()
        async with aclosing(store.usage(self.prefix)) as totals:
            async for self.usage in totals:
                seconds = max(time.monotonic() - start, 1e-3)
                rate = format_count(round(self.usage.nkeys / seconds))
                total = total_line(self.usage.nkeys, self.usage.nbytes)
                self.tell(f"{total}, {rate} keys/s")


def _limit(options: argparse.Namespace) -> int:
    return DEFAULT_TOP if options.top is None else max(0, options.top)


def _largest(usage: Usage) -> list[tuple[str, int, int]]:
    """Return (name, nkeys, nbytes) of each child, the largest first."""
    children = [(name, nkeys, size) for name, (nkeys, size) in usage.children.items()]
    return sorted(children, key=lambda child: (-child[2], -child[1], child[0]))


def _print_table(options: argparse.Namespace, usage: Usage) -> None:
    children = _largest(usage)
    shown = children[: _limit(options)]
    rows = [
        (
            format_nbytes(nbytes),
            f"{nbytes / usage.nbytes:.1%}" if usage.nbytes else "",
            format_count(nkeys),
            visible(name, _LONGEST_NAME),
        )
        for name, nkeys, nbytes in shown
    ]
    if rows:
        print_table(
            [("size", "share", "keys", "name"), *rows], right=(0, 1, 2), faint="head"
        )
    out = console()
    if len(children) > len(shown):
        out.print(f"… {format_count(len(children) - len(shown))} smaller")
    mark = "" if usage.complete else " so far (partial: the count was interrupted)"
    out.print(f"{total_line(usage.nkeys, usage.nbytes)}{mark}")


def _print_json(options: argparse.Namespace, usage: Usage) -> None:
    children = _largest(usage)
    print_json(
        {
            "prefix": options.prefix,
            "nkeys": usage.nkeys,
            "nbytes": usage.nbytes,
            "complete": usage.complete,
            "nchildren": len(children),
            "children": [
                {"name": name, "nkeys": nkeys, "nbytes": nbytes}
                for name, nkeys, nbytes in children[: _limit(options)]
            ],
        }
    )
