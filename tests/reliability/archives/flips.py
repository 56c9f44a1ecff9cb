"""Z7: archives with one bit turned."""

import asyncio
import importlib
import random
import warnings
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import zstore
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import ZarrHandle
from tests.stores.zip.archives import by_python

__all__ = ["FLIPPED", "turn_bits"]

# So long that a range is read without the rest.
_VALUE = random.Random(0).randbytes(6000).hex().encode()
_START, _STOP = 7, 31
# Turned are the header and the first bytes, and the directory with those before it.
_FIRST_NBYTES, _LAST_NBYTES = 100, 150


@asynccontextmanager
async def _ours(path: Path) -> AsyncIterator[Handle]:
    async with zstore.ZipStore(path) as store:
        yield ZStoreHandle(store)


@asynccontextmanager
async def _verifying(path: Path) -> AsyncIterator[Handle]:
    async with zstore.ZipStore(path, verify=True) as store:
        yield ZStoreHandle(store)


@asynccontextmanager
async def _zarr(path: Path) -> AsyncIterator[Handle]:
    storage = importlib.import_module("zarr.storage")
    store = await storage.ZipStore.open(path, mode="r", read_only=True)
    try:
        yield ZarrHandle(store)
    finally:
        store.close()


_Opened: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Handle]]

FLIPPED: dict[str, _Opened] = {
    "zstore Zip": _ours,
    "zstore Zip, verify=True": _verifying,
    "zarr Zip": _zarr,
}
"""By the names of their systems."""


def turn_bits(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Turn one bit of an archive after the other, and read all of it each time."""
    step = effort.pick(7, 1)
    wholes, ranges, count = asyncio.run(_wrong(FLIPPED[system], place / "a.zip", step))
    yield Figure(
        promise="Z7",
        system=system,
        what="turned bits: wrong values without a word",
        value=wholes,
        of=count,
        bar=0,
    )
    # Of what is stored as it is a range is read alone, and the checksum is of the whole.
    checks = system != "zstore Zip"
    yield Figure(
        promise="Z7",
        system=system,
        what="turned bits: wrong ranges without a word",
        value=ranges,
        of=count,
        bar=0 if checks else None,
        note="" if checks else "for want of verify=True",
    )


async def _wrong(opened: _Opened, path: Path, step: int) -> tuple[int, int, int]:
    """Return how many values, and how many ranges, were wrong, of how many archives."""
    wholes = ranges = count = 0
    for data in map(_archive, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)):
        middle = range(8 * _FIRST_NBYTES, 8 * (len(data) - _LAST_NBYTES))
        for at in range(0, 8 * len(data), step):
            if at in middle:
                continue
            turned = bytearray(data)
            turned[at // 8] ^= 1 << at % 8
            await asyncio.to_thread(path.write_bytes, turned)
            # An archive that cannot be opened is an error too.
            with suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                async with opened(path) as handle:
                    found = await _read(handle)
                    wholes += found[0] not in (None, _VALUE)
                    ranges += found[1] not in (None, _VALUE[_START:_STOP])
            count += 1
    return wholes, ranges, count


def _archive(method: int) -> bytes:
    return by_python({"a": _VALUE}, compression=method)


async def _read(handle: Handle) -> list[bytes | None]:
    """Return the value and the range; None where there is an error, or no such key."""
    found: list[bytes | None] = []
    for call in (handle.get("a"), handle.get_range("a", _START, _STOP)):
        try:
            found.append(await call)
        except Exception:  # noqa: BLE001 -- what is found out is an error
            found.append(None)
    return found
