import asyncio
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import zstore.inspection
from zstore.buffer import cpu
from zstore.errors import InvalidTypeError
from zstore.inspection import LENSES, buffer_facts, statistics, values


async def counted(data: object, dtype: str = "uint8", bins: int = 64):
    steps = [
        step async for step in statistics(cpu.Buffer.from_bytes(data), dtype, bins=bins)
    ]
    return steps[-1]


def test_facts_of_bytes_and_of_a_part_of_them():
    content = bytes(range(100))
    whole = buffer_facts(cpu.Buffer.from_bytes(content))
    part = buffer_facts(cpu.Buffer.from_bytes(content)[40:60])
    assert (whole.device, whole.nbytes, whole.owner, whole.readonly) == (
        "cpu", 100, "bytes", True,
    )  # fmt: skip
    assert not whole.is_view
    assert part.is_view
    assert (part.offset, part.nbytes, part.owner_nbytes) == (40, 20, 100)
    assert part.pointer == whole.pointer + 40


def test_facts_of_an_array_are_those_of_numpy():
    array = np.arange(1000, dtype="f8")
    facts = buffer_facts(cpu.Buffer.from_bytes(array[100:200]))
    assert facts.pointer == array[100:].__array_interface__["data"][0]
    assert facts.nbytes == 800
    assert facts.pointer % facts.alignment == 0
    assert facts.alignment >= 8


def test_facts_of_an_empty_buffer():
    facts = buffer_facts(cpu.Buffer.create_zero_length())
    assert (facts.nbytes, facts.pointer, facts.is_view) == (0, 0, False)


async def test_bytes_that_fill_no_value_are_counted_as_rest():
    found = await counted(b"abc", "float64")
    assert (found.count, found.rest, found.minimum, found.histogram) == (0, 3, None, [])
    assert found.complete


@given(
    data=st.sampled_from([name for name in LENSES if name != "bool"]).flatmap(
        lambda name: arrays.arrays(name, st.integers(1, 200))
    )
)
def test_statistics_agree_with_numpy(data: np.ndarray):
    with np.errstate(all="ignore"):
        found = asyncio.run(counted(data, data.dtype.name))
        seen = np.abs(data) if data.dtype.kind == "c" else data
        finite = seen[np.isfinite(seen)]
    assert found.complete
    assert found.count == found.counted == data.size
    assert found.nan == np.isnan(seen).sum()
    assert found.infinite == np.isinf(seen).sum()
    assert found.zeros == (seen == 0).sum()
    assert sum(found.histogram) == finite.size
    if finite.size:
        assert (found.minimum, found.maximum) == (finite.min().item(), finite.max().item())
        # In parts that no float is too small for.
        mean = float((finite.astype("f8") / finite.size).sum())
        assert found.mean == pytest.approx(mean, rel=1e-6, abs=1e-300)


async def test_several_windows_give_what_one_gives(monkeypatch: pytest.MonkeyPatch):
    data = np.random.default_rng(1).normal(size=10_001).astype("f4")
    data[[5, 77]] = np.nan, np.inf
    once = await counted(data, "float32")
    monkeypatch.setattr(zstore.inspection, "_WINDOW_NBYTES", 4000)
    often = await counted(data, "float32")
    assert once.histogram == often.histogram
    assert sum(once.histogram) == 9_999
    assert (once.minimum, once.maximum, once.nan) == (often.minimum, often.maximum, 1)
    assert once.mean == pytest.approx(often.mean)


async def test_a_histogram_agrees_with_numpy():
    data = np.random.default_rng(2).integers(-1000, 1000, 5000).astype("i4")
    counts, _ = np.histogram(data, bins=64)
    assert (await counted(data, "int32")).histogram == counts.tolist()


@pytest.mark.parametrize(
    "data", [[1e300], [1.0, np.nextafter(1.0, 2)], [-1.7e308, 1.7e308], [0.0, 5e-324]]
)
async def test_ranges_that_no_histogram_likes_are_counted(data: list[float]):
    found = await counted(np.array(data), "float64")
    assert sum(found.histogram) == len(data)
    assert found.complete


async def test_large_integers_stay_exact():
    big = np.array([2**63 + 3, 2**64 - 1], "u8")
    found = await counted(big, "uint64")
    assert (found.minimum, found.maximum) == (2**63 + 3, 2**64 - 1)


async def test_big_endian_bytes_are_read_as_such():
    array = np.array([1, 2, 300], ">i4")
    found = await counted(array.tobytes(), ">int32")
    assert (found.minimum, found.maximum) == (1, 300)
    assert values(cpu.Buffer.from_bytes(array.tobytes()), ">int32").tolist() == [1, 2, 300]


async def test_truth_values_are_counted():
    found = await counted(b"\x00\x01\x01", "bool", bins=2)
    assert (found.zeros, found.histogram) == (1, [1, 2])


def test_values_end_where_the_buffer_does():
    buffer = cpu.Buffer.from_bytes(np.arange(10, dtype="i2"))
    assert values(buffer, "int16", 8, 100).tolist() == [8, 9]
    assert values(buffer, "int16", 50, 100).size == 0
    assert values(buffer[1:], "int16", 0, 1).tolist() == [256]


@pytest.mark.parametrize("dtype", ["object", "O", "S4", "float128", "", None])
def test_other_types_are_refused(dtype: str):
    with pytest.raises(InvalidTypeError, match="dtype must be one of"):
        values(cpu.Buffer.from_bytes(b"12345678"), dtype)


async def test_counting_can_be_stopped_between_windows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zstore.inspection, "_WINDOW_NBYTES", 1000)
    steps = statistics(cpu.Buffer.from_bytes(bytes(10_000)))
    first = await anext(steps)
    await steps.aclose()
    assert (first.counted, first.complete) == (1000, False)


def test_nothing_of_a_device_is_imported():
    assert "cupy" not in sys.modules
