"""What both stores do in corners where a value can be lost; no matter of speed."""

import asyncio
import importlib
import inspect
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.gpu.session import MIB, Session
from tests.benchmarks.gpu.ways import Way
from zstore.buffer.device_arrays import lies_on_device

__all__ = ["PROBES", "run"]

DIGITS = b"0123456789"


def _host(way: Way, data: bytes) -> Any:
    return way.host_prototype.buffer.from_bytes(data)


def _there(way: Way, data: bytes) -> Any:
    return way.device_prototype.buffer.from_bytes(data)


def _kept(way: Way, store: Any) -> str:
    return ", ".join(
        "on the device" if lies_on_device(value.as_array_like()) else "ON THE HOST"
        for value in way.values(store).values()
    )


async def _set(_: Session, way: Way) -> object:
    store = way.store()
    await store.set("k", _host(way, DIGITS))
    return _kept(way, store)


async def _set_if_not_exists(_: Session, way: Way) -> object:
    store = way.store()
    await store.set_if_not_exists("k", _host(way, DIGITS))
    return _kept(way, store)


async def _set_many(_: Session, way: Way) -> object:
    store = way.store()
    await way.set_many(store, [("k", _host(way, DIGITS))])
    return _kept(way, store)


async def _first_one_wins(_: Session, way: Way) -> object:
    store = way.store()
    values = [bytes([number]) * 100_000 for number in range(8)]
    await asyncio.gather(*[store.set_if_not_exists("k", _host(way, v)) for v in values])
    first = (await store.get("k", way.host_prototype)).to_bytes()
    await store.set_if_not_exists("k", _host(way, b"late"))
    same = (await store.get("k", way.host_prototype)).to_bytes() == first
    return "one whole value stays" if same and first in values else "CHANGED"


async def _pinned_source(session: Session, way: Way) -> object:
    nbytes = min(256 * MIB, session.options.large_nbytes)
    source = session.device.pinned(nbytes)
    source[:] = 7
    store = way.store()
    await store.set("k", way.on_host(source))
    source[-1024:] = 9  # the caller uses its memory again
    session.device.synchronize()
    end = await store.get("k", way.host_prototype, way.last(1024))
    return "as it was" if end.to_bytes() == bytes([7]) * 1024 else "CORRUPTED"


async def _device_source(session: Session, way: Way) -> object:
    source = session.device.xp.zeros(10, np.uint8)
    store = way.store()
    await store.set("k", way.on_device(source))
    source[:] = 9
    value = await store.get("k", way.host_prototype)
    return "as it was" if value.to_bytes() == bytes(10) else "CHANGED"


async def _what_get_returned(_: Session, way: Way) -> object:
    store = way.store()
    await store.set("k", _there(way, DIGITS))
    value = await store.get("k", way.device_prototype)
    try:
        value[0:1] = 90
    except Exception as error:  # noqa: BLE001 -- which one is the answer
        return f"refused: {_said(error)}"
    stored = (await store.get("k", way.host_prototype)).to_bytes()
    return "as it was" if stored == DIGITS else "CHANGED"


async def _ranges(_: Session, way: Way) -> object:
    store = way.store()
    await store.set("k", _there(way, DIGITS))
    answers = []
    asked: list[Callable[[], Any]] = [
        lambda: way.between(8, 20),
        lambda: way.between(20, 30),
        lambda: way.between(4, 2),
        lambda: way.last(30),
        lambda: way.last(0),
    ]
    for request in asked:
        try:
            value = await store.get("k", way.host_prototype, request())
            answers.append(str(value.to_bytes()))
        except ValueError as error:
            answers.append(type(error).__name__)
    return ", ".join(answers)


def _strided(session: Session, way: Way) -> object:
    return len(way.on_device(session.device.xp.zeros(8, np.uint8)[::2]))


def _from_dict(_: Session, way: Way) -> object:
    values = {"a": _host(way, b"x"), "b": _there(way, b"y")}
    store = way.store.from_dict(values)
    return _kept(way, store)


async def _warnings(_: Session, way: Way) -> object:
    store = way.store()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for number in range(10):
            await store.set(f"k{number}", _host(way, b"x"))
    return f"{len(caught)} warnings at 10 calls"


def _pickled(_: Session, way: Way) -> object:
    store = pickle.loads(pickle.dumps(way.store({"a": _there(way, DIGITS)})))  # noqa: S301
    return way.values(store)["a"].to_bytes()


class _Foreign:
    """The least that another library offers."""

    def __init__(self, array: Any) -> None:
        self._array = array  # keeps the memory
        self.__cuda_array_interface__ = array.__cuda_array_interface__


def _foreign(session: Session, way: Way) -> object:
    return len(way.on_device(_Foreign(session.device.xp.zeros(4, np.uint8))))


def _torch(_: Session, way: Way) -> object:
    torch = importlib.import_module("torch")
    return len(way.on_device(torch.zeros(4, dtype=torch.uint8, device="cuda")))


def _numba(_: Session, way: Way) -> object:
    cuda = importlib.import_module("numba.cuda")
    return len(way.on_device(cuda.to_device(np.zeros(4, np.uint8))))


def _repr(_: Session, way: Way) -> object:
    return repr(_there(way, DIGITS))


PROBES: dict[str, Callable[[Session, Way], object]] = {
    "set of a host value": _set,
    "set_if_not_exists of a host value": _set_if_not_exists,
    "set_many of a host value": _set_many,
    "from_dict, host and device": _from_dict,
    "set_if_not_exists, eight at once": _first_one_wins,
    "pinned source changed after set": _pinned_source,
    "device source changed after set": _device_source,
    "writing to what get returned": _what_get_returned,
    "ranges 8-20, 20-30, 4-2, last 30, last 0": _ranges,
    "array with gaps": _strided,
    "only __cuda_array_interface__": _foreign,
    "torch tensor": _torch,
    "numba array": _numba,
    "warnings": _warnings,
    "pickle of b'0123456789'": _pickled,
    "repr of a buffer": _repr,
}


def run(session: Session) -> None:
    """Put every question to every store, and keep the answers."""
    for name, probe in PROBES.items():
        for way in session.ways:
            answer = _ask(session, way, probe)
            session.promises.setdefault(name, {})[way.name] = answer
            session.say(f"{name:42} {way.name:8} {answer}")
    session.flush()


def _ask(session: Session, way: Way, probe: Callable[[Session, Way], object]) -> str:
    try:
        answer = probe(session, way)
        if inspect.isawaitable(answer):
            answer = session.run(answer)
    except ImportError as error:
        return f"not asked: {error}"
    except Exception as error:  # noqa: BLE001 -- to refuse is an answer too
        return f"raises {_said(error)}"
    return str(answer)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:100]}"
