"""GpuMemoryStore: without a device, with a stand-in in host memory, and with a GPU."""

import pickle
import sys
import types
from collections.abc import Iterator

import numpy as np
import pytest

from tests.device_stand_in import DeviceArray, StandIn
from zstore import GpuMemoryStore, MemoryStore, RangeByteRequest
from zstore.buffer import cpu, default_buffer_prototype, gpu
from zstore.errors import InvalidKeyError, InvalidTypeError, MissingDependencyError


@pytest.fixture
def stand_in(monkeypatch) -> StandIn:
    """Logic only: arrays of this module lie in host memory, whatever they say."""
    module = StandIn()
    monkeypatch.setattr(gpu, "device_arrays", lambda: module)
    return module


@pytest.fixture
def no_cupy(monkeypatch) -> Iterator[None]:
    gpu.device_arrays.cache_clear()
    monkeypatch.setitem(sys.modules, "cupy", None)
    yield
    gpu.device_arrays.cache_clear()


def with_cupy(monkeypatch, **attributes: object) -> None:
    gpu.device_arrays.cache_clear()
    module = types.ModuleType("cupy")
    module.__dict__.update({"__version__": "14.2.0", **attributes})
    monkeypatch.setitem(sys.modules, "cupy", module)


class Runtime:
    """The runtime of a machine with so many devices, or a broken driver."""

    def __init__(self, devices: int | Exception) -> None:
        self.devices = devices
        self.runtime = self

    def getDeviceCount(self) -> int:  # noqa: N802 -- the name is CUDA's
        if isinstance(self.devices, Exception):
            raise self.devices
        return self.devices


@pytest.mark.usefixtures("no_cupy")
async def test_without_cupy_a_store_can_be_made_and_says_what_is_missing():
    store = GpuMemoryStore()
    assert [key async for key in store.list()] == []
    assert await store.get("key") is None
    assert str(store).startswith("gpumemory://")
    with pytest.raises(gpu.GpuUnavailableError, match="cupy is not installed") as caught:
        await store.set("key", b"1")
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, MissingDependencyError)
    assert "zstore[gpu13]" in str(caught.value)
    assert not await store.exists("key")


@pytest.mark.parametrize(
    ("devices", "reason"),
    [
        (0, "cupy 14.2.0 found no CUDA device"),
        (RuntimeError("cudaErrorInsufficientDriver"), "cudaErrorInsufficientDriver"),
    ],
)
def test_cupy_without_a_device_is_told_apart(monkeypatch, devices: object, reason: str):
    with_cupy(monkeypatch, cuda=Runtime(devices))  # type: ignore[arg-type]
    with pytest.raises(gpu.GpuUnavailableError, match=reason):
        gpu.device_arrays()


def test_a_broken_cupy_is_told_apart(monkeypatch):
    gpu.device_arrays.cache_clear()

    def broken(name: str) -> None:
        raise OSError(name + ": libcudart.so: cannot open shared object file")

    monkeypatch.setattr("importlib.import_module", broken)
    with pytest.raises(gpu.GpuUnavailableError, match="failed to import: OSError"):
        gpu.device_arrays()


def test_cupy_with_a_device_is_used(monkeypatch):
    with_cupy(monkeypatch, cuda=Runtime(1))
    assert gpu.device_arrays().__version__ == "14.2.0"
    gpu.device_arrays.cache_clear()


@pytest.mark.usefixtures("stand_in")
async def test_every_way_to_write_moves_the_value():
    store = GpuMemoryStore()
    await store.set("a", b"1")
    await store.set_if_not_exists("b", b"2")
    await store.set_many({"c": np.arange(3, dtype="u1")})
    await store.set_partial_values([("a", 1, b"23")])
    assert [type(value) for value in store.store_dict.values()] == [gpu.Buffer] * 3
    assert await store.get_bytes("a") == b"123"
    assert GpuMemoryStore.from_dict({"x": cpu.Buffer(b"1")}) == GpuMemoryStore.from_dict(
        {"x": cpu.Buffer(b"1")}
    )


async def test_a_value_that_is_there_costs_no_upload(stand_in: StandIn):
    store = GpuMemoryStore()
    assert await store.set_if_not_exists("a", b"1")
    assert not await store.set_if_not_exists("a", b"2")
    assert stand_in.uploads == 1


async def test_the_gpu_prototype_copies_nothing(stand_in: StandIn):
    store = GpuMemoryStore.from_dict({"a": cpu.Buffer(b"0123456789")})
    part = await store.get("a", gpu.buffer_prototype, RangeByteRequest(2, 5))
    assert isinstance(part, gpu.Buffer)
    assert stand_in.downloads == 0
    assert part.to_bytes() == b"234"
    with pytest.raises(ValueError, match="read-only"):
        part[0:1] = b"x"
    host = await store.get("a", default_buffer_prototype())
    assert type(host) is cpu.Buffer


@pytest.mark.usefixtures("stand_in")
async def test_the_store_owns_what_it_was_given():
    mine = gpu.Buffer.from_bytes(b"0123")
    store = GpuMemoryStore()
    await store.set("a", mine)
    mine[0:2] = b"xx"
    assert mine.to_bytes() == b"xx23"
    assert await store.get_bytes("a") == b"0123"


