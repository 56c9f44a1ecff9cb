"""What callers give becomes a buffer."""

from typing import Any

import numpy as np
import pytest

from tests.gpu.simulation import Simulation
from zstore.buffer import BufferPrototype, cpu, default_buffer_prototype, gpu
from zstore.buffer.convert import as_buffer
from zstore.errors import InvalidTypeError


class Kind(cpu.Buffer):
    __slots__ = ()


class Foreign:
    """Has what the buffers of other libraries have."""

    def __init__(self, array: Any):
        self.array = array

    def as_array_like(self) -> Any:
        return self.array


def test_the_default_is_host_memory():
    assert default_buffer_prototype() == BufferPrototype(cpu.Buffer, cpu.NDBuffer)


def test_a_buffer_stays_as_it_is():
    buffer = Kind(b"0123")
    assert as_buffer(buffer) is buffer


@pytest.mark.parametrize(
    "value",
    [
        b"abcd",
        bytearray(b"abcd"),
        memoryview(b"abcd"),
        np.frombuffer(b"abcd", ">u2"),
        np.frombuffer(b"abcd", np.int8).reshape(2, 2),
        Foreign(np.frombuffer(b"abcd", np.uint8)),
    ],
    ids=lambda v: type(v).__name__,
)
def test_memory_is_wrapped(value: Any):
    assert as_buffer(value) == cpu.Buffer(b"abcd")


def test_wrapping_copies_nothing():
    array = np.zeros(4, np.uint8)
    assert np.shares_memory(as_buffer(array).as_numpy_array(), array)
    assert np.shares_memory(as_buffer(Foreign(array)).as_numpy_array(), array)


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        5,
        None,
        [1],
        object(),
        np.zeros(8)[::2],
        Foreign(np.zeros((2, 2))),
        Foreign("x"),
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_is_no_buffer_is_refused_in_the_words_of_the_seed(wrong: Any):
    text = r"Some\.set\(\): `value` must be a Buffer instance. Got an instance of <class"
    with pytest.raises(InvalidTypeError, match=text) as info:
        as_buffer(wrong, caller="Some.set")
    assert info.value.__cause__ is not None


def test_a_device_array_becomes_a_device_buffer_in_simulation(simulation: Simulation):
    array = simulation.xp.asarray(np.frombuffer(b"abcd", np.uint8))
    for value in (array, Foreign(array), array.view(np.dtype("<u2")).reshape(2, 1)):
        buffer = as_buffer(value)
        assert type(buffer) is gpu.Buffer
        assert buffer.ptr == array.data.ptr
        assert buffer.to_bytes() == b"abcd"
    for wrong in (array[::2], Foreign(array.view(np.dtype("<u2")))):
        with pytest.raises(InvalidTypeError, match="must be a Buffer instance"):
            as_buffer(wrong)
