"""Slices and chunk maps, as the page asks for them; arrays are written by zarr-python."""

import asyncio
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from PIL import Image
from zarr.codecs import GzipCodec, TransposeCodec

from tests.waiting import until
from tests.widgets.front import Answer, Front, KernelError
from zstore import LocalStore, MemoryStore, Store
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import AccessDeniedError
from zstore.interop.zarr import as_zarr
from zstore.wrappers.base import WrapperStore
from zstore_widgets.arrays.requests import Arrays
from zstore_widgets.root import Root
from zstore_widgets.view import View

pytestmark = pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")


class ArrayHarness(View):
    """A view with nothing but arrays."""

    def __init__(self, store: Store) -> None:
        super().__init__("arrays", [Arrays(Root(store))])


def front_of(store: Store) -> Front:
    return Front(ArrayHarness(store))


def written(values: Any, path: str = "a", **options: Any) -> Store:
    store = MemoryStore()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        zarr.create_array(as_zarr(store), name=path, data=np.asarray(values), **options)
    return store


def drawn(answer: Answer) -> np.ndarray[Any, Any]:
    content = b"".join(buffer for buffers in answer.buffers for buffer in buffers)
    column = np.dtype(answer.result["column"])
    return np.frombuffer(content, column).reshape(answer.result["drawn"])


async def test_a_picture_shows_the_last_two_axes():
    values = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    answer = await front_of(written(values)).call("slice", path="a")
    assert answer.parts[0]["shape"] == [2, 3, 4]
    assert answer.result["axes"] == [1, 2]
    assert np.array_equal(drawn(answer), values[0])
    assert answer.result["least"] == 0
    assert answer.result["largest"] == 11
    assert answer.result["mean"] == pytest.approx(5.5)


async def test_the_axes_and_the_place_can_be_chosen():
    values = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    front = front_of(written(values))
    answer = await front.call("slice", path="a", axes=[2, 0], index=[0, 1, 0])
    assert np.array_equal(drawn(answer), values[:, 1, :].T)
    line = await front.call("slice", path="a", axes=[1], index=[1, 9, 99])
    assert np.array_equal(drawn(line)[0], values[1, :, 3])
    assert line.result["index"] == [1, 2, 3]


@pytest.mark.parametrize("axes", [[0, 0], [5], [-1], [0, 1, 2]])
async def test_axes_that_are_none_are_refused(axes: list[int]):
    front = front_of(written(np.zeros((2, 3, 4))))
    with pytest.raises(KernelError, match="axes"):
        await front.call("slice", path="a", axes=axes)


async def test_a_large_picture_is_strided_to_512_samples_a_side():
    values = np.arange(1100 * 1600, dtype=np.uint32).reshape(1100, 1600)
    front = front_of(written(values, chunks=(100, 100)))
    answer = await front.call("slice", path="a")
    assert answer.result["steps"] == [3, 4]
    assert np.array_equal(drawn(answer), values[::3, ::4])
    near = await front.call("slice", path="a", axes=[0, 1], window=[50, 60, 1500, 9999])
    assert near.result["window"] == [50, 60, 1500, 1600]
    assert np.array_equal(drawn(near), values[50:60, 1500:])


async def test_no_more_than_the_budget_is_decoded_and_only_chunks_that_are_shown():
    store = MemoryStore()
    zarr.create_array(
        as_zarr(store), name="a", shape=(8192, 8192), chunks=(1024, 1024), dtype="f8"
    )
    seen = SeenKeys(store)
    answer = await front_of(seen).call("slice", path="a")
    assert answer.result["cut"]
    assert answer.result["nbytes"] == 64 * 2**20
    assert sum("/c/" in key for key in seen.keys) == answer.result["nchunks"] == 8


async def test_no_more_than_a_thousand_tiny_chunks_are_asked_for():
    store = MemoryStore()
    zarr.create_array(as_zarr(store), name="a", shape=(100_000,), chunks=(1,), dtype="u1")
    answer = await front_of(store).call("slice", path="a")
    assert answer.result["cut"]
    assert 512 < answer.result["nchunks"] <= 1024


async def test_a_long_line_is_folded_to_its_least_and_largest():
    values = np.sin(np.arange(100_000) / 500)
    values[7] = np.nan
    answer = await front_of(written(values, chunks=(10_000,))).call("slice", path="a")
    least, largest = drawn(answer)
    assert least.size <= 2000
    assert answer.result["nans"] == 1
    assert np.array_equal(least, np.fmin.reduce(values.reshape(-1, 50), axis=1))
    assert np.array_equal(largest, np.fmax.reduce(values.reshape(-1, 50), axis=1))


