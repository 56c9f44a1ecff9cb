"""Real zarr work through `as_zarr`: hierarchies, shards, both formats, real data."""

import asyncio
import importlib
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from zarr.abc.store import Store as ZarrStore

import zstore
from zstore import as_zarr

# Without its types: they are unions of all that a name may stand for.
zarr: Any = importlib.import_module("zarr")

SHARED = Path(__file__).parents[3] / "shared" / "data"

STORES: dict[str, Callable[[Path], zstore.Store]] = {
    "memory": lambda _: zstore.MemoryStore(),
    "local": lambda tmp: zstore.LocalStore(tmp / "store"),
    "zip": lambda tmp: zstore.ZipStore(tmp / "store.zip", mode="w"),
}

# zarr 3 has consolidated metadata, which its specification does not have yet.
ignores_consolidation = pytest.mark.filterwarnings(
    "ignore:Consolidated metadata is currently not part"
)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared test data are not here: {name}")
    return path


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def inner(request: pytest.FixtureRequest, tmp_path: Path):
    with request.param(tmp_path) as store:
        yield store


@pytest.fixture
def store(inner: zstore.Store) -> ZarrStore:
    return as_zarr(inner)


VALUES = np.arange(60 * 40, dtype="f4").reshape(60, 40)


def test_an_array_comes_back(store: ZarrStore):
    zarr.save_array(store, VALUES, path="a")
    assert np.array_equal(zarr.load(store, path="a"), VALUES)


def test_a_hierarchy_is_made_and_walked(store: ZarrStore):
    root = zarr.create_group(store, attributes={"title": "all"})
    root.create_group("deep/er", attributes={"n": 1})
    root.create_array("deep/er/still", data=VALUES, chunks=(7, 9))
    opened = zarr.open_group(store, mode="r")
    assert opened.attrs["title"] == "all"
    assert dict(opened["deep/er"].attrs) == {"n": 1}
    assert [name for name, _ in opened.members(max_depth=None)] == [
        "deep",
        "deep/er",
        "deep/er/still",
    ]
    assert np.array_equal(opened["deep/er/still"][:], VALUES)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_both_formats_take_partial_writes(store: ZarrStore, zarr_format: int):
    array = zarr.create_array(
        store, shape=VALUES.shape, chunks=(16, 16), dtype="f4", zarr_format=zarr_format
    )
    expected = np.zeros_like(VALUES)
    for where in (np.s_[3:50, 1:39], np.s_[17, :], np.s_[::7, ::3]):
        array[where] = expected[where] = VALUES[where]
    assert np.array_equal(zarr.open_array(store, mode="r")[:], expected)
    assert array.nchunks_initialized == 12


def test_shards_are_written_and_read_in_parts(store: ZarrStore):
    array = zarr.create_array(
        store, shape=VALUES.shape, shards=(20, 20), chunks=(5, 5), dtype="f4"
    )
    array[:] = VALUES
    array[7:12, 19:23] = -1.0
    expected = VALUES.copy()
    expected[7:12, 19:23] = -1.0
    opened = zarr.open_array(store, mode="r")
    assert np.array_equal(opened[:], expected)
    assert np.array_equal(opened[11:13, 18:22], expected[11:13, 18:22])


def test_chunks_of_the_fill_value_are_deleted(store: ZarrStore):
    array = zarr.create_array(store, shape=(4,), chunks=(2,), dtype="i4", fill_value=0)
    array[:] = [1, 2, 3, 4]
    array[:2] = 0
    assert array.nchunks_initialized == 1
    assert array[:].tolist() == [0, 0, 3, 4]


def test_an_array_shrinks_and_grows(store: ZarrStore):
    array = zarr.create_array(store, data=VALUES, chunks=(10, 10))
    array.resize((15, 15))
    array.append(VALUES[:5, :15])
    assert np.array_equal(array[:], np.vstack([VALUES[:15, :15], VALUES[:5, :15]]))
    assert array.nchunks_initialized == 4


def test_a_member_is_deleted_and_replaced(store: ZarrStore):
    root = zarr.create_group(store)
    root.create_array("a", data=VALUES)
    root.create_array("ab", data=VALUES)
    del root["a"]
    assert list(root) == ["ab"]
    root.create_array("ab", data=VALUES[:3], overwrite=True)
    assert root["ab"].shape == (3, 40)


@ignores_consolidation
def test_metadata_is_consolidated(store: ZarrStore):
    root = zarr.create_group(store)
    root.create_array("a", data=VALUES)
    zarr.consolidate_metadata(store)
    opened = zarr.open_consolidated(store)
    assert list(opened) == ["a"]
    assert np.array_equal(opened["a"][:], VALUES)


