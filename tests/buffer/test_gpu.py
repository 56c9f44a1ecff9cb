"""Device buffers, in simulation: places in device memory, and what they refuse."""

import importlib
import math
import pickle
from typing import Any

import numpy as np
import pytest

from tests.gpu.simulation import DeviceArray, Simulation
from zstore._compat import override
from zstore.buffer import cpu, gpu
from zstore.errors import InvalidTypeError
from zstore.gpu import GpuStatus, GpuUnavailable
from zstore.gpu.engines import open_engine_now

DIGITS = b"0123456789"


def device_array(simulation: Simulation, values: Any) -> DeviceArray:
    array: DeviceArray = simulation.xp.asarray(np.asarray(values))
    return array


@pytest.mark.usefixtures("simulation")
def test_a_device_buffer_behaves_as_a_host_buffer_in_simulation():
    buffer = gpu.Buffer.from_bytes(DIGITS)
    assert len(buffer) == buffer.nbytes == 10
    assert not buffer.readonly
    assert buffer[2:4].to_bytes() == b"23"
    assert buffer[-3:].to_bytes() == b"789"
    assert buffer[8:3].to_bytes() == b""
    assert (buffer + cpu.Buffer(b"ab")).to_bytes() == b"0123456789ab"
    assert buffer[1:3].combine([buffer[:1], buffer[9:]]).to_bytes() == b"1209"
    assert bytes(buffer.as_buffer_like()) == DIGITS
    assert gpu.Buffer.create_zero_length().nbytes == 0
    assert (gpu.Buffer.create_zero_length() + cpu.Buffer(b"")).to_bytes() == b""


@pytest.mark.usefixtures("simulation")
def test_buffers_are_equal_where_their_bytes_are_in_simulation():
    buffer = gpu.Buffer.from_bytes(DIGITS)
    assert buffer == gpu.Buffer.from_bytes(DIGITS)
    assert buffer == cpu.Buffer(DIGITS)
    assert cpu.Buffer(DIGITS) == buffer
    assert buffer != gpu.Buffer.from_bytes(b"0123456780")
    assert buffer != gpu.Buffer.from_bytes(b"0")
    assert buffer != DIGITS


def test_a_buffer_equals_itself_without_a_call_of_the_device_in_simulation(
    simulation: Simulation,
):
    buffer = gpu.Buffer.from_bytes(DIGITS)
    simulation.driver.stream.error = RuntimeError("no call is allowed")
    assert buffer[2:5] == buffer[1:][1:4]
    assert buffer[2:5] != buffer[2:6]


def test_a_buffer_on_another_device_is_compared_by_its_bytes_in_simulation(
    simulation: Simulation,
):
    one = gpu.Buffer.from_bytes(DIGITS)
    simulation.current = 1
    two = gpu.Buffer.from_bytes(DIGITS)
    assert (one.device_id, two.device_id) == (0, 1)
    assert one == two
    assert one != two[1:]


def test_a_slice_is_no_copy_and_no_call_of_the_device_in_simulation(simulation: Simulation):
    buffer = gpu.Buffer.from_bytes(DIGITS * 1000)
    simulation.driver.stream.error = RuntimeError("no call is allowed")
    part = buffer[100:200][10:20]
    assert (part.base, part.offset, part.nbytes) == (buffer.base, 110, 10)
    assert part.ptr == buffer.ptr + 110
    assert part.is_view
    assert not buffer.is_view
    assert part.base_ptr == buffer.ptr
    assert part.base_nbytes == 10_240


@pytest.mark.usefixtures("simulation")
def test_a_buffer_says_where_it_lies_and_how_much_it_keeps_in_simulation():
    buffer = gpu.Buffer.from_bytes(DIGITS * 1000)
    assert repr(buffer) == f"<gpu.Buffer 10,000 bytes on cuda:0 at {buffer.ptr:#x}>"
    where = f"cuda:0 at {buffer.ptr + 5:#x} (view of 10,240 bytes)"
    assert repr(buffer[5:8]) == f"<gpu.Buffer 3 bytes on {where}>"


