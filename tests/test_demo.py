"""The demo store has something of everything, and zarr reads it."""

import asyncio
import importlib
import stat
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zstore
from zstore import MemoryStore, Store, as_zarr
from zstore.demo import demo_store, write_demo
from zstore.demo.picture import png_of
from zstore.errors import BackendError, MissingDependencyError, ReadOnlyError
from zstore.hierarchy import Node, read_consolidated, read_nodes, scan_chunks

# Without its types: they are unions of all that a name may stand for.
zarr: Any = importlib.import_module("zarr")


@pytest.fixture(scope="module")
def demo() -> Store:
    return asyncio.run(write_demo(MemoryStore())).with_read_only()


async def nodes_of(store: Store) -> dict[str, Node]:
    keys = [key async for key in store.list()]
    names = ("zarr.json", ".zarray", ".zgroup")
    paths = {key.rpartition("/")[0] for key in keys if key.rpartition("/")[2] in names}
    found = await read_nodes(store, sorted(paths))
    assert None not in found.values()
    return {path: node for path, node in found.items() if node is not None}


async def contents(store: Store) -> dict[str, bytes]:
    return {key: await store.get_bytes(key) async for key in store.list()}


async def test_it_has_something_of_everything(demo: Store):
    nodes = await nodes_of(demo)
    assert [node.problem for node in nodes.values() if node.problem] == []
    arrays = [node.array for node in nodes.values() if node.array is not None]
    assert {node.format for node in nodes.values()} == {"zarr2", "zarr3"}
    assert {array.ndim for array in arrays} == {0, 1, 2, 3, 4}
    assert any(array.shard_shape for array in arrays)
    codecs = {codec.name for array in arrays for codec in array.codecs}
    assert codecs >= {"blosc", "zstd", "gzip", "zlib", "transpose", "fixedscaleoffset"}
    assert any([codec.name for codec in array.codecs] == ["bytes"] for array in arrays)
    dtypes = {array.dtype for array in arrays}
    assert dtypes >= {
        "bool", "uint8", "int16", "uint32", "float16", "float32", "float64", "complex64",
        "datetime64[D]", "string", "U10",
        "{latitude: float32, longitude: float32, height: int32}",
    }  # fmt: skip
    assert {array.order for array in arrays} == {"C", "F"}
    assert all(
        "units" in node.attributes for node in nodes.values() if node.kind == "array"
    )


async def test_one_format_at_each_place(demo: Store):
    keys = [key async for key in demo.list()]
    places = [key.rpartition("/")[0] for key in keys if key.endswith("zarr.json")]
    assert not [
        key for key in keys if key.rpartition("/")[0] in places and "/.z" in f"/{key}"
    ]


async def test_it_is_small(demo: Store):
    nkeys = 0
    async for batch in demo.scan():
        nkeys += len(batch)
    assert nkeys < 1000
    assert 1_000_000 < await demo.getsize_prefix("") < 5_000_000


async def stored(demo: Store, path: str) -> tuple[Node, set[tuple[int, ...]]]:
    node = (await read_nodes(demo, [path]))[path]
    assert node is not None
    found = [chunks async for chunks in scan_chunks(demo, node)]
    return node, {tuple(index) for chunks in found for index in chunks.indices.tolist()}


@pytest.mark.parametrize(
    "path",
    [
        "atmosphere/temperature",
        "atmosphere/pressure",
        "atmosphere/wind_eastward",
        "atmosphere/rain",
        "ocean/temperature",
        "observations/satellite",
    ],
)
async def test_chunks_are_missing_where_the_text_says_so(demo: Store, path: str):
    node, found = await stored(demo, path)
    assert node.array is not None
    counts = node.array.grid.counts
    assert 0 < len(found) < node.array.grid.nchunks
    if path.startswith("atmosphere/") and not path.endswith("rain"):
        # The last sixth of the time steps; everything before is there.
        done = counts[0] * 20 // 24
        assert {index[0] for index in found} == set(range(done))
        assert len(found) == node.array.grid.nchunks // counts[0] * done


async def test_zarr_reads_a_world_map_of_temperature(demo: Store):
    def read() -> Any:
        run = zarr.open_group(as_zarr(demo), mode="r")
        return (
            run["atmosphere/temperature"][0],
            run["ocean/land"][:],
            run["statistics/co2"][()],
        )

    january, land, co2 = await asyncio.to_thread(read)
    assert co2 == 284.3
    tropics, south, north = january[43:47].mean(), january[-3:].mean(), january[:3].mean()
    assert tropics > 20
    assert north < -15
    assert south < -15
    # The north has winter: Siberia is colder than the sea at its latitude.
    assert january[14, 150] < january[14, 80] - 10
    # Smooth: neighbours differ less than the tropics and the poles do.
    assert np.abs(np.diff(january[:, 60:80])).mean() < 2
    assert 0.2 < np.average(land, axis=0).mean() < 0.45


async def test_the_consolidated_part_is_complete(demo: Store):
    nodes = await read_consolidated(demo, "observations")
    assert nodes is not None
    below = {path for path in await nodes_of(demo) if path.startswith("observations")}
    assert set(nodes) == below
    assert await read_consolidated(demo) is None


async def test_the_bytes_are_the_same_each_time(demo: Store):
    again = await write_demo(MemoryStore())
    assert await contents(again) == await contents(demo)


async def test_the_pictures_are_pictures(demo: Store):
    for key in [key async for key in demo.list_prefix("pictures/")]:
        picture = await demo.get_bytes(key)
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(picture[16:20]) == 360
        assert int.from_bytes(picture[20:24]) == 180
        start = picture.index(b"IDAT") + 4
        nbytes = int.from_bytes(picture[start - 8 : start - 4])
        assert len(zlib.decompress(picture[start : start + nbytes])) == 180 * 361


def test_a_flat_field_is_a_picture_too():
    assert png_of(np.zeros((2, 3)), scale=1).startswith(b"\x89PNG")


async def test_a_read_only_store_is_refused():
    with pytest.raises(ReadOnlyError):
        await write_demo(MemoryStore(read_only=True))


async def test_without_zarr_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(MissingDependencyError, match=r"zstore\[zarr\]"):
        await write_demo(MemoryStore())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "zstore"


async def test_it_is_written_once_even_by_two_at_once(cache: Path, demo: Store):
    one, other = await asyncio.gather(demo_store(), demo_store())
    assert one.read_only
    assert one.root == other.root
    assert [path.name for path in cache.iterdir()] == [Path(one.root).name]
    before = Path(one.root).stat().st_ino
    third = await demo_store()
    assert Path(third.root).stat().st_ino == before
    assert await contents(third) == await contents(demo)
    for store in (one, other, third):
        store.close()


async def test_what_is_left_of_a_failure_is_removed(
    cache: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(MissingDependencyError):
        await demo_store()
    assert list(cache.iterdir()) == []


async def test_a_cache_that_cannot_be_written_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    with pytest.raises(BackendError):
        await demo_store()


def test_a_synchronous_caller_gets_it_too(cache: Path):
    with zstore.sync.run(demo_store()) as store:
        assert stat.S_ISDIR(Path(store.root).stat().st_mode)
        assert Path(store.root).parent == cache