def test_modes_are_those_of_zarr(store: ZarrStore):
    with pytest.raises(FileNotFoundError):
        zarr.open_array(store, mode="r")
    zarr.save_array(store, VALUES)
    with pytest.raises(FileExistsError):
        zarr.open_array(store, mode="w-", shape=(2,), dtype="i4")
    read = zarr.open_array(store, mode="r")
    with pytest.raises(ValueError, match="read-only"):
        read[0, 0] = 1.0
    zarr.open_array(store, mode="r+")[0, 0] = 99.0
    # The reader sees it: it reads the same store.
    assert read[0, 0] == 99.0


def test_stored_bytes_are_counted(store: ZarrStore, inner: zstore.Store):
    array = zarr.create_array(store, name="a", data=VALUES)
    assert array.nbytes_stored() == asyncio.run(inner.getsize_prefix("a/")) > 0


def test_a_zip_archive_is_complete_once_its_store_is_closed(tmp_path: Path):
    with zstore.ZipStore(tmp_path / "a.zip", mode="w") as inner:
        zarr.save_array(as_zarr(inner), VALUES)
    with zarr.storage.ZipStore(tmp_path / "a.zip") as theirs:
        assert np.array_equal(zarr.open_array(theirs, mode="r")[:], VALUES)


def test_zarr_reads_what_we_wrote_and_we_what_zarr_wrote(tmp_path: Path):
    zarr.save_array(as_zarr(zstore.LocalStore(tmp_path / "ours")), VALUES)
    assert np.array_equal(zarr.load(zarr.storage.LocalStore(tmp_path / "ours")), VALUES)
    zarr.save_array(zarr.storage.LocalStore(tmp_path / "theirs"), VALUES)
    assert np.array_equal(
        zarr.load(as_zarr(zstore.LocalStore(tmp_path / "theirs"))), VALUES
    )


# The file declares NaN as the fill value of its integers; xarray says so and goes on.
@pytest.mark.filterwarnings("ignore:variable .* has non-conforming '_FillValue'")
@ignores_consolidation
def test_a_real_reanalysis_survives_the_round_trip(tmp_path: Path):
    # Unpacked: as integers without a fill value, as in the file, xarray warns again.
    source = xr.load_dataset(shared("eraint_uvz.nc"), engine="scipy").drop_encoding()
    with zstore.LocalStore(tmp_path / "era") as inner:
        store = as_zarr(inner)
        source.to_zarr(store)
        # xarray closed the adapter; that did not close our store.
        asyncio.run(inner.get("zarr.json"))
        with xr.open_zarr(store) as opened:
            xr.testing.assert_identical(opened.load(), source)


def decode_png(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Decode an image of 8-bit RGB, not interlaced (PNG specification, section 9)."""
    rest, compressed = path.read_bytes()[8:], b""
    width = height = 0
    while rest:
        nbytes, kind = struct.unpack(">I4s", rest[:8])
        if kind == b"IHDR":
            width, height = struct.unpack(">II", rest[8:16])
        if kind == b"IDAT":
            compressed += rest[8 : 8 + nbytes]
        rest = rest[12 + nbytes :]
    lines = np.frombuffer(zlib.decompress(compressed), "u1").reshape(height, -1)
    above = np.zeros(3 * width + 3, "i4")
    picture = []
    for line in lines:
        # Three bytes of nothing to the left of the first pixel.
        row = np.concatenate([np.zeros(3, "i4"), line[1:].astype("i4")])
        for x in range(3, len(row)):
            row[x] = (row[x] + predict(line[0], row[x - 3], above[x], above[x - 3])) % 256
        picture.append(row[3:])
        above = row
    return np.array(picture, "u1").reshape(height, width, 3)


def predict(filter_: int, left: int, up: int, corner: int) -> int:
    if filter_ == 4:
        estimate = left + up - corner
        return min((left, up, corner), key=lambda value: abs(estimate - value))
    return (0, left, up, (left + up) // 2)[filter_]


def test_arrays_of_another_implementation_are_the_picture_they_were_made_of():
    root = shared("zarr-v2-implementations")
    expected = decode_png(shared("reference_image.png"))
    store = as_zarr(zstore.LocalStore(root, read_only=True))
    for codec in ("blosc", "gzip", "raw", "zlib"):
        array = zarr.open_array(store, path=codec, mode="r")
        assert np.array_equal(array[:], expected), codec