async def test_not_a_number_fill_and_infinity_are_told_apart_from_values():
    values = np.array([[1.0, np.nan, np.inf], [-9999.0, 3.0, -9999.0]])
    answer = await front_of(written(values, fill_value=-9999.0)).call("slice", path="a")
    facts = answer.result
    assert (facts["nans"], facts["fills"], facts["infinities"]) == (1, 2, 1)
    assert (facts["least"], facts["largest"], facts["mean"]) == (1, 3, 2)
    assert facts["fill"] == -9999


async def test_a_zero_that_arrays_are_filled_with_is_a_value():
    answer = await front_of(written(np.array([[0, 1], [2, 3]]))).call("slice", path="a")
    assert answer.result["fill"] is None
    assert answer.result["least"] == 0


async def test_the_missing_value_of_the_attributes_is_a_fill_value():
    values = np.array([[-1.0, 1.0]])
    store = written(values, attributes={"_FillValue": -1.0})
    answer = await front_of(store).call("slice", path="a")
    assert (answer.result["fill"], answer.result["least"]) == (-1, 1)


@pytest.mark.parametrize(
    "values",
    [
        np.array([2**63 - 1, 2**63 - 5, 2**63 - 3]),
        np.array([2**64 - 1, 2**64 - 2], dtype=np.uint64),
        np.array([-(2**63), -(2**63) + 7]),
        np.array([-3, 5]),
    ],
)
async def test_integers_keep_all_their_digits(values: np.ndarray[Any, Any]):
    answer = await front_of(written(values)).call("slice", path="a")
    base = int(answer.result["base"])
    assert [base + int(number) for number in drawn(answer)[0]] == values.tolist()
    assert answer.result["cells"] == [str(value) for value in values.tolist()]


async def test_times_are_counts_of_a_unit_and_texts():
    values = np.array(["2020-02-29", "NaT", "2021-01-01"], dtype="M8[D]").astype("M8[ms]")
    answer = await front_of(written(values)).call("slice", path="a")
    facts = answer.result
    assert (facts["what"], facts["unit"], facts["nans"]) == ("time", "ms", 1)
    assert facts["cells"] == ["2020-02-29", "NaT", "2021-01-01"]
    count = int(facts["base"]) + int(drawn(answer)[0][0])
    assert np.datetime64(count, "ms") == values[0]


@pytest.mark.parametrize(
    ("values", "what", "number", "cell"),
    [
        (np.array([True, False]), "bool", 1, "True"),
        (np.array([3 + 4j, 0]), "complex", 5, "(3+4j)"),
        (np.array([2.5, 0], dtype="f2"), "number", 2.5, "2.5"),
        (np.array([90, 0], dtype="m8[s]"), "duration", 90, "90 seconds"),
    ],
)
async def test_numbers_of_each_kind_are_drawn(
    values: Any, what: str, number: Any, cell: str
):
    answer = await front_of(written(values)).call("slice", path="a")
    assert answer.result["what"] == what
    assert drawn(answer)[0][0] == number
    assert answer.result["cells"][0] == cell


@pytest.mark.parametrize(
    "values",
    [
        np.array(["Oslo", "<b>", ""], dtype="T"),
        np.array(["Oslo", "<b>", ""], dtype="U9"),
    ],
)
async def test_texts_are_a_table(values: Any):
    answer = await front_of(written(values)).call("slice", path="a")
    assert answer.result["what"] == "text"
    assert answer.result["cells"] == ["Oslo", "<b>", ""]


async def test_of_many_long_texts_a_few_are_shown_and_cut():
    values = np.full((60, 60), "x" * 1000, dtype="U1000")
    store = written(values, chunks=(20, 20))
    answer = await front_of(store).call("slice", path="a")
    assert answer.result["cut"]
    assert len(answer.result["cells"]) == 200
    assert len(answer.result["cells"][0]) == 201


async def test_a_field_of_a_structure_can_be_chosen():
    values = np.array([(1, 2.5), (3, 4.5)], dtype=[("n", "i4"), ("x", "f8")])
    front = front_of(written(values))
    first = await front.call("slice", path="a")
    assert first.parts[0]["fields"] == ["n", "x"]
    assert drawn(first)[0].tolist() == [1, 3]
    other = await front.call("slice", path="a", field="x")
    assert drawn(other)[0].tolist() == [2.5, 4.5]


