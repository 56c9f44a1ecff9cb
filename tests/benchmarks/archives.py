"""ZipStore beside zarr's."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import zarr.storage
from zarr.abc.store import RangeByteRequest as ZarrRange
from zarr.core.buffer import default_buffer_prototype

from tests.benchmarks.local import one_at_a_time
from tests.benchmarks.timing import Comparison, compare
from zstore import RangeByteRequest, ZipStore

__all__ = ["run"]

_PROTOTYPE = default_buffer_prototype()
# Of calls that take microseconds a few would be timed as they are at first.
_TIMES = 30


async def _names(store: object, prefix: str) -> int:
    return len([name async for name in store.list_dir(prefix)])  # type: ignore[attr-defined]


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare reads and listings of an archive of 20,000 stored members."""
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"array{number // 10}/c/{number % 10}", os.urandom(4096))
        archive.writestr("large", os.urandom(16 * 2**20))
    ours, theirs = ZipStore(path), zarr.storage.ZipStore(path, mode="r")
    theirs._sync_open()
    keys = [f"array{number}/c/5" for number in range(300)]
    part, zarr_part = (
        RangeByteRequest(5_000_000, 5_000_100),
        ZarrRange(5_000_000, 5_000_100),
    )

    async def get_ours() -> None:
        for key in keys:
            await ours.get(key)

    async def get_theirs() -> None:
        for key in keys:
            await theirs.get(key, _PROTOTYPE)

    yield compare(
        Comparison("ZipStore get 4 KiB", "zarr", 0.5, len(keys)),
        {"zarr": get_theirs, "zstore": get_ours},
        rounds=rounds,
    )
    yield compare(
        Comparison("ZipStore 100 bytes of a 16 MiB member", "zarr", 0.02, _TIMES),
        {
            "zarr": one_at_a_time(
                lambda: theirs.get("large", _PROTOTYPE, zarr_part), _TIMES
            ),
            "zstore": one_at_a_time(lambda: ours.get("large", None, part), _TIMES),
        },
        rounds=rounds,
    )
    yield compare(
        Comparison("ZipStore list_dir of a leaf in 20,000 keys", "zarr", 0.05),
        {
            "zarr": lambda: _names(theirs, "array1234/c"),
            "zstore": lambda: _names(ours, "array1234/c"),
        },
        rounds=rounds,
    )
    ours.close()
    theirs.close()
