"""One client for each event loop: several loops, threads, processes, and quiet ends.

Warnings are errors here, so a session that stays open fails the test that left it.
"""

import asyncio
import gc
import multiprocessing
import pickle
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

import fsspec
import pytest

from tests.servers import HttpServer, S3Server
from tests.waiting import until
from zstore import FsspecStore
from zstore.errors import StoreClosedError, ZStoreWarning
from zstore.stores.fsspec import clients


@pytest.fixture
def url(http_server: HttpServer) -> str:
    http_server.values["k"] = b"value"
    return http_server.url


async def read(store: FsspecStore) -> bytes:
    return await store.get_bytes("k")


def open_clients(store: FsspecStore) -> list[object]:
    return [client.fs for client, _ in store._clients._clients.values()]


def test_two_runs_one_after_the_other(url: str):
    store = FsspecStore.from_url(url)
    assert asyncio.run(read(store)) == b"value"
    assert asyncio.run(read(store)) == b"value"
    store.close()
    del store
    gc.collect()


def test_the_end_of_a_loop_closes_its_client(url: str):
    store = FsspecStore.from_url(url)

    async def work() -> object:
        await read(store)
        return open_clients(store)[0]

    fs = asyncio.run(work())
    assert fs._session.closed  # type: ignore[attr-defined]


def test_s3_on_two_loops(s3_server: S3Server):
    s3_server.put("k", body=b"value")
    store = FsspecStore.from_url(f"s3://{s3_server.bucket}", s3_server.fsspec_options)
    assert asyncio.run(read(store)) == b"value"
    assert asyncio.run(read(store)) == b"value"
    store.close()
    del store
    gc.collect()


def test_threads_at_once(url: str):
    store = FsspecStore.from_url(url)
    got: list[bytes] = []

    async def work() -> None:
        got.extend(await asyncio.gather(*[read(store) for _ in range(8)]))

    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [b"value"] * 32
    store.close()


async def test_one_client_for_all_tasks_of_a_loop(url: str):
    store = FsspecStore.from_url(url)
    await asyncio.gather(*[read(store) for _ in range(16)])
    assert len(open_clients(store)) == 1
    await store.aclose()


async def test_a_task_that_is_cancelled_takes_no_client_from_others(url: str):
    store = FsspecStore.from_url(url)
    first, second = asyncio.create_task(read(store)), asyncio.create_task(read(store))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == b"value"
    await store.aclose()


async def test_aclose_closes_here_and_there(url: str):
    store = FsspecStore.from_url(url)
    await read(store)
    here = open_clients(store)[0]
    ready = threading.Event()
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    there: list[object] = []

    async def elsewhere() -> None:
        await read(store)
        there.extend(fs for fs in open_clients(store) if fs is not here)
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        ready.set()
        await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(elsewhere(),))
    thread.start()
    await asyncio.to_thread(ready.wait)
    await store.aclose()
    assert here._session.closed  # type: ignore[attr-defined]
    await until(lambda: there[0]._session.closed)  # type: ignore[attr-defined]
    loop, end = ends[0]
    loop.call_soon_threadsafe(end.set)
    await asyncio.to_thread(thread.join)
    with pytest.raises(StoreClosedError):
        await read(store)


async def test_close_needs_no_await(url: str):
    store = FsspecStore.from_url(url)
    await read(store)
    fs = open_clients(store)[0]
    store.close()
    await until(lambda: fs._session.closed and not clients._ending)  # type: ignore[attr-defined]


def test_close_at_the_very_end_of_a_loop(url: str):
    store = FsspecStore.from_url(url)

    async def work() -> object:
        await read(store)
        fs = open_clients(store)[0]
        store.close()
        return fs

    assert asyncio.run(work())._session.closed  # type: ignore[attr-defined]
    clients.LoopClients(fsspec.filesystem("http", asynchronous=True)).close()


def test_close_after_the_loop_has_gone(url: str):
    store = FsspecStore.from_url(url)
    asyncio.run(read(store))
    store.close()
    assert not open_clients(store)


async def test_a_store_that_is_forgotten_closes_its_client(url: str):
    store = FsspecStore.from_url(url)
    await read(store)
    session = open_clients(store)[0]._session  # type: ignore[attr-defined]
    del store
    gc.collect()
    await until(lambda: session.closed)


async def test_the_filesystem_of_the_user_is_never_closed(url: str):
    fs = fsspec.filesystem("http", asynchronous=True, skip_instance_cache=True)
    mine = await fs.set_session()
    store = FsspecStore(fs, path=url)
    assert await read(store) == b"value"
    await store.aclose()
    assert store.fs is fs
    assert not mine.closed
    await mine.close()


async def test_a_filesystem_for_blocking_calls_works_and_warns(url: str):
    fs = fsspec.filesystem("http", asynchronous=False, skip_instance_cache=True)
    with pytest.warns(
        UserWarning, match="was not created with `asynchronous=True`"
    ) as seen:
        store = FsspecStore(fs, path=url)
    assert seen[0].category is ZStoreWarning
    assert seen[0].filename == __file__
    assert await read(store) == b"value"
    # Its copies were made for event loops, and there is nothing to warn of.
    assert await read(store.with_read_only()) == b"value"
    assert fs._session is None
    await store.aclose()


async def test_pickling(url: str):
    store = FsspecStore.from_url(url, read_only=True)
    await read(store)
    copy = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    assert copy == store
    assert copy.read_only
    assert await read(copy) == b"value"
    await store.aclose()
    await copy.aclose()


def test_another_process(url: str):
    store = FsspecStore.from_url(url)
    asyncio.run(read(store))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_in_child, (store,)) == b"value"
    store.close()


def _in_child(store: FsspecStore) -> bytes:
    return asyncio.run(read(store))


def _in_fork(store: FsspecStore, out: Connection) -> None:
    out.send(asyncio.run(read(store)))


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork here")
def test_after_a_fork(url: str):
    store = FsspecStore.from_url(url)
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(read(store)) == b"value"
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=_in_fork, args=(store, theirs)
    )
    child.start()
    assert ours.poll(20)
    assert ours.recv() == b"value"
    child.join()
    assert child.exitcode == 0
    # The parent's session still works: the child left it alone.
    assert loop.run_until_complete(read(store)) == b"value"
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    store.close()
    ours.close()
    theirs.close()


def test_the_end_of_the_process_is_quiet(url: str):
    # A loop that never is shut down, as that of a notebook.
    script = (
        "import asyncio, zstore\n"
        f"store = zstore.FsspecStore.from_url({url!r})\n"
        "loop = asyncio.new_event_loop()\n"
        "print(loop.run_until_complete(store.get_bytes('k')))\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, check=True
    )
    assert result.stdout.strip() == b"b'value'"
    assert b"Unclosed client session" not in result.stderr


def test_what_waits_at_the_end_of_the_process_is_closed(url: str):
    store = FsspecStore.from_url(url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(read(store))
    fs = open_clients(store)[0]
    clients._close_at_exit()
    assert fs._session.closed  # type: ignore[attr-defined]
    loop.close()


def test_what_a_parent_left_is_kept(url: str, monkeypatch: pytest.MonkeyPatch):
    store = FsspecStore.from_url(url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(read(store))
    parents = open_clients(store)[0]
    monkeypatch.setattr(clients, "_inherited", [])
    clients._keep_inherited()
    assert clients._inherited
    assert not clients._waiting
    store._clients._pid += 1
    assert loop.run_until_complete(read(store)) == b"value"
    assert open_clients(store)[0] is not parents
    assert not parents._session.closed  # type: ignore[attr-defined]
    store.close()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
