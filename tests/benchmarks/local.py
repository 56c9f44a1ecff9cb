"""LocalStore beside plain system calls, zarr, obstore and tensorstore."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import obstore
import tensorstore
import zarr.storage
from obstore.store import LocalStore as ObstoreLocal
from zarr.core.buffer import cpu, default_buffer_prototype

from tests.benchmarks.timing import Comparison, Way, compare
from zstore import LocalStore

__all__ = ["one_at_a_time", "run"]

_PROTOTYPE = default_buffer_prototype()
_WIDE = 32


def _plain_get(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def _plain_set(path: str, value: bytes) -> None:
    # A name that no other writer uses, as any atomic write needs.
    partial = f"{path}.{os.urandom(8).hex()}"
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        os.write(fd, value)
    finally:
        os.close(fd)
    os.replace(partial, path)  # noqa: PTH105 -- the plain call is what is timed


def _repeat(call: Callable[[], object], times: int) -> Way:
    def way() -> None:
        for _ in range(times):
            call()

    return way


def one_at_a_time(call: Callable[[], Awaitable[object]], times: int) -> Way:
    """Return a way that awaits `call` so many times, one after the other."""

    async def way() -> None:
        for _ in range(times):
            await call()

    return way


def _wide(call: Callable[[int], Awaitable[object]], times: int) -> Way:
    async def way() -> None:
        for _ in range(times // _WIDE):
            await asyncio.gather(*(call(number) for number in range(_WIDE)))

    return way


def _gets_and_sets(root: Path, rounds: int) -> Iterator[Comparison]:
    small, times = os.urandom(4096), 640
    for number in range(_WIDE):
        (root / str(number)).write_bytes(small)
    path = str(root / "0")
    keys = [str(number) for number in range(_WIDE)]
    ours, zarrs = LocalStore(root), zarr.storage.LocalStore(root)
    obs = ObstoreLocal(str(root))
    tens = tensorstore.KvStore.open({"driver": "file", "path": f"{root}/"}).result()
    zarr_small = cpu.Buffer.from_bytes(small)

    yield compare(
        Comparison("get 4 KiB, one at a time", "plain calls", 2.5, times),
        {
            "plain calls": _repeat(lambda: _plain_get(path), times),
            "zstore": one_at_a_time(lambda: ours.get("0"), times),
            "zarr": one_at_a_time(lambda: zarrs.get("0", _PROTOTYPE), times),
            "obstore": one_at_a_time(lambda: obstore.get_async(obs, "0"), times),
            "tensorstore": one_at_a_time(lambda: tens.read("0"), times),
        },
        rounds=rounds,
    )
    yield compare(
        Comparison(f"get 4 KiB, {_WIDE} wide by gather", "plain calls", 2.5, times),
        {
            "plain calls": _repeat(lambda: _plain_get(path), times),
            "gather alone": _wide(_nothing, times),
            "zstore": _wide(lambda n: ours.get(str(n)), times),
            "zarr": _wide(lambda n: zarrs.get(str(n), _PROTOTYPE), times),
            "obstore": _wide(lambda n: obstore.get_async(obs, str(n)), times),
            "tensorstore": _wide(lambda n: tens.read(str(n)), times),
        },
        rounds=rounds,
    )
    yield compare(
        Comparison(f"get 4 KiB, {_WIDE} by get_many", "plain calls", 2.5, times),
        {
            "plain calls": _repeat(lambda: _plain_get(path), times),
            "zstore": one_at_a_time(lambda: ours.get_many(keys), times // _WIDE),
        },
        rounds=rounds,
    )
    yield compare(
        Comparison("set 4 KiB, one at a time", "plain calls", 2.0, times),
        {
            "plain calls": _repeat(lambda: _plain_set(path, small), times),
            "zstore": one_at_a_time(lambda: ours.set("0", small), times),
            "zarr": one_at_a_time(lambda: zarrs.set("0", zarr_small), times),
            "obstore": one_at_a_time(lambda: obstore.put_async(obs, "0", small), times),
            "tensorstore": one_at_a_time(lambda: tens.write("0", small), times),
        },
        rounds=rounds,
    )
    yield compare(
        Comparison(f"set 4 KiB, {_WIDE} wide", "plain calls", 2.0, times),
        {
            "plain calls": _repeat(lambda: _plain_set(path, small), times),
            "zstore": _wide(lambda n: ours.set(str(n), small), times),
            "zarr": _wide(lambda n: zarrs.set(str(n), zarr_small), times),
            "obstore": _wide(lambda n: obstore.put_async(obs, str(n), small), times),
            "tensorstore": _wide(lambda n: tens.write(str(n), small), times),
        },
        rounds=rounds,
    )
    large = root / "large"
    large.write_bytes(os.urandom(32 * 2**20))
    yield compare(
        Comparison("get 32 MiB", "plain calls", 1.3, 4),
        {
            "plain calls": _repeat(lambda: _plain_get(str(large)), 4),
            "zstore": one_at_a_time(lambda: ours.get("large"), 4),
            "zarr": one_at_a_time(lambda: zarrs.get("large", _PROTOTYPE), 4),
            "obstore": one_at_a_time(lambda: _obstore_bytes(obs, "large"), 4),
            "tensorstore": one_at_a_time(lambda: tens.read("large"), 4),
        },
        rounds=rounds,
    )


async def _nothing(number: int) -> int:
    return number


async def _obstore_bytes(store: ObstoreLocal, key: str) -> object:
    result = await obstore.get_async(store, key)
    return await result.bytes_async()


def _walk(path: str, found: list[object], *, sizes: bool) -> None:
    with os.scandir(path) as children:
        for child in children:
            if child.is_dir(follow_symlinks=False):
                _walk(child.path, found, sizes=sizes)
            else:
                found.append(
                    child.stat(follow_symlinks=False).st_size if sizes else child.path
                )


def _walked(root: Path, *, sizes: bool) -> int:
    found: list[object] = []
    _walk(str(root), found, sizes=sizes)
    return len(found)


async def _count(iterator: object) -> int:
    number = 0
    async for _ in iterator:  # type: ignore[attr-defined]
        number += 1
    return number


async def _obstore_count(store: ObstoreLocal) -> int:
    number = 0
    async for batch in obstore.list(store, chunk_size=1000):
        number += len(batch)
    return number


def _listings(root: Path, rounds: int) -> Iterator[Comparison]:
    for folder in range(200):
        path = root / f"g{folder // 10}" / "c" / str(folder % 10)
        path.mkdir(parents=True)
        for name in range(100):
            (path / str(name)).write_bytes(b"x" * 100)
    flat = root / "flat"
    flat.mkdir()
    for number in range(20_000):
        (flat / str(number)).write_bytes(b"x" * 10)
    ours, zarrs, obs = (
        LocalStore(root),
        zarr.storage.LocalStore(root),
        ObstoreLocal(str(root)),
    )
    tens = tensorstore.KvStore.open({"driver": "file", "path": f"{root}/"}).result()
    yield compare(
        Comparison("list_prefix, 40,000 keys", "scandir", 1.6),
        {
            "scandir": _repeat(lambda: _walked(root, sizes=False), 1),
            "zstore": lambda: _count(ours.list_prefix("")),
            "zarr": lambda: _count(zarrs.list_prefix("")),
            "obstore": lambda: _obstore_count(obs),
            "tensorstore": tens.list,
        },
        rounds=rounds,
    )
    yield compare(
        Comparison("getsize_prefix, 40,000 keys", "scandir+stat", 1.6),
        {
            "scandir+stat": _repeat(lambda: _walked(root, sizes=True), 1),
            "zstore": lambda: ours.getsize_prefix(""),
            "zarr": lambda: zarrs.getsize_prefix(""),
            "obstore": lambda: _obstore_count(obs),
        },
        rounds=max(3, rounds // 3),
    )
    yield compare(
        Comparison("list_dir, 20,000 names", "listdir", 8.0),
        {
            "listdir": _repeat(lambda: os.listdir(flat), 1),  # noqa: PTH208 -- the plain call
            "zstore": lambda: _count(ours.list_dir("flat")),
            "zarr": lambda: _count(zarrs.list_dir("flat")),
        },
        rounds=rounds,
    )


def run(folder: Path, *, rounds: int) -> Iterator[Comparison]:
    """Compare reads, writes and listings of files in the page cache."""
    values, tree = folder / "values", folder / "tree"
    values.mkdir()
    tree.mkdir()
    yield from _gets_and_sets(values, rounds)
    yield from _listings(tree, rounds)
