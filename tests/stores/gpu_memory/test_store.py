"""A GpuMemoryStore as an object: made, compared, sent elsewhere, with and without a GPU."""

import asyncio
import importlib
import os
import pickle
from typing import Any

import pytest

from tests.gpu.simulation import Simulation
from tests.scripts import run_script
from tests.waiting import until
from zstore import GpuMemoryStore, MemoryStore
from zstore.buffer import cpu, gpu
from zstore.errors import InvalidKeyError, InvalidTypeError, ReadOnlyError
from zstore.gpu import GpuStatus, GpuUnavailable, engines

DIGITS = b"0123456789"


def set_status(monkeypatch: pytest.MonkeyPatch, known: GpuStatus) -> None:
    status = importlib.import_module("zstore.gpu.status")  # not the function
    monkeypatch.setattr(status, "_known", (known, None))
    engines._forget()


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> GpuStatus:
    """Let CuPy be missing."""
    known = GpuStatus("no cupy", "cupy is not installed", "pip install it")
    set_status(monkeypatch, known)
    return known


@pytest.mark.usefixtures("simulation")
def test_a_mapping_is_kept_and_must_hold_device_buffers_in_simulation():
    values = {"k": gpu.Buffer.from_bytes(b"1")}
    assert GpuMemoryStore(values).store_dict is values
    empty: dict[str, gpu.Buffer] = {}
    assert GpuMemoryStore(empty).store_dict is empty
    mixed: Any = {**values, "bad one": cpu.Buffer(b""), "worse": 5}
    with pytest.raises(InvalidTypeError, match=r"'bad one' is no gpu.Buffer but Buffer"):
        GpuMemoryStore(mixed)
    wrongs: list[Any] = [[], 5, "text"]
    for wrong in wrongs:
        with pytest.raises(InvalidTypeError, match="store_dict is a mutable mapping"):
            GpuMemoryStore(wrong)


@pytest.mark.usefixtures("simulation")
async def test_a_mapping_that_is_kept_is_written_to_in_simulation():
    values = {"k": await asyncio.to_thread(gpu.Buffer.from_bytes, DIGITS)}
    await GpuMemoryStore(values).set("new", b"1")
    assert set(values) == {"k", "new"}
    assert type(values["new"]) is gpu.Buffer


@pytest.mark.parametrize("device", [-1, True, "0", 1.0])
def test_a_device_is_a_number(device: Any):
    with pytest.raises(InvalidTypeError, match="device is the number of a CUDA device"):
        GpuMemoryStore(device=device)


@pytest.mark.usefixtures("simulation")
def test_a_dict_is_checked_before_anything_moves_in_simulation():
    with pytest.raises(InvalidTypeError, match=r"GpuMemoryStore.from_dict\(\): `value`"):
        GpuMemoryStore.from_dict({"good": cpu.Buffer(b"1"), "bad": 5})  # type: ignore[dict-item]
    with pytest.raises(InvalidKeyError):
        GpuMemoryStore.from_dict({"/k": cpu.Buffer(b"1")})
    given = {"k": cpu.Buffer(b"1")}
    assert GpuMemoryStore.from_dict(given).store_dict is not given


async def test_the_device_is_that_of_the_values_or_the_current_one_in_simulation(
    simulation: Simulation,
):
    store = GpuMemoryStore()
    assert (store.device, store.engine, store.pool) == (None, None, None)
    assert GpuMemoryStore(device=1).device == 1
    there = GpuMemoryStore(device=1)
    await there.set("k", b"1")
    kept = GpuMemoryStore(there.store_dict)  # type: ignore[arg-type]
    assert kept.device == 1
    await kept.set("more", b"2")
    assert kept.store_dict["more"].device_id == 1  # type: ignore[attr-defined]

    simulation.current = 1
    await store.set("k", b"1")
    simulation.current = 0
    await store.set("more", b"2")
    assert store.device == 1
    assert store.engine is kept.engine
    assert store.pool is not kept.pool


@pytest.mark.usefixtures("simulation")
async def test_a_device_that_is_not_there_is_named_in_simulation():
    with pytest.raises(GpuUnavailable, match="there is no device 2 among 2"):
        await GpuMemoryStore(device=2).set("k", b"1")


@pytest.mark.usefixtures("simulation")
async def test_a_read_only_store_of_values_stays_as_it_is_in_simulation():
    store = await asyncio.to_thread(
        GpuMemoryStore.from_dict, {"k": cpu.Buffer(b"1")}, read_only=True
    )
    for call in (store.clear(), store.set("k", b"2"), store.delete("k")):
        with pytest.raises(ReadOnlyError):
            await call
    assert await store.get_bytes("k") == b"1"
    twin = store.with_read_only(False)
    await twin.set("k", b"2")
    assert await store.get_bytes("k") == b"2"
    assert twin.pool is store.pool


