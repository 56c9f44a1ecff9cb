import numpy as np
import pytest

from zstore.buffer import cpu
from zstore.errors import InvalidByteRangeError, InvalidTypeError
from zstore.inspection import MAX_PEEK_NBYTES, peek, values

CONTENT = np.random.default_rng(0).bytes(10_000)


def test_values_end_where_the_buffer_does():
    buffer = cpu.Buffer.from_bytes(np.arange(10, dtype="i2"))
    assert values(buffer, "int16", 8, 100).tolist() == [8, 9]
    assert values(buffer, "int16", 50, 100).size == 0
    assert values(buffer[1:], "int16", 0, 1).tolist() == [256]


def test_big_endian_values_are_read_as_such():
    array = np.array([1, 2, 300], ">i4")
    assert values(cpu.Buffer.from_bytes(array.tobytes()), ">int32").tolist() == [1, 2, 300]


@pytest.mark.parametrize("dtype", ["object", "O", "S4", "float128", "", None])
def test_other_types_are_refused(dtype: str):
    with pytest.raises(InvalidTypeError, match="dtype must be one of"):
        values(cpu.Buffer.from_bytes(b"12345678"), dtype)


@pytest.mark.parametrize(
    ("offset", "n"),
    [(0, 0), (0, 256), (5, 4096), (9_999, 10), (10_000, 1), (99_999, 9), (9_990, 4096)],
)
async def test_a_peek_returns_the_bytes_that_are_there(offset: int, n: int):
    found = await peek(cpu.Buffer.from_bytes(CONTENT), offset, n)
    assert found == CONTENT[offset : offset + n]


@pytest.mark.parametrize(("offset", "n"), [(-1, 4), (0, -1), (0, MAX_PEEK_NBYTES + 1)])
async def test_a_peek_beyond_its_bounds_is_refused(offset: int, n: int):
    with pytest.raises(InvalidByteRangeError, match=f"n = {n} and offset = {offset}"):
        await peek(cpu.Buffer.from_bytes(CONTENT), offset, n)


@pytest.mark.parametrize(("offset", "n"), [("0", 4), (0, 4.0), (True, 4), (None, 1)])
async def test_a_peek_counts_in_integers(offset: int, n: int):
    with pytest.raises(InvalidTypeError, match="is a number of bytes"):
        await peek(cpu.Buffer.from_bytes(CONTENT), offset, n)
