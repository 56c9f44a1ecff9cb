"""``zstore inventory scan``, and the scan of ``zstore du``."""

import argparse
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zstore.cli.inventory.bar import scan_bar
from zstore.cli.inventory.sizes import Sizes, print_sizes, sizes_json, total_line
from zstore.cli.inventory.snapshots import inventory_class
from zstore.cli.places import Commands, add_command, positive, with_store
from zstore.cli.printing import console, print_json
from zstore.cli.status import INTERRUPTED
from zstore.display import format_count
from zstore.entries import Usage
from zstore.store import Store

if TYPE_CHECKING:
    from zstore.inventory import Inventory, ScanProgress

__all__ = ["Wanted", "add", "run", "run_du", "scan"]

_GO_ON = "The snapshot keeps what was found; the same command goes on from there."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to scan; see `zstore.inventory.Inventory.scan`."""

    store: str
    prefix: str
    snapshot: str | None
    dask: str | None
    depth: int = 4
    restart: bool = False


class _Scan:
    """A scan under way: what it has found stays when it is interrupted."""

    def __init__(self, wanted: Wanted) -> None:
        self.inventory: Inventory | None = None
        self._wanted = wanted
        self._last: ScanProgress | None = None
        # Before anything is asked of the store.
        self._class = inventory_class()

    def run(self, *, quietly: bool) -> None:
        """Scan to the end.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C, when what was found is in the snapshot.
        ZStoreError
            As `Inventory.scan` does.
        """
        with scan_bar(quietly=quietly) as show:

            def tell(progress: "ScanProgress") -> None:
                self._last = progress
                show(progress)

            async def work(store: Store) -> None:
                self.inventory = await self._class.scan(
                    store,
                    self._wanted.prefix,
                    snapshot=self._wanted.snapshot,
                    depth=self._wanted.depth,
                    on_progress=tell,
                    client=self._wanted.dask,
                    restart=self._wanted.restart,
                )

            with_store(self._wanted.store, work)

    def found(self) -> Usage:
        """Return what was found so far."""
        return Usage() if self._last is None else self._last.tree.usage()


def scan(wanted: Wanted, *, quietly: bool) -> "tuple[Inventory | None, Usage]":
    """Scan a store; return the snapshot, or None and what was found before Ctrl-C.

    Raises
    ------
    MissingDependencyError
        If an extra is not installed.
    ZStoreError
        As `Inventory.scan` does.
    """
    under_way = _Scan(wanted)
    try:
        under_way.run(quietly=quietly)
    except KeyboardInterrupt:
        return None, under_way.found()
    return under_way.inventory, Usage()


def add(commands: Commands) -> None:
    """Add the subcommand."""
    parser = add_command(
        commands,
        "scan",
        run,
        "List a store into a snapshot, or go on with a scan that was interrupted.",
    )
    parser.add_argument("snapshot", metavar="SNAPSHOT", help="where to keep what is found")
    parser.add_argument("--prefix", default="", help="scan only what is below")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="of a scheduler, whose workers scan"
    )
    parser.add_argument(
        "--depth", metavar="N", type=positive, default=4, help="levels to tell of (4)"
    )
    parser.add_argument(
        "--restart", action="store_true", help="forget a scan that was interrupted"
    )


def run(options: argparse.Namespace) -> int:
    """Scan, and say how much was found."""
    wanted = Wanted(
        store=options.store,
        prefix=options.prefix,
        snapshot=options.snapshot,
        dask=options.dask,
        depth=options.depth,
        restart=options.restart,
    )
    start = time.monotonic()
    inventory, found = scan(wanted, quietly=options.json)
    seconds = time.monotonic() - start
    nkeys, nbytes, requests = found.nkeys, found.nbytes, ""
    if inventory is not None:
        inventory.close()
        nkeys, nbytes = inventory.nkeys, inventory.nbytes
        requests = f", {format_count(inventory.nrequests)} listed pages"
    status = _status(inventory)
    if options.json:
        told = {"nkeys": nkeys, "nbytes": nbytes, "complete": status == 0}
        print_json({"prefix": options.prefix, **told, "seconds": round(seconds, 3)})
        return status
    out = console()
    total = f"{total_line(nkeys, nbytes)}{_mark(inventory)}"
    out.print(f"{total} in {seconds:.1f} s{requests}")
    if status:
        out.print(_GO_ON)
    return status


def run_du(options: argparse.Namespace) -> int:
    """Scan for ``zstore du``, and print the largest first."""
    wanted = Wanted(
        store=options.store,
        prefix=options.prefix,
        snapshot=options.snapshot,
        dask=options.dask,
    )
    inventory, found = scan(wanted, quietly=options.json)
    if inventory is None:
        sizes = Sizes.so_far(found, options.prefix, options.top)
    else:
        with inventory:
            sizes = Sizes.of(inventory, options.prefix, options.top)
    if options.json:
        print_json(sizes_json(sizes))
    else:
        print_sizes(sizes, _mark(inventory))
        if options.snapshot is not None and not sizes.complete:
            console().print(_GO_ON)
    return _status(inventory)


def _mark(inventory: "Inventory | None") -> str:
    if inventory is None:
        return " so far (partial: the scan was interrupted)"
    return "" if inventory.complete else " (partial: not every key could be listed)"


def _status(inventory: "Inventory | None") -> int:
    if inventory is None:
        return INTERRUPTED
    return 0 if inventory.complete else 1
