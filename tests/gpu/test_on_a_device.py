"""What only a GPU can show: real memory, real streams, other libraries. No simulation."""

import asyncio
import importlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scripts import run_script
from tests.waiting import until
from zstore import GpuMemoryStore, LocalStore, RangeByteRequest, sync
from zstore.buffer import Buffer, cpu, gpu
from zstore.errors import DeviceMemoryError
from zstore.gpu import require
from zstore.gpu.engines import open_engine
from zstore.inspection import LENSES, stats

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(300)]

MIB = 1 << 20
DEVICE_MEMORY = 2  # cudaMemoryTypeDevice
SIZES = [0, 1, 13, 4096, 256 * 1024, 256 * 1024 + 1, 4 * MIB, 64 * MIB + 7]


def random(nbytes: int, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).bytes(nbytes)


def on_the_device(store: GpuMemoryStore, key: str) -> bytes:
    """Return what is stored, copied by CuPy, once the driver says that it is there."""
    value = store.store_dict[key]
    assert isinstance(value, gpu.Buffer)
    if value.nbytes:
        attributes = require().cuda.runtime.pointerGetAttributes(value.ptr)
        assert attributes.type == DEVICE_MEMORY
        assert attributes.device == value.device_id
    return bytes(require().asnumpy(value.as_array_like()).tobytes())


@pytest.mark.parametrize("nbytes", SIZES)
async def test_every_way_to_write_ends_in_device_memory(nbytes: int):
    data = random(nbytes)
    store = GpuMemoryStore()
    there = await asyncio.to_thread(gpu.Buffer.from_bytes, data)
    await store.set("set", data)
    await store.set("set from the device", there)
    await store.set_if_not_exists("set_if_not_exists", cpu.Buffer(data))
    await store.set_many({f"many/{i}": data for i in range(20 if nbytes < MIB else 2)})
    await store.set("parts", data)
    await store.set_partial_values([("parts", nbytes, b"more")])
    for key in store.store_dict:
        assert on_the_device(store, key) == data + b"more" * (key == "parts")
    assert await store.get_bytes("set") == data


@pytest.mark.parametrize("nbytes", SIZES)
def test_ways_to_write_that_wait_end_in_device_memory(nbytes: int):
    data = random(nbytes)
    store = GpuMemoryStore.from_dict({f"{i}": cpu.Buffer(data) for i in range(3)})
    sync.SyncStore(store).set("twin", data)
    for key in store.store_dict:
        assert on_the_device(store, key) == data
    assert pickle.loads(pickle.dumps(store)) == store  # noqa: S301 -- made here


@pytest.mark.parametrize("nbytes", [1000, MIB, 256 * MIB])
async def test_pinned_memory_may_change_once_it_was_written(nbytes: int):
    cupy = require()
    mine = np.frombuffer(cupy.cuda.alloc_pinned_memory(nbytes), np.uint8, nbytes)
    store = GpuMemoryStore()
    for turn in range(3):
        mine[:] = turn
        await store.set("k", mine)
        mine[:] = 255
        array = store.store_dict["k"].as_array_like()
        assert int(array.min()) == int(array.max()) == turn


@pytest.mark.parametrize("nbytes", [1000, MIB, 64 * MIB])
@pytest.mark.parametrize("non_blocking", [False, True])
async def test_a_stream_of_the_caller_keeps_its_order(nbytes: int, non_blocking: bool):
    cupy = require()
    store = GpuMemoryStore()
    await store.set("first", b"1")
    with cupy.cuda.Stream(non_blocking=non_blocking):
        source = cupy.zeros(nbytes, np.uint8)
        for _ in range(200):  # so that the stream is busy when the copy is asked for
            source += 1
        await store.set("k", source)
        source[:] = 0
        value = await store.get("k", gpu.buffer_prototype)
        assert value is not None
        array = value.as_array_like()
        assert int(array.min()) == int(array.max()) == 200
    assert await store.get_bytes("k") == bytes([200]) * nbytes


