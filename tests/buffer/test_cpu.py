"""Host buffers: views of bytes, read-only where the store hands them out."""

import array
import mmap
import os
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zstore.buffer import Buffer as AnyBuffer
from zstore.buffer import cpu
from zstore.errors import InvalidTypeError

SOURCES: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "numpy": lambda data: np.frombuffer(data, dtype=np.uint8).copy(),
    "int8": lambda data: np.frombuffer(data, dtype=np.int8),
    "array": lambda data: array.array("b", data),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("data", [b"", b"0123456789"])
def test_any_run_of_bytes_can_be_wrapped(source: str, data: bytes):
    buffer = cpu.Buffer.from_bytes(SOURCES[source](data))
    assert len(buffer) == buffer.nbytes == len(data)
    assert buffer.to_bytes() == data
    assert bytes(buffer.as_buffer_like()) == data
    assert buffer.as_numpy_array().tobytes() == data
    assert buffer.as_array_like().dtype == np.uint8
    assert buffer.as_array_like().shape == (len(data),)
    assert buffer == cpu.Buffer(data)


@pytest.mark.parametrize(
    "items",
    [
        np.arange(6, dtype=">i4"),
        np.arange(6.0).reshape(2, 3),
        np.array(2.5),
        np.empty((0, 3)),
    ],
    ids=str,
)
def test_from_bytes_takes_the_memory_of_any_contiguous_array(items: Any):
    assert cpu.Buffer.from_bytes(items).to_bytes() == items.tobytes()


@pytest.mark.parametrize(
    "items",
    [
        np.arange(6, dtype=">i4"),
        np.zeros((2, 3), np.uint8),
        np.zeros(9, np.uint8)[::2],
        "text",
    ],
    ids=str,
)
def test_from_array_like_takes_bytes_of_one_dimension_only(items: Any):
    with pytest.raises(InvalidTypeError):
        cpu.Buffer.from_array_like(items)


def test_the_error_says_what_is_wrong_with_an_array():
    with pytest.raises(TypeError, match=r"shape \(2, 3\), item size 1, contiguous True"):
        cpu.Buffer(np.zeros((2, 3), np.uint8))
    with pytest.raises(InvalidTypeError, match="contiguous False"):
        cpu.Buffer(np.zeros(9, np.uint8)[::2])


def test_nothing_is_copied_by_wrapping_or_slicing():
    memory = bytearray(b"0123456789")
    buffer = cpu.Buffer(memory)
    part = buffer[2:8][1:-1]
    memory[3:5] = b"XY"
    assert part.to_bytes() == b"XY56"
    assert np.shares_memory(part.as_numpy_array(), buffer.as_numpy_array())
    assert np.shares_memory(buffer.toreadonly().as_array_like(), buffer.as_array_like())
    assert cpu.Buffer.from_buffer(buffer) is buffer
    assert cpu.Buffer.from_array_like(np.frombuffer(memory, np.uint8)).to_bytes() == memory


def test_a_copy_is_private_and_can_be_changed():
    buffer = cpu.Buffer(b"0123")
    mine = buffer.copy()
    assert (buffer.readonly, mine.readonly) == (True, False)
    mine[1:3] = b"XY"
    assert (buffer.to_bytes(), mine.to_bytes()) == (b"0123", b"0XY3")


def test_owned_copies_unless_the_memory_is_bytes():
    data = b"0123456789"
    buffer = cpu.Buffer(data)
    assert buffer.owned() is buffer
    assert buffer[2:4].owned().to_bytes() == b"23"
    memory = bytearray(data)
    for changeable in (cpu.Buffer(memory), cpu.Buffer(memory).toreadonly()):
        owned = changeable.owned()
        memory[0:1] = b"X"
        assert owned.readonly
        assert owned.to_bytes() == data
        memory[0:1] = b"0"


def test_to_bytes_of_a_whole_bytes_object_is_that_object():
    data = b"0123456789"
    assert cpu.Buffer(data).to_bytes() is data
    assert cpu.Buffer(data)[1:].to_bytes() == data[1:]


def test_many_bytes_are_copied_in_pieces_without_a_gap():
    memory = bytearray(os.urandom(3 * 2**20 + 5))
    assert cpu.Buffer(memory).to_bytes() == memory
    assert cpu.Buffer(bytes(memory))[3:].to_bytes() == memory[3:]


def test_a_read_only_buffer_refuses_to_be_changed():
    buffer = cpu.Buffer(bytearray(b"0123")).toreadonly()
    assert buffer.readonly
    assert buffer.toreadonly() is buffer
    with pytest.raises(ValueError, match=r"read-only; copy\(\) gives"):
        buffer[0:1] = b"X"
    with pytest.raises(ValueError, match="read-only"):
        buffer.as_numpy_array()[0] = 1
    with pytest.raises(TypeError):
        buffer.as_buffer_like()[0] = 1
    assert buffer[1:3].readonly


