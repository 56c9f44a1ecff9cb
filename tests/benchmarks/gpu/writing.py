"""Metrics 1 to 4: values go to the device."""

from collections.abc import Iterable
from typing import Any

from tests.benchmarks.gpu.ceilings import slab_limit, upload_limit
from tests.benchmarks.gpu.devices import BytesArray, random_bytes
from tests.benchmarks.gpu.session import MIB, Prepare, Session, human
from tests.benchmarks.gpu.ways import Way

__all__ = ["chunks", "run", "set_all"]

_DISTINCT_NBYTES = 256 * MIB


def chunks(size: int, count: int) -> list[BytesArray]:
    """Return arrays of the host; some come again, so that there is room for them."""
    distinct = max(1, min(count, 64, _DISTINCT_NBYTES // size))
    some = [random_bytes(size, seed) for seed in range(distinct)]
    return [some[number % distinct] for number in range(count)]


async def set_all(store: Any, items: Iterable[tuple[str, Any]]) -> None:
    """Store values one after the other."""
    for key, value in items:
        await store.set(key, value)


def run(session: Session) -> None:
    """Compare the four ways of writing, with values of every size."""
    for size in session.options.sizes:
        calls = session.options.calls(size)
        arrays = chunks(size, calls)
        _one_by_one(session, arrays)
        session.device.trim()
        _together(session, arrays)
        session.device.trim()
        _from_device(session, size, calls)
        session.device.trim()


def _named(way: Way, arrays: list[BytesArray]) -> list[tuple[str, Any]]:
    return [(f"c/{number}", way.on_host(array)) for number, array in enumerate(arrays)]


def _one_by_one(session: Session, arrays: list[BytesArray]) -> None:
    size, calls = len(arrays[0]), len(arrays)
    jobs: dict[str, Prepare] = {"limit": upload_limit(session, size, calls)}
    for way in session.ways:
        jobs[way.name] = _setting(way, _named(way, arrays))
    session.compare("set of a host value", size, jobs, calls=calls)
    for way in session.ways:
        store = way.store()
        session.run(set_all(store, _named(way, arrays)))
        got = session.run(store.get(f"c/{calls - 1}", way.host_prototype))
        session.check(
            f"{way.name} stores the {human(size, 'bytes')} that it is given",
            holds=got.to_bytes() == arrays[-1].tobytes(),
        )


def _setting(way: Way, items: list[tuple[str, Any]]) -> Prepare:
    def prepare() -> Any:
        store = way.store()
        return lambda: set_all(store, items)

    return prepare


def _together(session: Session, arrays: list[BytesArray]) -> None:
    size, calls = len(arrays[0]), len(arrays)
    name, limit = slab_limit(session, arrays)
    session.notes.append(f"limit of set_many, {human(size, 'bytes')}: {name}")
    many: dict[str, Prepare] = {"limit": limit}
    dicts: dict[str, Prepare] = {"limit": limit}
    for way in session.ways:
        items = _named(way, arrays)
        many[way.name] = _setting_many(way, items)
        if hasattr(way.store, "from_dict"):
            dicts[way.name] = _from_dict(way, dict(items))
    session.compare("set_many of host values", size, many, calls=calls)
    session.compare("from_dict of host values", size, dicts, calls=calls)


def _setting_many(way: Way, items: list[tuple[str, Any]]) -> Prepare:
    def prepare() -> Any:
        store = way.store()
        return lambda: way.set_many(store, items)

    return prepare


def _from_dict(way: Way, items: dict[str, Any]) -> Prepare:
    return lambda: lambda: way.store.from_dict(items)


def _from_device(session: Session, size: int, calls: int) -> None:
    device = session.device
    distinct = [device.random(size, seed) for seed in range(min(8, calls))]
    arrays = [distinct[number % len(distinct)] for number in range(calls)]
    target = device.empty(size * calls)

    jobs: dict[str, Prepare] = {"limit": lambda: lambda: device.duplicate(target, arrays)}
    for way in session.ways:
        named = [(f"c/{n}", way.on_device(array)) for n, array in enumerate(arrays)]
        jobs[way.name] = _setting(way, named)
    session.compare("set of a device value", size, jobs, calls=calls)