async def test_memory_is_not_used_again_while_a_recorded_stream_reads_it():
    cupy = require()
    nbytes = 64 * MIB
    store = GpuMemoryStore()
    await store.set("k", np.ones(nbytes, np.uint8))
    value = await store.get("k", gpu.buffer_prototype)
    assert isinstance(value, gpu.Buffer)
    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        array = value.as_array_like()
        slow = cupy.zeros(nbytes, np.uint32)
        for _ in range(200):
            slow += array
        value.record_stream(stream)
    del value, array
    await store.delete("k")
    await store.set("k", bytes(nbytes))
    stream.synchronize()
    assert int(slow.min()) == int(slow.max()) == 200


PER_THREAD = """
import asyncio
import numpy as np
import zstore
from zstore.buffer import gpu

async def use():
    cupy = zstore.gpu.require()
    assert cupy.cuda.get_current_stream().ptr == 2, "not the stream of the thread"
    store = zstore.GpuMemoryStore()
    for nbytes in (1000, 1 << 20, 64 << 20):
        source = cupy.zeros(nbytes, np.uint8)
        for _ in range(100):
            source += 1
        await store.set("k", source)
        source[:] = 0
        value = await store.get("k", gpu.buffer_prototype)
        array = value.as_array_like()
        assert int(array.min()) == int(array.max()) == 100
        assert await store.get_bytes("k") == bytes([100]) * nbytes

asyncio.run(use())
"""


def test_the_default_stream_may_belong_to_the_thread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUPY_CUDA_PER_THREAD_DEFAULT_STREAM", "1")
    assert run_script(PER_THREAD, timeout=200) == ""


MISALIGNED = """
import asyncio
import numpy as np
import zstore
from zstore.buffer import gpu
from zstore.inspection import LENSES, stats

async def look():
    store = zstore.GpuMemoryStore()
    data = np.random.default_rng(0).bytes(100_003)
    await store.set("k", data)
    value = await store.get("k", gpu.buffer_prototype, zstore.OffsetByteRequest(3))
    assert value.ptr % 8 == 3
    for dtype in LENSES:
        await stats(value, dtype)
    assert await store.get_bytes("k") == data

asyncio.run(look())
"""


def test_misaligned_values_do_not_break_the_device():
    assert run_script(MISALIGNED, timeout=200) == ""


@pytest.mark.parametrize("dtype", LENSES)
async def test_statistics_are_those_of_the_same_bytes_on_the_host(dtype: str):
    data = random(8 * MIB + 16)
    host = cpu.Buffer(data)
    there = await asyncio.to_thread(gpu.Buffer.from_bytes, data)
    expected, found = await stats(host, dtype), await stats(there, dtype)
    for name in ("count", "counted", "nan", "infinite", "zeros", "minimum", "maximum"):
        np.testing.assert_equal(getattr(found, name), getattr(expected, name))
    assert found.histogram == expected.histogram
    assert (found.mean is None) == (expected.mean is None)
    np.testing.assert_allclose(found.mean or 0, expected.mean or 0, rtol=1e-3)


async def test_a_pool_that_is_full_leaves_the_store_as_it_was():
    store = GpuMemoryStore()
    await store.set("k", b"old")
    store.pool.set_limit(size=store.pool.total_bytes() + 8 * MIB)
    with pytest.raises(DeviceMemoryError, match="limit") as caught:
        await store.set("k", bytes(64 * MIB))
    assert "holds 3 bytes of values" in str(caught.value)
    assert on_the_device(store, "k") == b"old"
    await store.set("k", bytes(MIB))
    assert on_the_device(store, "k") == bytes(MIB)


async def test_a_million_small_values_come_back():
    block = random(64_000_000)
    values = {f"{i}": memoryview(block)[i * 64 : (i + 1) * 64] for i in range(1_000_000)}
    store = GpuMemoryStore()
    await store.set_many(values)
    assert store.pool.used_bytes() < 1.3 * len(block)
    keys = [f"{i}" for i in range(0, 1_000_000, 7)]
    found = await store.get_many(keys)
    assert [each and each.to_bytes() for each in found] == [bytes(values[k]) for k in keys]


