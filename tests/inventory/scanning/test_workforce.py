"""Whoever lists: an executor, or Dask; if nobody is left, that is told."""

import asyncio
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from tests.inventory.paged import filled
from tests.waiting import LONG, until
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import cpu
from zstore.errors import (
    BackendError,
    InvalidTypeError,
    MissingDependencyError,
    ZStoreWarning,
)
from zstore.inventory import Inventory, ScanProgress
from zstore.inventory.planning import KeyRange
from zstore.inventory.scanning.slices import Slice, SliceResult, packed
from zstore.inventory.scanning.workforce import Workforce, WorkforceGoneError, workforce

KEYS = [f"a/c/{i:03}" for i in range(300)]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every slice, and try again at once."""
    monkeypatch.setattr("zstore.inventory.scanning.telling._SECONDS", 0.0)
    monkeypatch.setattr("zstore.inventory.scanning.patience._FIRST_PAUSE", 0.001)


class Scripted(Executor):
    """Does as it is told, at each slice."""

    def __init__(self, act: Callable[[int, Future[Any]], bool]) -> None:
        self._act = act
        self.nslices = 0
        self._threads = ThreadPoolExecutor(2)

    @override
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.nslices += 1
        future: Future[Any] = Future()
        if self._act(self.nslices, future):
            return self._threads.submit(fn, *args, **kwargs)
        return future

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def a_slice() -> Slice:
    return Slice(
        store=packed(MemoryStore({"a": cpu.Buffer.from_bytes(b"1")})),
        place=None,
        mark="",
        prefix="",
        range=KeyRange(),
        max_npages=1,
        depth=1,
    )


def fails(error: BaseException) -> Callable[[int, Future[Any]], bool]:
    def act(_: int, future: Future[Any]) -> bool:
        future.set_exception(error)
        return False

    return act


def cancels(_: int, future: Future[Any]) -> bool:
    future.cancel()
    return False


def refuses(*_: Any) -> bool:
    msg = "cannot schedule new futures after shutdown"
    raise RuntimeError(msg)


async def test_a_slice_comes_back():
    with ThreadPoolExecutor(3) as threads:
        async with workforce(threads) as workers:
            await workers.refresh()
            assert workers.nslots == 3
            result = await workers.list(a_slice())
    assert isinstance(result, SliceResult)
    assert result.part is not None
    assert result.part.nkeys == 1


async def test_what_a_store_says_is_told_as_it_is():
    error = BackendError("a", "503")
    with pytest.raises(BackendError) as caught:
        await Workforce(Scripted(fails(error)), 1).list(a_slice())
    assert caught.value is error


async def test_a_worker_that_fails_is_a_failure_of_the_backend_without_secrets():
    error = MemoryError("at https://me:word@host/")
    with pytest.raises(
        BackendError, match=r"MemoryError: at https://\.\.\.@host/"
    ) as caught:
        await Workforce(Scripted(fails(error)), 1).list(a_slice())
    assert not isinstance(caught.value, WorkforceGoneError)


@pytest.mark.parametrize(
    "act", [fails(BrokenProcessPool("a process died")), cancels, refuses]
)
async def test_an_executor_that_is_broken_or_closed_is_gone(
    act: Callable[[int, Future[Any]], bool],
):
    with pytest.raises(WorkforceGoneError, match="the workers"):
        await Workforce(Scripted(act), 1).list(a_slice())


async def test_a_caller_that_is_cancelled_is_cancelled():
    workers = Workforce(Scripted(lambda *_: False), 1)
    task = asyncio.create_task(workers.list(a_slice()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("end", [fails(BrokenProcessPool("it died")), cancels, refuses])
async def test_a_scan_whose_executor_ends_keeps_what_was_found(
    end: Callable[[int, Future[Any]], bool], tmp_path: Path
):
    store = await filled(KEYS)

    def act(number: int, future: Future[Any]) -> bool:
        return number <= 5 or end(number, future)

    with Scripted(act) as executor, pytest.raises(BackendError, match="the workers"):
        await Inventory.scan(store, snapshot=tmp_path, client=executor)
    with await Inventory.open(tmp_path) as partial:
        assert not partial.complete
        found = partial.nkeys
        assert 0 < found < len(KEYS)
    told: list[ScanProgress] = []
    with await Inventory.scan(store, snapshot=tmp_path, on_progress=told.append) as whole:
        assert whole.complete
        assert whole.nkeys == len(KEYS)
    assert told[-1].nkeys_here == len(KEYS) - found


async def test_workers_that_die_now_and_then_do_no_harm():
    store = await filled(KEYS)

    def act(number: int, future: Future[Any]) -> bool:
        if number % 4:
            return True
        future.set_exception(OSError("the worker is gone"))
        return False

    with Scripted(act) as executor:
        with await Inventory.scan(store, client=executor) as inventory:
            assert inventory.complete
            assert inventory.nkeys == len(KEYS)
        assert executor.nslices >= 4


async def test_what_no_worker_survives_is_a_hole(tmp_path: Path):
    store = await filled(KEYS)

    def act(number: int, future: Future[Any]) -> bool:
        if number <= 2:
            return True
        future.set_exception(OSError("the worker is gone"))
        return False

    with Scripted(act) as executor, pytest.warns(ZStoreWarning, match="worker is gone"):
        partial = await Inventory.scan(store, snapshot=tmp_path, client=executor)
    with partial:
        assert not partial.complete
        assert partial.holes
        assert 0 < partial.nkeys < len(KEYS)


async def test_a_process_that_is_killed_ends_the_scan(tmp_path: Path):
    store = await filled(KEYS)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:

        def kill(progress: ScanProgress) -> None:
            if progress.nkeys:
                for process in list(pool._processes.values()):
                    process.kill()

        with pytest.raises(BackendError, match="the workers"):
            async with asyncio.timeout(LONG):
                await Inventory.scan(
                    store, snapshot=tmp_path, client=pool, on_progress=kill
                )
    with await Inventory.scan(store, snapshot=tmp_path) as whole:
        assert whole.nkeys == len(KEYS)


async def test_a_scan_that_is_cancelled_waits_for_no_worker(tmp_path: Path):
    store = await filled(KEYS)
    executor = Scripted(lambda number, _: number <= 3)
    scan = asyncio.create_task(Inventory.scan(store, snapshot=tmp_path, client=executor))
    await until(lambda: executor.nslices > 3)
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scan
    executor.shutdown()
    with await Inventory.open(tmp_path) as partial:
        assert partial.nkeys
        assert partial.pending


@pytest.mark.parametrize("client", [3, object(), ["tcp://127.0.0.1:1"]])
async def test_what_is_no_client_is_refused(client: object):
    with pytest.raises(InvalidTypeError, match=r"a dask\.distributed\.Client .* got"):
        await Inventory.scan(MemoryStore(), client=client)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
async def test_processes_that_are_forked_are_refused():
    context = multiprocessing.get_context("fork")
    # No process is started before there is work.
    with (
        ProcessPoolExecutor(1, mp_context=context) as forks,
        pytest.raises(InvalidTypeError, match="'spawn'"),
    ):
        await Inventory.scan(MemoryStore(), client=forks)


async def test_an_address_without_dask_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r"zstore\[dask\]"):
        await Inventory.scan(MemoryStore(), client="tcp://127.0.0.1:1")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://", ""])
async def test_an_address_of_no_scheduler_is_told(address: str):
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "200ms"}),
        pytest.raises(BackendError),
    ):
        await Inventory.scan(MemoryStore(), client=address)