async def test_a_single_value_is_shown_as_it_is():
    answer = await front_of(written(np.float64(0.1))).call("slice", path="a")
    assert answer.result["axes"] == []
    assert answer.result["cells"] == ["0.1"]


async def test_an_array_without_elements_says_so():
    answer = await front_of(written(np.zeros((0, 4)))).call("slice", path="a")
    assert answer.result == {"kind": "empty"}


@pytest.mark.parametrize(
    "options",
    [
        {"shards": (6, 8), "chunks": (3, 4)},
        {"zarr_format": 2, "order": "F", "chunks": (4, 5)},
        {"filters": [TransposeCodec(order=(1, 0))], "chunks": (5, 3)},
    ],
)
async def test_every_layout_is_decoded(options: dict[str, Any]):
    values = np.random.default_rng(0).normal(size=(12, 16))
    answer = await front_of(written(values, **options)).call("slice", path="a")
    assert np.array_equal(drawn(answer), values)


async def test_an_array_at_the_root_is_shown():
    store = MemoryStore()
    zarr.create_array(as_zarr(store), data=np.arange(4.0))
    answer = await front_of(store).call("slice", path="")
    assert drawn(answer)[0].tolist() == [0, 1, 2, 3]


async def test_an_image_of_other_writers_looks_like_theirs(shared: Path):
    expected = np.asarray(Image.open(shared / "reference_image.png").convert("RGB"))
    root = shared / "zarr-v2-implementations"
    for name in ("blosc", "gzip", "raw", "zlib"):
        store = await LocalStore.open(root, read_only=True)
        answer = await front_of(store).call("slice", path=name)
        assert answer.result["what"] == "colour"
        assert np.array_equal(drawn(answer), expected)
        store.close()


async def test_what_is_no_array_is_a_sentence():
    front = front_of(written(np.zeros(3)))
    with pytest.raises(KernelError, match=r"no value is stored under 'b/zarr\.json'"):
        await front.call("slice", path="b")


async def test_a_damaged_chunk_is_a_sentence():
    store = written(np.zeros((4, 4)), compressors=GzipCodec(), chunks=(4, 4))
    await store.set("a/c/0/0", b"no gzip at all")
    with pytest.raises(KernelError) as caught:
        await front_of(store).call("slice", path="a")
    assert "gzip" in caught.value.message.lower()


async def test_metadata_that_are_refused_are_a_sentence():
    with pytest.raises(KernelError, match="denied"):
        await front_of(Refusing(MemoryStore())).call("slice", path="a")


async def test_without_zarr_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    store = written(np.zeros(3))
    for name in list(sys.modules):
        if name.split(".")[0] == "zarr" or name.startswith("zstore.interop"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(KernelError, match=r"pip install 'zstore\[zarr\]'"):
        await front_of(store).call("slice", path="a")


async def test_a_slice_that_nobody_waits_for_is_not_read_on():
    store = Stalled(written(np.zeros((4, 4)), chunks=(4, 4)))
    front = front_of(store)
    number = front.send("slice", path="a")
    await until(store.waiting.is_set)
    front.cancel(number)
    await until(store.cancelled.is_set)


async def test_a_slider_does_not_read_the_metadata_again():
    seen = SeenKeys(written(np.zeros((3, 4, 5))))
    front = front_of(seen)
    await front.call("slice", path="a")
    seen.keys.clear()
    await front.call("slice", path="a", axes=[1, 2], index=[2, 0, 0])
    assert seen.keys
    assert all("/c/" in key for key in seen.keys)


class Stalled(WrapperStore[Store]):
    """Never answers a request for a chunk."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.waiting, self.cancelled = threading.Event(), threading.Event()

    @override
    async def get(self, key: str, *args: Any) -> Buffer | None:
        if "/c/" not in key:
            return await self._store.get(key, *args)
        self.waiting.set()
        try:
            return await asyncio.Event().wait()  # type: ignore[return-value]
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


class Refusing(WrapperStore[Store]):
    """Lets nobody read."""

    @override
    async def get(self, key: str, *args: Any, **kwargs: Any) -> Buffer | None:
        raise AccessDeniedError(key, "403")

    @override
    async def get_partial_values(self, *args: Any) -> list[Buffer | None]:
        raise AccessDeniedError("a", "403")


class SeenKeys(WrapperStore[Store]):
    """Keeps the keys that were asked for."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.keys: list[str] = []

    @override
    async def get(self, key: str, *args: Any) -> Buffer | None:
        self.keys.append(key)
        return await self._store.get(key, *args)
