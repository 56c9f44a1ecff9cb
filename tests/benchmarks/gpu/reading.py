"""Metrics 5 to 7: values and parts of them are read."""

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.gpu.session import KIB, Prepare, Session, human
from tests.benchmarks.gpu.ways import Way
from tests.benchmarks.gpu.writing import chunks, set_all

__all__ = ["run"]


def run(session: Session) -> None:
    """Compare reading of values, and of parts, with values of every size."""
    for size in session.options.sizes:
        arrays = chunks(size, session.options.calls(size))
        stores: list[tuple[Way, Any]] = []
        for way in session.ways:
            store = way.store()
            items = [(f"c/{n}", way.on_host(array)) for n, array in enumerate(arrays)]
            session.run(set_all(store, items))
            stores.append((way, store))
        _on_device(session, size, stores)
        _to_host(session, size, stores)
        _parts(session, size, stores)
        stores.clear()
        session.device.trim()


async def _get_all(store: Any, prototype: Any, count: int, byte_range: Any = None) -> None:
    for number in range(count):
        await store.get(f"c/{number}", prototype, byte_range)


def _on_device(session: Session, size: int, stores: Sequence[tuple[Way, Any]]) -> None:
    calls = session.options.calls(size)
    whole = session.device.empty(size * calls)
    start, stop = _middle(size)

    def views() -> None:
        for at in range(0, size * calls, size):
            whole[at : at + size]

    def parts() -> None:
        for at in range(0, size * calls, size):
            whole[at + start : at + stop]

    entire: dict[str, Prepare] = {"limit": lambda: views}
    ranges: dict[str, Prepare] = {"limit": lambda: parts}
    for way, store in stores:
        entire[way.name] = _getting(way, store, calls)
        ranges[way.name] = _getting(way, store, calls, way.between(start, stop))
    session.compare("get on the device", size, entire, calls=calls)
    session.compare("get of a range on the device", size, ranges, calls=calls)


def _getting(way: Way, store: Any, calls: int, byte_range: Any = None) -> Prepare:
    prototype = way.device_prototype
    return lambda: lambda: _get_all(store, prototype, calls, byte_range)


def _middle(size: int) -> tuple[int, int]:
    return size // 4, size // 4 + max(1, min(size // 2, 4 * KIB))


def _to_host(session: Session, size: int, stores: Sequence[tuple[Way, Any]]) -> None:
    device, calls = session.device, session.options.calls(size)
    source, host = device.empty(size * calls), device.pinned(size * calls)

    def download() -> None:
        device.download(host, source, size, wait=True)

    jobs: dict[str, Prepare] = {"limit": lambda: download}
    for way, store in stores:
        jobs[way.name] = _fetching(way, store, calls)
    session.compare("get to the host", size, jobs, calls=calls)


def _fetching(way: Way, store: Any, calls: int) -> Prepare:
    return lambda: lambda: _get_all(store, way.host_prototype, calls)


def _parts(session: Session, size: int, stores: Sequence[tuple[Way, Any]]) -> None:
    device, calls = session.device, session.options.max_calls
    stored = session.options.calls(size)
    start, stop = _middle(size)
    values = [device.random(size, seed) for seed in range(min(8, stored))]
    slices = [values[number % len(values)][start:stop] for number in range(calls)]
    host = device.pinned((stop - start) * calls)

    def gather() -> None:
        device.download(host, device.concatenate(slices), host.nbytes)

    jobs: dict[str, Prepare] = {"limit": lambda: gather}
    first = []
    for way, store in stores:
        wanted = way.between(start, stop)
        asked = [(f"c/{number % stored}", wanted) for number in range(calls)]
        jobs[way.name] = _asking(way, store, asked)
        got = session.run(store.get_partial_values(way.host_prototype, asked[:3]))
        first.append([part.to_bytes() for part in got])
    session.check(
        f"the stores answer the same parts of values of {human(size, 'bytes')}",
        holds=all(got == first[0] for got in first),
    )
    session.compare("get_partial_values to the host", size, jobs, calls=calls)


def _asking(way: Way, store: Any, asked: list[Any]) -> Prepare:
    return lambda: lambda: store.get_partial_values(way.host_prototype, asked)
