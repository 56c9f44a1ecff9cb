"""Metric 12: from a file, which the page cache holds, to the device."""

import importlib
import mmap
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.gpu.ceilings import upload_limit
from tests.benchmarks.gpu.devices import random_bytes
from tests.benchmarks.gpu.session import KIB, MIB, Prepare, Row, Session, human

__all__ = ["FILE_SIZES", "run"]

FILE_SIZES = (64 * KIB, 4 * MIB, 256 * MIB)


def run(session: Session) -> None:
    """Compare the stores of files, and kvikio's where it is installed."""
    for size in FILE_SIZES:
        if size > max(session.options.total_nbytes, session.options.large_nbytes):
            continue
        with tempfile.TemporaryDirectory() as folder:
            _size(session, Path(folder), size)
        session.device.trim()


def _size(session: Session, folder: Path, size: int) -> None:
    calls = max(1, min(64, session.options.total_nbytes // size))
    value = random_bytes(size)
    names = [str(number) for number in range(calls)]
    for name in names:
        (folder / name).write_bytes(value.tobytes())
    jobs: dict[str, Prepare] = {
        "page cache": _read_all([folder / name for name in names], size),
        "upload": upload_limit(session, size, calls),
    }
    for way in session.ways:
        store = way.open_local(folder)
        jobs[way.name] = _get_all(store, way.device_prototype, names)
        got = session.run(store.get("0", way.device_prototype))
        session.check(
            f"{way.name} reads what a file of {human(size, 'bytes')} holds",
            holds=got.to_bytes() == value.tobytes(),
        )
    if any(way.name == "zarr" for way in session.ways):
        _add_kvikio(session, folder, names, jobs)
    what = "file to the device"
    session.compare(what, size, jobs, calls=calls)
    limits = [session.find(what, name, size) for name in ("page cache", "upload")]
    medians = [row.median for row in limits if row is not None]
    if medians:
        session.add(Row(what, "limit", size, "s", [max(medians)], calls))


def _read_all(paths: list[Path], size: int) -> Prepare:
    room = mmap.mmap(-1, size)
    room[:] = bytes(size)  # so that every page is there

    def read() -> None:
        for path in paths:
            opened = os.open(path, os.O_RDONLY)
            os.preadv(opened, [room], 0)
            os.close(opened)

    return lambda: read


def _get_all(store: Any, prototype: Any, names: list[str]) -> Prepare:
    async def get() -> None:
        for name in names:
            await store.get(name, prototype)

    return lambda: get


def _add_kvikio(
    session: Session, folder: Path, names: list[str], jobs: dict[str, Prepare]
) -> None:
    try:
        kvikio = importlib.import_module("kvikio.zarr")
        store = kvikio.GDSStore(folder)
        prototype = session.ways[0].device_prototype
        session.run(store.get("0", prototype))
    except Exception as error:  # noqa: BLE001 -- without libcufile it raises RuntimeError
        session.notes.append(f"kvikio was not measured: {type(error).__name__}: {error}")
    else:
        jobs["kvikio"] = _get_all(store, prototype, names)