async def test_a_value_of_6_gib_comes_back():
    nbytes = 6 << 30
    free, _ = require().cuda.runtime.memGetInfo()
    if free < 3 * nbytes:
        pytest.skip(f"{free:,} bytes are free on the device")
    value = np.arange(nbytes // 8, dtype=np.uint64).view(np.uint8)
    store = GpuMemoryStore()
    await store.set("k", value)
    request = RangeByteRequest(nbytes - 8, nbytes)
    assert await store.get_bytes("k", byte_range=request) == value[-8:].tobytes()
    back = await store.get("k")
    assert back is not None
    assert np.array_equal(back.as_numpy_array(), value)
    await store.clear()


async def test_deleting_more_than_half_gives_memory_back_and_loses_nothing():
    values = {f"{i}": random(20_000 + i, i) for i in range(2000)}
    store = GpuMemoryStore()
    await store.set_many(values)
    before = store.pool.used_bytes()
    for i in range(2000):
        if i % 8:
            await store.delete(f"{i}")
            del values[f"{i}"]
    await until(lambda: store.pool.used_bytes() < before / 4)
    assert {key: on_the_device(store, key) for key in store.store_dict} == values


def tensors(data: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return the bytes as device arrays of the libraries that are here."""
    found: dict[str, Any] = {"cupy": require().asarray(data)}
    torch, numba_cuda = _found("torch"), _found("numba.cuda")
    if torch is not None and torch.cuda.is_available():
        found["torch"] = torch.from_numpy(data.copy()).cuda()
    if numba_cuda is not None:
        found["numba"] = numba_cuda.to_device(data)
    return found


def _found(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def pointer_of(array: Any) -> int:
    return int(array.__cuda_array_interface__["data"][0])


async def test_arrays_of_other_libraries_go_in_and_out_without_a_copy():
    data = np.arange(100_000, dtype=np.uint8)
    store = GpuMemoryStore()
    for name, array in tensors(data).items():
        assert gpu.Buffer(array).ptr == pointer_of(array)
        await store.set(name, array)
        assert on_the_device(store, name) == data.tobytes()
        value = await store.get(name, gpu.buffer_prototype)
        assert isinstance(value, gpu.Buffer)
        assert pointer_of(require().from_dlpack(value)) == value.ptr
        assert pointer_of(require().asarray(value)) == value.ptr
        if name == "torch":
            tensor = _found("torch").from_dlpack(value)
            assert tensor.data_ptr() == value.ptr
            assert tensor.cpu().numpy().tobytes() == data.tobytes()


async def test_a_file_comes_to_the_device(tmp_path: Path):
    data = random(9 * MIB + 5)
    store = LocalStore(tmp_path)
    await store.set("k", data)
    for request in (None, RangeByteRequest(5, 100), RangeByteRequest(MIB, 20 * MIB)):
        value = await store.get("k", gpu.buffer_prototype, request)
        assert isinstance(value, gpu.Buffer)
        expected = data if request is None else data[request.start : request.end]
        assert require().asnumpy(value.as_array_like()).tobytes() == expected


async def test_the_engine_pins_no_more_than_its_rings():
    engine = await open_engine()
    store = GpuMemoryStore()
    await store.set("k", bytes(512 * MIB))
    assert engine.pinned_nbytes <= 66 * MIB


async def test_the_store_keeps_the_promises_that_zarrs_does_not():
    storage = pytest.importorskip("zarr.storage")
    zarr_gpu = pytest.importorskip("zarr.core.buffer.gpu")
    zarr_cpu = pytest.importorskip("zarr.core.buffer.cpu")
    # The promise of both: values lie on the device, wherever they came from.
    theirs, ours = storage.GpuMemoryStore(), GpuMemoryStore()
    await theirs.set("k", zarr_cpu.Buffer.from_bytes(b"0123"))
    assert isinstance(theirs._store_dict["k"], zarr_gpu.Buffer)
    value: Any = theirs._store_dict["k"]
    await ours.set("k", value)
    assert on_the_device(ours, "k") == b"0123"
    read = await ours.get("k", gpu.buffer_prototype)
    assert isinstance(read, Buffer)
    wrapped = zarr_gpu.Buffer.from_array_like(read.as_array_like())
    assert wrapped.to_bytes() == b"0123"
