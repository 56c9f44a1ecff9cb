"""What is printed of a snapshot: the largest children of a prefix, the largest keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from zstore.cli.printing import console, print_table
from zstore.display import format_count, format_nbytes, visible
from zstore.entries import Usage

if TYPE_CHECKING:
    from zstore.inventory import Inventory

__all__ = ["DEFAULT_TOP", "Part", "Sizes", "print_sizes", "sizes_json", "total_line"]

DEFAULT_TOP = 20
"""How many children are shown if nobody says."""

_LONGEST_NAME = 200


class Part(NamedTuple):
    """A child of what is shown; the name of a prefix ends in ``/``."""

    name: str
    nkeys: int
    nbytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large a prefix is, and the largest of what lies in it.

    Attributes
    ----------
    prefix
        What is shown.
    nkeys, nbytes
        All that is below it.
    complete
        Whether every key was counted.
    children
        The largest, largest first.
    keys
        The largest keys with the sizes of their values, largest first.
    """

    prefix: str
    nkeys: int
    nbytes: int
    complete: bool
    children: Sequence[Part]
    keys: Sequence[tuple[str, int, datetime | None]] = field(default=())

    @classmethod
    def of(cls, inventory: "Inventory", prefix: str, top: int | None) -> "Sizes":
        """Ask a snapshot; with `top` also for that many keys."""
        limit = _limit(top)
        total = inventory.total(prefix)
        children = inventory.children(prefix, limit=limit)
        return cls(
            prefix=prefix,
            nkeys=total.nkeys,
            nbytes=total.nbytes,
            complete=total.complete,
            children=[
                Part(child.name + "/" * (child.kind == "prefix"), child.nkeys, child.nbytes)
                for child in children
            ],
            keys=[] if top is None else inventory.largest(limit, prefix),
        )

    @classmethod
    def so_far(cls, usage: Usage, prefix: str, top: int | None) -> "Sizes":
        """Take what a scan had found when it was interrupted: no keys, only prefixes."""
        children = [
            Part(f"{name}/", nkeys, nbytes)
            for name, (nkeys, nbytes) in usage.children.items()
            if "/" not in name
        ]
        children.sort(key=lambda child: (-child.nbytes, -child.nkeys, child.name))
        return cls(
            prefix=prefix,
            nkeys=usage.nkeys,
            nbytes=usage.nbytes,
            complete=False,
            children=children[: _limit(top)],
        )


def _limit(top: int | None) -> int:
    return DEFAULT_TOP if top is None else max(0, top)


def total_line(nkeys: int, nbytes: int) -> str:
    """Return how much it is, as a line for people."""
    keys = "1 key" if nkeys == 1 else f"{format_count(nkeys)} keys"
    return f"{keys}, {format_nbytes(nbytes)}"


def print_sizes(sizes: Sizes, remark: str = "") -> None:
    """Print the largest first, and the total; `remark` stands behind that."""
    rows = [
        (
            format_nbytes(part.nbytes),
            f"{part.nbytes / sizes.nbytes:.1%}" if sizes.nbytes else "",
            format_count(part.nkeys),
            visible(part.name, _LONGEST_NAME),
        )
        for part in sizes.children
    ]
    if rows:
        head = ("size", "share", "keys", "name")
        print_table([head, *rows], right=(0, 1, 2), faint="head")
    out = console()
    nkeys = sizes.nkeys - sum(part.nkeys for part in sizes.children)
    if nkeys > 0 and rows:
        nbytes = sizes.nbytes - sum(part.nbytes for part in sizes.children)
        out.print(f"… and {total_line(nkeys, nbytes)} more")
    if sizes.keys:
        out.print("")
        _print_keys(sizes.keys)
        out.print("")
    out.print(f"{total_line(sizes.nkeys, sizes.nbytes)}{remark}")


def _print_keys(keys: Sequence[tuple[str, int, datetime | None]]) -> None:
    rows = [
        (
            format_nbytes(nbytes),
            "" if modified is None else f"{modified.astimezone(UTC):%Y-%m-%d %H:%M}",
            visible(key, _LONGEST_NAME),
        )
        for key, nbytes, modified in keys
    ]
    print_table([("size", "modified", "largest keys"), *rows], right=(0,), faint="head")


def sizes_json(sizes: Sizes) -> dict[str, Any]:
    """Return the same as JSON: exact names and integers."""
    return {
        "prefix": sizes.prefix,
        "nkeys": sizes.nkeys,
        "nbytes": sizes.nbytes,
        "complete": sizes.complete,
        "children": [part._asdict() for part in sizes.children],
        "largest": [
            {
                "key": key,
                "nbytes": nbytes,
                "modified": None if modified is None else modified.isoformat(),
            }
            for key, nbytes, modified in sizes.keys
        ],
    }