@pytest.mark.usefixtures("simulation")
def test_a_read_only_buffer_cannot_be_assigned_to_and_its_copy_can_in_simulation():
    buffer = gpu.Buffer.from_bytes(DIGITS)
    frozen = buffer.toreadonly()
    assert frozen.readonly
    assert frozen[1:].readonly
    assert frozen.toreadonly() is frozen
    assert frozen.base is buffer.base
    with pytest.raises(ValueError, match="read-only"):
        frozen[0:1] = b"x"

    mine = frozen.copy()
    mine[0:1] = cpu.Buffer(b"x")
    mine[8:] = np.frombuffer(b"yz", np.int8)
    mine[1:3] = gpu.Buffer.from_bytes(b"ab")
    assert mine.to_bytes() == b"xab34567yz"
    assert frozen.to_bytes() == DIGITS
    with pytest.raises(ValueError, match="2 bytes do not fill a slice of 3"):
        mine[0:3] = b"ab"


def test_assigning_comes_after_the_copy_that_fills_the_buffer_in_simulation(
    simulation: Simulation,
):
    simulation.driver.stream.delay = math.inf
    buffer = gpu.Buffer.from_bytes(DIGITS)
    assert buffer.pending
    buffer[0:2] = b"xy"
    assert buffer.to_bytes() == b"xy23456789"
    assert not buffer.pending


def test_the_array_of_a_buffer_is_made_once_and_filled_in_simulation(
    simulation: Simulation,
):
    simulation.driver.stream.delay = math.inf
    buffer = gpu.Buffer.from_bytes(DIGITS)
    part = buffer[2:5]
    array = part.as_array_like()
    assert (array.shape, array.dtype) == ((3,), np.uint8)
    assert array.get().tobytes() == b"234"
    assert array.data.ptr == part.ptr
    assert part.as_array_like() is array
    assert simulation.counts.led == 1


@pytest.mark.usefixtures("simulation")
def test_a_kind_of_buffer_is_wrapped_without_a_copy_in_simulation():
    class Kind(gpu.Buffer):
        __slots__ = ()

    buffer = gpu.Buffer.from_bytes(DIGITS).toreadonly()
    assert gpu.Buffer.from_buffer(buffer) is buffer
    kind = Kind.from_buffer(buffer)
    assert type(kind) is Kind
    assert kind.ptr == buffer.ptr
    assert kind.readonly
    assert gpu.Buffer.from_buffer(cpu.Buffer(DIGITS)) == buffer


def test_an_array_on_the_device_is_wrapped_without_a_copy_in_simulation(
    simulation: Simulation,
):
    array = device_array(simulation, np.arange(6, dtype=np.int8))
    buffer = gpu.Buffer(array)
    assert buffer.ptr == array.data.ptr
    assert not buffer.pending
    assert buffer.to_bytes() == bytes(range(6))
    assert gpu.Buffer.from_array_like(buffer.as_array_like()) == buffer

    matrix = device_array(simulation, np.arange(6, dtype="<f4").reshape(2, 3))
    assert gpu.Buffer.from_bytes(matrix).ptr == matrix.data.ptr
    assert gpu.Buffer.from_bytes(matrix).to_bytes() == matrix.get().tobytes()
    with pytest.raises(InvalidTypeError, match=r"contiguous memory, got strides \(4, 12\)"):
        gpu.Buffer.from_bytes(matrix.T)


def test_a_device_buffer_refuses_what_it_cannot_hold_in_simulation(simulation: Simulation):
    with pytest.raises(InvalidTypeError, match="ndarray, which is on the host"):
        gpu.Buffer(np.arange(3, dtype="u1"))
    arrays = (np.zeros((2, 2), "u1"), np.zeros(4, "f4"))
    strided = device_array(simulation, np.zeros(8, "u1"))[::2]
    for array in (*(device_array(simulation, each) for each in arrays), strided):
        with pytest.raises(InvalidTypeError, match="contiguous bytes"):
            gpu.Buffer(array)
    with pytest.raises(InvalidTypeError, match="expected slice"):
        gpu.Buffer.from_bytes(b"1")[0]  # type: ignore[index]
    with pytest.raises(ValueError, match="step 1"):
        gpu.Buffer.from_bytes(b"123")[::2]
    with pytest.raises(TypeError):
        hash(gpu.Buffer.from_bytes(b"1"))


