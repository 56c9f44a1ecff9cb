"""P2: stores in processes that are forked, or get them by pickle; loops and threads."""

import asyncio
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.reliability.apart import apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import ObstoreHandle, TensorStoreHandle, ZarrHandle
from tests.reliability.systems import opened

__all__ = ["loops", "processes"]

# Seconds after which a forked child hangs, and was to have answered.
_HANGS, _PROMPT = 20.0, 1.0
_WORKS, _RAISES = 0, 3


def _inside(handle: Handle) -> Any:
    """Return what a user of the system would pickle."""
    match handle:
        case ZStoreHandle() | ZarrHandle() | ObstoreHandle():
            return handle.store
        case TensorStoreHandle():
            return handle.kvstore
        case _:
            raise TypeError(handle)


async def _works(handle: Handle, key: str) -> bool:
    await handle.set(key, key.encode())
    return await handle.get(key) == key.encode()


async def _pickled(system: str, place: Path) -> tuple[Callable[[Any], Handle], bytes]:
    async with opened(system, place) as handle:
        await handle.set("before", b"value")
        # An archive has one writer: this one is closed, and then sent.
        inner = _inside(handle)
        if not isinstance(handle, ZStoreHandle):
            return type(handle), pickle.dumps(inner)
    return type(handle), pickle.dumps(inner.with_read_only(False))


def _elsewhere(kind: Callable[[Any], Handle], state: bytes) -> tuple[bool, str, float]:
    """Use what was pickled, fork, and use it there; in a process without threads."""
    handle = kind(pickle.loads(state))  # noqa: S301 -- from the parent

    async def use() -> bool:
        return await handle.get("before") == b"value" and await _works(handle, "here")

    has_it = asyncio.run(use())
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        _live(handle)
    how = _end_of(child)
    return has_it, how, time.perf_counter() - start


def _live(handle: Handle) -> None:
    """Use a store in a forked child, and end."""
    code = 1
    try:
        code = _WORKS if asyncio.run(_works(handle, "forked")) else 1
    except Exception:  # noqa: BLE001 -- an error is a good answer, if it comes
        code = _RAISES
    finally:
        os._exit(code)


def _end_of(child: int) -> str:
    """Wait for a child, but not for ever; say how it ended."""
    end = time.monotonic() + _HANGS
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            return {_WORKS: "works", _RAISES: "raises"}.get(code, f"ended with {code}")
        time.sleep(0.002)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hangs"


def processes(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Send a store to a fresh process, use it there, fork, and use it in the child."""
    kind, state = asyncio.run(_pickled(system, place))
    has_it, how, seconds = apart(_elsewhere, kind, state)
    yield Figure(
        promise="P2",
        system=system,
        what="stores that did not work in a fresh process",
        value=not has_it,
        of=1,
        bar=0,
    )
    yield Figure(
        promise="P2",
        system=system,
        what="forked children that neither worked nor raised",
        value=how not in {"works", "raises"},
        of=1,
        bar=0,
        note=how,
    )
    yield Figure(
        promise="P2",
        system=system,
        what="time of a forked child",
        value=seconds,
        bar=effort.pick(None, _PROMPT),
        unit="s",
    )


async def _work(handle: Handle, me: int, nkeys: int) -> int:
    bad = 0
    for number in range(nkeys):
        key, value = f"{me}/{number}", f"{me} {number} ".encode() * 500
        await handle.set(key, value)
        bad += await handle.get(key) != value
    return bad


async def _in_threads(system: str, place: Path, nkeys: int) -> int:
    bad: list[int] = []
    async with opened(system, place) as handle:

        def run(me: int) -> None:
            # Two loops after each other, while those of the others run.
            both = (_work(handle, each, nkeys) for each in (me, me + 10))
            bad.extend(map(asyncio.run, both))

        threads = [threading.Thread(target=run, args=(me,)) for me in range(4)]
        for thread in threads:
            thread.start()
        bad.append(await _work(handle, 100, nkeys))
        for thread in threads:
            await asyncio.to_thread(thread.join)
    # A loop that failed is missing.
    return sum(bad) + (2 * len(threads) + 1 - len(bad)) * nkeys


def loops(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Use one store on the loops of five threads at once, two loops in each of four."""
    nkeys = effort.pick(10, 200)
    yield Figure(
        promise="P2",
        system=system,
        what="bad values on the loops of five threads",
        value=asyncio.run(_in_threads(system, place, nkeys)),
        of=9 * nkeys,
        bar=0,
    )
