"""Serve buckets of a chosen shape and size, until standard input ends."""

import argparse
import sys
from functools import cache

from tests.inventory.planning.key_spaces import SHAPES, KeySpace, shape
from tests.servers.listing.server import ListingServer
from zstore._compat import override

__all__ = ["main"]

_FEWEST = 100


class _ShapeServer(ListingServer):
    """Has a bucket for each name like ``nested-1000000``, made when it is asked for."""

    @override
    def bucket(self, name: str) -> KeySpace | None:
        return super().bucket(name) or _of_name(name)


@cache
def _of_name(name: str) -> KeySpace | None:
    kind, _, number = name.rpartition("-")
    if kind not in SHAPES or not number.isdecimal() or int(number) < _FEWEST:
        return None
    return shape(kind, int(number))


def main() -> None:
    """Print the URL, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="nested")
    parser.add_argument("--nkeys", type=int, default=1_000_000)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--slow-down-share", type=float, default=0.0)
    parser.add_argument("--rate", type=float, help="requests a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = _ShapeServer(
        {options.shape: shape(options.shape, options.nkeys)}, seed=options.seed
    )
    server.latency = options.latency
    server.slow_down_share = options.slow_down_share
    server.rate = options.rate
    with server:
        print(server.url, flush=True)  # noqa: T201 -- whoever started it reads this line
        sys.stdin.read()


if __name__ == "__main__":
    main()