@pytest.mark.usefixtures("stand_in")
def test_a_mapping_must_hold_device_buffers():
    with pytest.raises(InvalidTypeError, match=r"'k' is no gpu.Buffer but Buffer"):
        GpuMemoryStore({"k": cpu.Buffer(b"")})  # type: ignore[dict-item]
    values = {"k": gpu.Buffer.from_bytes(b"1")}
    assert GpuMemoryStore(values).store_dict is values
    with pytest.raises(InvalidKeyError):
        GpuMemoryStore.from_dict({"/k": cpu.Buffer(b"1")})


@pytest.mark.usefixtures("stand_in")
async def test_a_read_only_store_of_values_stays_as_it_is():
    store = GpuMemoryStore.from_dict({"k": cpu.Buffer(b"1")}, read_only=True)
    with pytest.raises(ValueError, match="read-only"):
        await store.clear()
    assert await store.getsize_prefix("") == 1


@pytest.mark.usefixtures("stand_in")
def test_contents_travel_through_the_host():
    store = GpuMemoryStore.from_dict({"k": cpu.Buffer(b"123")})
    twin = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    assert twin == store
    assert twin.store_dict["k"].to_bytes() == b"123"
    assert store != MemoryStore(store.store_dict)


@pytest.mark.usefixtures("stand_in")
def test_a_device_buffer_behaves_as_a_host_buffer():
    buffer = gpu.Buffer.from_bytes(b"0123456789")
    assert len(buffer) == buffer.nbytes == 10
    assert not buffer.readonly
    assert buffer[2:4].to_bytes() == b"23"
    assert (buffer + cpu.Buffer(b"ab")).to_bytes() == b"0123456789ab"
    assert buffer == gpu.Buffer.from_bytes(b"0123456789")
    assert buffer == cpu.Buffer(b"0123456789")
    assert cpu.Buffer(b"0123456789") == buffer
    assert buffer != gpu.Buffer.from_bytes(b"0")
    assert buffer != b"0123456789"
    copy = buffer.copy()
    copy[0:1] = cpu.Buffer(b"x")
    assert buffer.to_bytes()[:1] == b"0"
    assert gpu.Buffer.from_buffer(buffer) is buffer
    assert gpu.Buffer.from_array_like(buffer.as_array_like()) == buffer
    assert "cuda:0 at 0x1000" in repr(buffer)
    assert buffer.toreadonly().toreadonly().readonly
    assert bytes(buffer.as_buffer_like()) == b"0123456789"
    assert gpu.Buffer.create_zero_length().nbytes == 0


@pytest.mark.usefixtures("stand_in")
def test_a_device_buffer_refuses_what_it_cannot_hold():
    with pytest.raises(InvalidTypeError, match="on the host"):
        gpu.Buffer(np.arange(3, dtype="u1"))
    for array in (np.zeros((2, 2), "u1"), np.zeros(4, "f4"), np.zeros(8, "u1")[::2]):
        with pytest.raises(InvalidTypeError, match="contiguous bytes"):
            gpu.Buffer(array.view(DeviceArray))
    with pytest.raises(InvalidTypeError, match="expected slice"):
        gpu.Buffer.from_bytes(b"1")[0]  # type: ignore[index]


def test_a_foreign_device_array_is_taken_by_its_interface(stand_in: StandIn):
    class Foreign:
        """A tensor of another library."""

        __cuda_array_interface__ = {"version": 3}  # noqa: RUF012 -- as libraries have it

    taken: list[object] = []

    def asarray(array: object) -> DeviceArray:
        taken.append(array)
        return np.zeros(2, "u1").view(DeviceArray)

    stand_in.asarray = asarray  # type: ignore[method-assign]
    foreign = Foreign()
    assert len(gpu.Buffer(foreign)) == 2
    assert taken == [foreign]


@pytest.mark.usefixtures("stand_in")
def test_arrays_of_any_shape_are_made_on_the_device():
    array = gpu.NDBuffer.create(shape=(2, 3), dtype="f4", fill_value=1)
    assert array.shape == (2, 3)
    assert array.as_numpy_array().sum() == 6
    assert gpu.NDBuffer.from_numpy_array(np.arange(4)).dtype == np.arange(4).dtype


@pytest.mark.gpu
async def test_values_lie_on_a_real_device():
    store = GpuMemoryStore()
    value = np.random.default_rng(0).bytes(100_000)
    await store.set("a", value)
    await store.set_if_not_exists("b", value)
    for key in ("a", "b"):
        part = await store.get(key, gpu.buffer_prototype, RangeByteRequest(1, 70_000))
        assert isinstance(part, gpu.Buffer)
        array = part.as_array_like()
        attributes = gpu.device_arrays().cuda.runtime.pointerGetAttributes(array.data.ptr)
        assert attributes.type == 2  # device memory
        assert part.to_bytes() == value[1:70_000]
        assert await store.get_bytes(key) == value