@pytest.mark.parametrize(
    "value", [b"XY", bytearray(b"XY"), cpu.Buffer(b"XY"), np.frombuffer(b"XY", np.int16)]
)
def test_a_slice_can_be_assigned_to(value: Any):
    buffer = cpu.Buffer(bytearray(b"0123"))
    buffer[1:3] = value
    assert buffer.to_bytes() == b"0XY3"


def test_a_slice_keeps_its_length():
    buffer = cpu.Buffer(bytearray(b"0123"))
    with pytest.raises(ValueError, match="different"):
        buffer[1:3] = b"XYZ"


def test_only_contiguous_slices_are_taken():
    buffer = cpu.Buffer(bytearray(b"0123"))
    wrong: Any
    for wrong in (0, (0, 1), "a", None):
        with pytest.raises(InvalidTypeError, match="expected slice"):
            buffer[wrong]
        with pytest.raises(TypeError, match="expected slice"):
            buffer[wrong] = b"X"
    with pytest.raises(ValueError, match="must be contiguous"):
        buffer[::2]
    assert buffer[0:2:1].to_bytes() == b"01"


@given(st.binary(max_size=20), st.slices(20))
def test_a_slice_is_that_of_the_bytes(data: bytes, part: slice):
    if part.step in (None, 1):
        assert cpu.Buffer(data)[part].to_bytes() == data[part]


def test_buffers_are_joined_in_order():
    one, two = cpu.Buffer(b"01"), cpu.Buffer(b"23")
    assert (one + two).to_bytes() == b"0123"
    assert one.combine([two, one]).to_bytes() == b"012301"
    assert one.combine([]).to_bytes() == b"01"
    assert cpu.Buffer.create_zero_length().to_bytes() == b""


class Elsewhere(cpu.Buffer):
    """Stands for a buffer of another kind of memory."""

    __slots__ = ()


def test_buffers_are_equal_by_content():
    buffer = cpu.Buffer(b"0123")
    assert buffer == cpu.Buffer(bytearray(b"0123"))
    assert buffer == Elsewhere(b"0123")
    assert buffer != cpu.Buffer(b"012")
    assert buffer != cpu.Buffer(b"0124")
    assert buffer != b"0123"
    assert AnyBuffer.__eq__(buffer, Elsewhere(b"0123")) is True
    assert AnyBuffer.__eq__(buffer, Elsewhere(b"01")) is False
    assert AnyBuffer.__eq__(buffer, "text") is NotImplemented
    with pytest.raises(TypeError, match="unhashable"):
        hash(buffer)


def test_another_kind_of_buffer_is_converted():
    converted = cpu.Buffer.from_buffer(Elsewhere(b"0123"))
    assert type(converted) is cpu.Buffer
    assert type(Elsewhere.from_buffer(converted)) is Elsewhere


def test_a_buffer_can_be_pickled():
    part = cpu.Buffer(bytearray(b"0123456789"))[2:5]
    copy = pickle.loads(pickle.dumps(part))  # noqa: S301 -- made here
    assert type(copy) is cpu.Buffer
    assert copy == part


def test_a_buffer_says_how_long_it_is():
    assert repr(cpu.Buffer(b"01")) == "<cpu.Buffer 2 bytes (read-only)>"
    assert repr(cpu.Buffer(bytearray(b"01"))) == "<cpu.Buffer 2 bytes>"


def test_memory_of_the_system_can_be_wrapped():
    with mmap.mmap(-1, 16) as memory:
        buffer = cpu.Buffer(memory)
        buffer[0:2] = b"ab"
        assert bytes(memory[:2]) == b"ab"
        del buffer


def test_an_array_of_any_shape():
    zeros = cpu.NDBuffer.create(shape=[2, 3], dtype="f4")
    ones = cpu.NDBuffer.create(shape=(2, 3), dtype="f4", fill_value=1)
    assert (zeros.shape, zeros.dtype, len(zeros)) == ((2, 3), np.dtype("f4"), 2)
    zeros[0] = ones[0]
    zeros[1, 0] = 5
    assert zeros.as_numpy_array().tolist() == [[1, 1, 1], [5, 0, 0]]
    assert cpu.NDBuffer.from_numpy_array([[1]]).as_ndarray_like().shape == (1, 1)
    assert cpu.NDBuffer.from_ndarray_like(ones.as_ndarray_like()).shape == (2, 3)
    assert repr(zeros) == "<NDBuffer (2, 3) float32>"
