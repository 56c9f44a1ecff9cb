"""A scan by others finds the same: threads, processes, a cluster; also if some die."""

import asyncio
import io
import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest

from tests.inventory.buckets import Truth, rows_in, truths
from tests.inventory.planning.key_spaces import SHAPES
from tests.servers.listing import ListingServer
from tests.servers.s3 import S3Server, s3_process, s3_server
from tests.waiting import until
from zstore import FsspecStore, LocalStore, MemoryStore, ObjectStore, Store
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.concurrency import run_in_thread
from zstore.errors import (
    AccessDeniedError,
    BackendError,
    InvalidTypeError,
    UnsupportedError,
)
from zstore.inventory import Inventory, ScanProgress
from zstore.inventory.scanning.found import Found
from zstore.inventory.scanning.slices import Slice, SliceResult, packed

__all__ = ["s3_process", "s3_server"]

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

NKEYS = 20_000
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(scope="module")
def listing() -> Iterator[ListingServer]:
    with ListingServer({}) as server:
        yield server


@pytest.fixture(scope="module")
def buckets(listing: ListingServer) -> dict[str, Truth]:
    return truths(listing, SHAPES, NKEYS)


@pytest.fixture
def server(listing: ListingServer) -> Iterator[ListingServer]:
    listing.heal()
    listing.reset()
    yield listing
    listing.release()
    listing.heal()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every slice, and try again at once."""
    monkeypatch.setattr("zstore.inventory.scanning.telling._SECONDS", 0.0)
    monkeypatch.setattr("zstore.inventory.scanning.patience._FIRST_PAUSE", 0.001)


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Slice]:
    """The slices that were handed out."""
    seen: list[Slice] = []

    def noted(**what: Any) -> Slice:
        seen.append(Slice(**what))
        return seen[-1]

    monkeypatch.setattr("zstore.inventory.scanning.distributing.Slice", noted)
    return seen


def local_cluster(nworkers: int, nthreads: int, *, processes: bool = True) -> Any:
    return distributed.LocalCluster(
        n_workers=nworkers,
        threads_per_worker=nthreads,
        processes=processes,
        # None would mean a port that another cluster may have taken.
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with local_cluster(2, 2) as found:
        yield found


@pytest.fixture(scope="module")
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster, set_as_default=False) as found:
        found.wait_for_workers(2)
        yield found


@pytest.fixture
def spawned() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=SPAWN) as found:
        yield found


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as found:
        yield found


def stopped_at(nkeys: int, event: asyncio.Event) -> Any:
    """Return what sets an event when so many keys were found."""

    def look(progress: ScanProgress) -> None:
        if progress.nkeys >= nkeys:
            event.set()

    return look


@pytest.mark.parametrize("shape", SHAPES)
async def test_dask_finds_the_same(
    shape: str,
    client: Any,
    server: ListingServer,
    buckets: dict[str, Truth],
    tasks: list[Slice],
    tmp_path: Path,
):
    told: list[ScanProgress] = []
    with await Inventory.scan(
        server.obstore_store(shape),
        snapshot=tmp_path,
        client=client,
        on_progress=told.append,
    ) as inventory:
        buckets[shape].require(inventory)
        assert inventory.nrequests == server.nlist
    assert len(tasks) <= 100 + NKEYS / 20_000
    assert server.nhead == 0
    assert told[-1].complete
    assert [one.nkeys for one in told] == sorted(one.nkeys for one in told)


@pytest.mark.parametrize("shape", SHAPES)
async def test_threads_find_the_same(
    shape: str, threads: Executor, server: ListingServer, buckets: dict[str, Truth]
):
    store = server.obstore_store(shape)
    with await Inventory.scan(store, client=threads) as inventory:
        buckets[shape].require(inventory)
    assert server.most_in_flight <= 8


async def test_spawned_processes_find_the_same(
    spawned: Executor, server: ListingServer, buckets: dict[str, Truth], tmp_path: Path
):
    for shape in SHAPES:
        with await Inventory.scan(
            server.obstore_store(shape), snapshot=tmp_path / shape, client=spawned
        ) as inventory:
            buckets[shape].require(inventory)


async def test_the_address_of_a_scheduler_is_enough(
    cluster: Any, client: Any, server: ListingServer, buckets: dict[str, Truth]
):
    store = server.obstore_store("hashed")
    with await Inventory.scan(store, client=cluster.scheduler_address) as inventory:
        buckets["hashed"].require(inventory)
    known = await run_in_thread(client.run_on_scheduler, clients_of)
    assert client.id in known
    assert len(known) == 1


def clients_of(dask_scheduler: Any) -> list[str]:
    return [name for name in dask_scheduler.clients if name.startswith("Client-")]


async def test_a_worker_that_is_killed_takes_nothing_with_it(
    client: Any,
    server: ListingServer,
    buckets: dict[str, Truth],
    tasks: list[Slice],
    tmp_path: Path,
):
    some, nlist = asyncio.Event(), 0
    scan = asyncio.create_task(
        Inventory.scan(
            server.obstore_store("skew", retries=3),
            snapshot=tmp_path,
            client=client,
            on_progress=stopped_at(3000, some),
        )
    )
    async with asyncio.timeout(60):
        await some.wait()
    pids = await run_in_thread(client.run, os.getpid)
    server.hold()
    nlist = server.nlist
    server.reset()
    # All threads of both workers wait for the server.
    await until(lambda: server.most_in_flight >= 4)
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    server.release()
    with await scan as inventory:
        buckets["skew"].require(inventory)
        nlost = nlist + server.nlist - inventory.nrequests
    assert 0 < nlost <= 2 * max(task.max_npages for task in tasks)
    await run_in_thread(client.wait_for_workers, 2)


async def test_throttled_requests_are_asked_again(
    client: Any, server: ListingServer, buckets: dict[str, Truth], tmp_path: Path
):
    server.slow_down_share = 0.1
    store = server.obstore_store("nested", retries=5)
    with await Inventory.scan(store, snapshot=tmp_path, client=client) as inventory:
        buckets["nested"].require(inventory)
        # Documents of metadata are asked for too, and refused now and then.
        assert 0 < server.nlist - inventory.nrequests <= server.n503


async def test_a_slice_that_fails_is_listed_again_later(
    threads: Executor, server: ListingServer, buckets: dict[str, Truth]
):
    server.fail("503", after=7, times=2)
    told: list[ScanProgress] = []
    with await Inventory.scan(
        server.obstore_store("nested"), client=threads, on_progress=told.append
    ) as inventory:
        buckets["nested"].require(inventory)
    assert server.n503 == 2
    assert inventory.nrequests == server.nlist


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_scan_that_is_cancelled_goes_on_where_it_was(
    shape: str,
    threads: Executor,
    client: Any,
    server: ListingServer,
    buckets: dict[str, Truth],
    tmp_path: Path,
):
    some = asyncio.Event()
    scan = asyncio.create_task(
        Inventory.scan(
            server.obstore_store(shape),
            snapshot=tmp_path,
            client=client,
            on_progress=stopped_at(8000, some),
        )
    )
    async with asyncio.timeout(60):
        await some.wait()
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scan
    with await Inventory.open(tmp_path) as partial:
        assert not partial.complete
        assert 8000 <= partial.nkeys < NKEYS
        assert set(rows_in(partial)) <= set(buckets[shape].rows)
    store = server.obstore_store(shape)
    with await Inventory.scan(store, snapshot=tmp_path, client=threads) as whole:
        buckets[shape].require(whole)


async def test_workers_write_to_the_shared_place_themselves(
    client: Any,
    server: ListingServer,
    buckets: dict[str, Truth],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    sent = contents_sent(monkeypatch)
    store = server.obstore_store("flat")
    with await Inventory.scan(store, snapshot=tmp_path, client=client) as inventory:
        buckets["flat"].require(inventory)
    assert sent
    assert not any(sent)
    # The mark, and files of slices that were listed twice.
    named = {part.name for part in inventory.manifest.parts}
    found = {f"keys/{path.name}" for path in (tmp_path / "keys").iterdir()}
    assert found == named


@pytest.mark.parametrize("where", ["nowhere", "memory"])
async def test_workers_send_what_they_cannot_write(
    where: str,
    client: Any,
    server: ListingServer,
    buckets: dict[str, Truth],
    monkeypatch: pytest.MonkeyPatch,
):
    sent = contents_sent(monkeypatch)
    place = MemoryStore() if where == "memory" else None
    store = server.obstore_store("flat")
    with await Inventory.scan(store, snapshot=place, client=client) as inventory:
        buckets["flat"].require(inventory)
    assert all(sent)


async def test_workers_that_see_another_disk_send_what_they_find(
    threads: Executor,
    server: ListingServer,
    buckets: dict[str, Truth],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    # What was pickled is a path, and there it is another folder.
    sent = contents_sent(monkeypatch)
    elsewhere = packed(LocalStore(tmp_path / "another machine"))
    here = tmp_path / "here"
    monkeypatch.setattr(
        "zstore.inventory.scanning.distributing.packed",
        lambda store: elsewhere if isinstance(store, LocalStore) else packed(store),
    )
    store = server.obstore_store("flat")
    with await Inventory.scan(store, snapshot=here, client=threads) as inventory:
        buckets["flat"].require(inventory)
    assert sent
    assert all(sent)
    assert not (tmp_path / "another machine" / "keys").exists()


def contents_sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes | None]:
    """Return a list that gets what comes back of each part."""
    sent: list[bytes | None] = []
    adopt = Found.adopt

    async def noted(found: Found, result: SliceResult) -> None:
        if result.part is not None:
            sent.append(result.content)
        await adopt(found, result)

    monkeypatch.setattr(Found, "adopt", noted)
    return sent


async def test_a_bucket_holds_the_snapshot(
    client: Any, s3_server: S3Server, server: ListingServer, buckets: dict[str, Truth]
):
    options = s3_server.fsspec_options
    for place in (
        ObjectStore.from_url(f"s3://{s3_server.bucket}/one", **s3_server.obstore_options),
        FsspecStore.from_url(f"s3://{s3_server.bucket}/two", options),
    ):
        store = server.obstore_store("nested")
        with await Inventory.scan(store, snapshot=place, client=client) as inventory:
            buckets["nested"].require(inventory)
        with await Inventory.open(place) as again:
            assert again.complete


async def test_a_client_that_is_closed_ends_the_scan_and_loses_nothing(
    cluster: Any, server: ListingServer, buckets: dict[str, Truth], tmp_path: Path
):
    own = await run_in_thread(connected, cluster.scheduler_address)
    some = asyncio.Event()
    store = server.obstore_store("skew")
    scan = asyncio.create_task(
        Inventory.scan(
            store, snapshot=tmp_path, client=own, on_progress=stopped_at(3000, some)
        )
    )
    async with asyncio.timeout(60):
        await some.wait()
    server.hold()
    await run_in_thread(own.close)
    with pytest.raises(BackendError, match="the workers"):
        await scan
    server.release()
    await finished_later(store, tmp_path, buckets["skew"])


def connected(address: str) -> Any:
    return distributed.Client(address, set_as_default=False, timeout=1)


async def finished_later(store: Store, snapshot: Path, truth: Truth) -> None:
    """Require that a snapshot holds what was found, and that the next scan goes on."""
    with await Inventory.open(snapshot) as partial:
        assert not partial.complete
        assert partial.nkeys >= 3000
        assert set(rows_in(partial)) <= set(truth.rows)
        nkeys = partial.nkeys
    told: list[ScanProgress] = []
    with await Inventory.scan(store, snapshot=snapshot, on_progress=told.append) as whole:
        truth.require(whole)
    assert told[-1].nkeys_here == len(truth.rows) - nkeys


async def test_a_scheduler_that_dies_ends_the_scan_and_loses_nothing(
    server: ListingServer, buckets: dict[str, Truth], tmp_path: Path
):
    store = server.obstore_store("skew")
    some = asyncio.Event()
    with local_cluster(1, 2, processes=False) as own:
        client = await run_in_thread(connected, own.scheduler_address)
        scan = asyncio.create_task(
            Inventory.scan(
                store, snapshot=tmp_path, client=client, on_progress=stopped_at(3000, some)
            )
        )
        async with asyncio.timeout(60):
            await some.wait()
        await run_in_thread(own.close)
        with pytest.raises(BackendError, match="the workers"):
            await scan
        await run_in_thread(client.close)
    await finished_later(store, tmp_path, buckets["skew"])


async def test_a_cluster_grows_with_the_work(
    server: ListingServer, buckets: dict[str, Truth], tmp_path: Path
):
    with local_cluster(0, 1) as own:
        own.adapt(minimum=0, maximum=3, interval="100ms")
        store = server.obstore_store("hashed")
        with await Inventory.scan(
            store, snapshot=tmp_path, client=own.scheduler_address
        ) as inventory:
            buckets["hashed"].require(inventory)


async def test_an_asynchronous_client_is_refused(cluster: Any, server: ListingServer):
    async with distributed.Client(
        cluster.scheduler_address, asynchronous=True, set_as_default=False
    ) as client:
        with pytest.raises(InvalidTypeError, match="not an asynchronous one"):
            await Inventory.scan(server.obstore_store("flat"), client=client)
    assert server.nlist == 0


class Unpicklable(MemoryStore):
    @override
    def __reduce__(self) -> tuple[object, ...]:
        msg = "its connection stays here"
        raise TypeError(msg)


async def test_a_store_that_cannot_travel_is_refused_before_anything_starts(
    threads: Executor, tmp_path: Path
):
    store = Unpicklable()
    await store.set("a", b"1")
    with pytest.raises(UnsupportedError, match="its connection stays here"):
        await Inventory.scan(store, snapshot=tmp_path, client=threads)
    assert not (tmp_path / "keys").exists()


async def test_a_place_that_fails_ends_the_scan(threads: Executor, server: ListingServer):
    class Full(MemoryStore):
        @override
        async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
            raise BackendError(key, "no space left on device")

    with pytest.raises(BackendError, match="no space left"):
        await Inventory.scan(server.obstore_store("flat"), snapshot=Full(), client=threads)


@pytest.mark.parametrize("engine", ["dask", "threads"])
async def test_a_backend_that_is_down_is_an_error(
    engine: str, client: Any, threads: Executor, server: ListingServer
):
    server.fail("403")
    with pytest.raises(AccessDeniedError):
        await Inventory.scan(
            server.obstore_store("flat"), client=client if engine == "dask" else threads
        )
    assert server.nlist <= 3


CANARIES = ("canary-id-7d2e", "canary-secret-93fa", "canary-token-51cc")


def watched() -> None:
    """Let the root logger of a worker, or of the scheduler, keep what is said."""
    if not hasattr(distributed, "heard"):
        distributed.heard = io.StringIO()
        handler = logging.StreamHandler(distributed.heard)
        for name in (None, "distributed", "distributed.worker", "distributed.scheduler"):
            logging.getLogger(name).addHandler(handler)
        logging.getLogger("distributed").setLevel(logging.DEBUG)


def heard() -> str:
    return str(distributed.heard.getvalue())


async def test_no_secret_is_in_a_log_an_error_or_the_snapshot(
    client: Any,
    server: ListingServer,
    buckets: dict[str, Truth],
    tasks: list[Slice],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    await run_in_thread(client.run, watched)
    id_, secret, token = CANARIES
    options = server.obstore_options() | {
        "access_key_id": id_,
        "secret_access_key": secret,
        "session_token": token,
    }
    store = ObjectStore.from_url("s3://nested", **options)
    server.fail("503", after=5, times=3)
    with await Inventory.scan(store, snapshot=tmp_path, client=client) as inventory:
        buckets["nested"].require(inventory)
        said = [repr(inventory), str(inventory.manifest.to_json())]
    server.fail("403")
    with pytest.raises(AccessDeniedError) as caught:
        await Inventory.scan(store, client=client)
    said += [repr(tasks), repr(caught.value), "".join(format_exception(caught.value))]
    logs = (await run_in_thread(client.run, heard)).values()
    # The failure of a slice is in the logs of the workers, so something was heard.
    assert "Compute Failed" in "".join(logs)
    said.extend(logs)
    said.append(str(await run_in_thread(client.get_worker_logs)))
    said.append(str(await run_in_thread(client.get_scheduler_logs)))
    said.append(caplog.text)
    assert not [text for text in said for canary in CANARIES if canary in text]


def test_workers_of_dask_are_spawned():
    # Nannies do what the configuration says; obstore and pyarrow do not survive a fork.
    assert dask.config.get("distributed.worker.multiprocessing-method") == "spawn"
