"""What single calls cost: figures to choose sizes and ways of waiting by."""

import asyncio
from collections.abc import Callable

from tests.benchmarks.gpu.devices import random_bytes
from tests.benchmarks.gpu.session import KIB, MIB, Prepare, Session
from zstore.concurrency import run_in_thread
from zstore.gpu.engine import Engine
from zstore.gpu.engines import open_engine

__all__ = ["run"]

_CALLS = 500
_KINDS = (64 * KIB, 128 * KIB, 256 * KIB, 256 * KIB + 1, 512 * KIB, MIB)


def run(session: Session) -> None:
    """Measure calls of the driver, ways of waiting, and where the engine needs a thread."""
    calls = min(_CALLS, session.options.max_calls)
    for name, (call, times) in session.device.costs().items():
        what, repeated = f"cost of {name}", min(times, calls)
        jobs = {"limit": _repeating(call, repeated)}
        try:
            session.compare(what, 0, jobs, calls=repeated)
        except (AttributeError, TypeError, RuntimeError) as error:
            session.notes.append(f"{what}: {type(error).__name__}: {error}")
    engine = session.run(open_engine())
    _waiting(session, engine, calls)
    for size in _KINDS:
        _uploads(session, engine, size, calls)


def _repeating(call: Callable[[], object], times: int) -> Prepare:
    def repeat() -> None:
        for _ in range(times):
            call()

    return lambda: repeat


def _waiting(session: Session, engine: Engine, calls: int) -> None:
    async def in_a_thread() -> None:
        for _ in range(calls):
            await run_in_thread(int)

    async def by_the_engine() -> None:
        for _ in range(calls):
            await engine.run(int)

    async def asking() -> None:
        for _ in range(calls):
            event = engine.driver.record()
            while not event.done:  # noqa: ASYNC110 -- what it costs is the question
                await asyncio.sleep(0)

    async def blocked_in_a_thread() -> None:
        for _ in range(calls):
            await run_in_thread(engine.driver.record().synchronize)

    jobs: dict[str, Prepare] = {
        "a thread": lambda: in_a_thread,
        "the engine": lambda: by_the_engine,
        "asking an event": lambda: asking,
        "an event, thread": lambda: blocked_in_a_thread,
    }
    session.compare("waiting for nothing", 0, jobs, calls=calls)


def _uploads(session: Session, engine: Engine, size: int, calls: int) -> None:
    view = memoryview(random_bytes(size).data)
    pool = engine.driver.pool()

    async def upload() -> None:
        for _ in range(calls):
            await engine.upload([view], pool)

    session.compare("upload by the engine", size, {"zstore": lambda: upload}, calls=calls)