@pytest.mark.usefixtures("simulation")
def test_stores_are_equal_where_their_values_are_in_simulation():
    one = GpuMemoryStore.from_dict({"k": cpu.Buffer(DIGITS)})
    assert one == GpuMemoryStore.from_dict({"k": cpu.Buffer(DIGITS)})
    assert one == GpuMemoryStore(one.store_dict)  # type: ignore[arg-type]
    assert one != GpuMemoryStore.from_dict({"k": cpu.Buffer(DIGITS[:9])})
    assert one != GpuMemoryStore.from_dict({"k": cpu.Buffer(b"0123456780")})
    assert one != GpuMemoryStore.from_dict({"other": cpu.Buffer(DIGITS)})
    assert one != one.with_read_only()
    assert one != MemoryStore(one.store_dict)


@pytest.mark.usefixtures("simulation")
def test_contents_travel_through_the_host_in_simulation():
    store = GpuMemoryStore.from_dict({"k": cpu.Buffer(DIGITS), "empty": b""}, device=1)  # type: ignore[dict-item]
    twin = pickle.loads(pickle.dumps(store.with_read_only()))  # noqa: S301 -- made here
    assert twin.with_read_only(False) == store
    assert twin.read_only
    assert twin.device == 1
    assert twin.store_dict["k"].to_bytes() == DIGITS
    assert twin.store_dict["k"].base is not store.store_dict["k"].base  # type: ignore[attr-defined]


@pytest.mark.usefixtures("simulation")
def test_contents_that_come_where_no_gpu_is_say_so(monkeypatch: pytest.MonkeyPatch):
    pickled = pickle.dumps(GpuMemoryStore.from_dict({"k": cpu.Buffer(DIGITS)}))
    set_status(monkeypatch, GpuStatus("no device", "there is no device", "buy one"))
    with pytest.raises(GpuUnavailable, match="there is no device"):
        pickle.loads(pickled)  # noqa: S301 -- made here


async def test_clearing_gives_the_memory_back_in_simulation(simulation: Simulation):
    store = GpuMemoryStore()
    await store.clear()
    await store.set("k", bytes(1 << 20))
    await store.set("k", b"")
    await until(lambda: simulation.driver.figures(store.pool).used_nbytes == 0)
    assert simulation.driver.figures(store.pool).total_nbytes == 1 << 20
    await store.clear()
    assert simulation.driver.figures(store.pool).total_nbytes == 0


async def test_without_a_gpu_all_works_but_what_needs_its_memory(no_gpu: GpuStatus):
    for store in (GpuMemoryStore(), GpuMemoryStore({}), GpuMemoryStore.from_dict({})):
        assert [key async for key in store.list()] == []
        assert [name async for name in store.list_dir("")] == []
        assert await store.get("key") is None
        assert await store.get_many(["a", "b"]) == [None, None]
        assert await store.get("key", gpu.buffer_prototype) is None
        assert await store.getsize_prefix("") == 0
        assert not await store.exists("key")
        await store.delete("key")
        await store.clear()
        assert repr(store).endswith(f" ({no_gpu})")
        assert str(store).startswith("gpumemory://")
        with pytest.raises(GpuUnavailable, match="cupy is not installed") as caught:
            await store.set("key", b"1")
        assert isinstance(caught.value, ImportError)
        assert isinstance(caught.value, RuntimeError)
        for write in (store.set_if_not_exists("k", b""), store.set_many({"k": b""})):
            with pytest.raises(GpuUnavailable):
                await write
        assert not await store.exists("key")
    assert pickle.loads(pickle.dumps(GpuMemoryStore())) == GpuMemoryStore()  # noqa: S301
    with pytest.raises(GpuUnavailable, match="cupy is not installed"):
        GpuMemoryStore.from_dict({"k": cpu.Buffer(b"1")})


FORKED = """
import asyncio, os, sys, warnings
import pytest
from tests.gpu.simulation import Simulation
import zstore
from zstore.buffer import gpu

simulation = Simulation(pytest.MonkeyPatch())

async def fill():
    store = zstore.GpuMemoryStore()
    await store.set("k", b"value")
    await store.set("large", bytes(1 << 20))
    return store

async def use(store):
    assert [key async for key in store.list()] == ["k", "large"]
    assert await store.getsize("k") == 5
    for call in (
        lambda: store.set("k", b"small"),
        lambda: store.set("k", bytes(1 << 20)),
        lambda: store.set_many({"k": b"1"}),
        lambda: store.set_partial_values([("k", 0, b"x")]),
        lambda: store.get("k"),
        lambda: store.get("large"),
        lambda: store.clear(),
        lambda: zstore.GpuMemoryStore().set("k", b"1"),
        lambda: store.engine.run(print, "never"),
        lambda: store.engine.start(),
    ):
        try:
            await call()
        except zstore.gpu.GpuUnavailable as error:
            assert "forked" in str(error) and "spawn" in str(error)
        else:
            raise AssertionError("the device was used")
    try:
        store.engine.start_now()
    except zstore.gpu.GpuUnavailable:
        return
    raise AssertionError("the device was used")

store = asyncio.run(fill())
warnings.simplefilter("ignore", DeprecationWarning)
child = os.fork()
if not child:
    code = 1
    try:
        asyncio.run(asyncio.wait_for(use(store), 50))
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)
_, status = os.waitpid(child, 0)
assert asyncio.run(store.get_bytes("k")) == b"value"
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_process_is_refused_and_does_not_hang_in_simulation():
    assert run_script(FORKED) == ""