@pytest.mark.usefixtures("simulation")
def test_foreign_host_buffers_move_to_the_device_in_simulation():
    class Foreign(cpu.Buffer):
        __slots__ = ()

    moved = gpu.Buffer.from_buffer(Foreign(DIGITS))
    assert type(moved) is gpu.Buffer
    assert moved.to_bytes() == DIGITS


def test_a_buffer_whose_array_lies_on_the_device_is_taken_from_there_in_simulation(
    simulation: Simulation,
):
    array = device_array(simulation, np.arange(4, dtype="u1"))

    class Foreign(cpu.Buffer):
        __slots__ = ()

        @override
        def as_array_like(self) -> Any:
            return array

    assert gpu.Buffer.from_buffer(Foreign(b"host")).ptr == array.data.ptr


@pytest.mark.usefixtures("simulation")
def test_other_libraries_find_the_bytes_by_either_interface_in_simulation(
    monkeypatch: pytest.MonkeyPatch,
):
    part = gpu.Buffer.from_bytes(DIGITS)[3:7]
    interface = part.__cuda_array_interface__
    assert interface["shape"] == (4,)
    assert interface["data"][0] == part.ptr
    assert part.__dlpack_device__() == (2, 0)
    asked: list[object] = []
    monkeypatch.setattr(
        DeviceArray,
        "__dlpack__",
        lambda _, **kwargs: asked.append(kwargs),
        raising=False,
    )
    part.__dlpack__(stream=7)
    assert asked == [{"stream": 7}]


def test_memory_is_used_again_only_after_a_recorded_stream_in_simulation(
    simulation: Simulation,
):
    buffer = gpu.Buffer.from_bytes(DIGITS)
    before = simulation.counts.followed
    buffer.record_stream(object())
    assert simulation.counts.followed == before + 1


def test_reading_waits_for_the_work_of_the_caller_in_simulation(simulation: Simulation):
    simulation.driver.stream.delay = math.inf
    array = device_array(simulation, np.zeros(4, "u1"))
    simulation.driver.caller_asks(lambda: array.values.fill(7))
    assert gpu.Buffer(array).to_bytes() == b"\x07" * 4


@pytest.mark.usefixtures("simulation")
def test_a_buffer_travels_through_the_host_in_simulation():
    copy = pickle.loads(pickle.dumps(gpu.Buffer.from_bytes(DIGITS)[2:4]))  # noqa: S301
    assert type(copy) is gpu.Buffer
    assert copy.to_bytes() == b"23"


@pytest.mark.usefixtures("simulation")
def test_large_values_go_there_and_back_in_simulation():
    value = np.random.default_rng(0).bytes(9 * 2**20 + 5)
    buffer = gpu.Buffer.from_bytes(value)
    assert buffer.to_bytes() == value
    assert buffer[5_000_001:].to_bytes() == value[5_000_001:]
    # Device memory is written where the caller is, whatever its length.
    assert (buffer.copy()[1:] + buffer[:1]).to_bytes() == value[1:] + value[:1]


@pytest.mark.usefixtures("simulation")
def test_arrays_of_any_shape_are_made_on_the_device_in_simulation():
    array = gpu.NDBuffer.create(shape=(2, 3), dtype="f4", fill_value=1)
    assert isinstance(array.as_ndarray_like(), DeviceArray)
    assert array.shape == (2, 3)
    assert array.as_numpy_array().sum() == 6
    assert gpu.NDBuffer.create(shape=[2], dtype="u1").as_numpy_array().tolist() == [0, 0]
    assert gpu.NDBuffer.from_numpy_array(np.arange(4)).dtype == np.arange(4).dtype


def test_without_a_device_the_reason_is_raised_where_memory_is_needed(
    monkeypatch: pytest.MonkeyPatch,
):
    found = GpuStatus("no cupy", "cupy is not installed", "install it")
    status = importlib.import_module("zstore.gpu.status")  # not the function
    monkeypatch.setattr(status, "_known", (found, None))
    for call in (
        lambda: gpu.Buffer.from_bytes(b"1"),
        lambda: gpu.Buffer(object()),
        lambda: gpu.NDBuffer.create(shape=(1,), dtype="u1"),
        open_engine_now,
    ):
        with pytest.raises(GpuUnavailable, match="cupy is not installed"):
            call()
