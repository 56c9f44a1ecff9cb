import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from zstore.buffer import cpu
from zstore.errors import InvalidTypeError
from zstore.inspection import LENSES, counting, statistics, stats


async def counted(data: object, dtype: str = "uint8", bins: int = 64):
    return await stats(cpu.Buffer.from_bytes(data), dtype, bins=bins)


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
    monkeypatch.setattr(counting, "WINDOW_NBYTES", 4000)
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


async def test_truth_values_are_counted():
    found = await counted(b"\x00\x01\x01", "bool", bins=2)
    assert (found.zeros, found.histogram) == (1, [1, 2])


async def test_counting_can_be_stopped_between_windows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "WINDOW_NBYTES", 1000)
    steps = statistics(cpu.Buffer.from_bytes(bytes(10_000)))
    first = await anext(steps)
    await steps.aclose()
    assert (first.counted, first.complete) == (1000, False)


async def test_the_figures_of_the_count_are_told():
    found = await counted(bytes(1000) + b"\x01")
    assert (found.device_nbytes, found.host_nbytes) == (2 * 1001, 0)
    assert found.seconds > 0


async def test_one_value_takes_one_pass_and_one_bin():
    found = await counted(np.full(100, 7.5), "float64", bins=5)
    assert found.histogram == [0, 0, 100, 0, 0]
    assert found.device_nbytes == 800


@pytest.mark.parametrize("bins", [0, -1, 10**6, "64", None, 2.0])
async def test_other_numbers_of_bins_are_refused(bins: int):
    with pytest.raises(InvalidTypeError, match="bins must be a number from 1 to"):
        await counted(b"abc", bins=bins)


async def test_tiny_values_beside_a_nan_keep_their_mean():
    data = np.array([1e-38, 3e-38, np.nan], "f4")
    assert (await counted(data, "float32")).mean == pytest.approx(2e-38, rel=1e-6)


async def test_the_last_step_is_what_stats_returns():
    buffer = cpu.Buffer.from_bytes(np.arange(1000, dtype="i4"))
    steps = [step async for step in statistics(buffer, "int32")]
    last = await stats(buffer, "int32")
    assert steps[-1].histogram == last.histogram
    assert (last.minimum, last.maximum, last.mean) == (0, 999, 499.5)


@pytest.mark.parametrize("others", [[], [np.nan], [np.inf, np.nan]])
async def test_the_mean_of_the_largest_floats_is_no_infinity(others: list[float]):
    data = np.array([-1e300, 1.7e308, 1.7e308, 1.1e308, *others])
    assert (await counted(data, "float64")).mean == pytest.approx(1.125e308)
