"""What the tree asks: levels, nodes, chunks, sizes, searches, downloads."""

import asyncio
import struct
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

import numpy as np
import pytest
import zarr

from tests.widgets.front import Answer, Front, KernelError
from zstore import MemoryStore, Store, as_zarr
from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.entries import EntryBatch, SizeBatch
from zstore.errors import AccessDeniedError, UnsupportedError
from zstore.ranges import ByteRequest
from zstore.wrappers.base import WrapperStore
from zstore_widgets.channel import MAX_MESSAGE_NBYTES
from zstore_widgets.explorer.levels import CHUNK, CHUNK_PREFIX, KEY, PREFIX
from zstore_widgets.store_explorer import StoreExplorer, explore

KINDS = {KEY: "key", PREFIX: "prefix", CHUNK: "chunk", CHUNK_PREFIX: "chunk prefix"}


def front(store: Store | dict[str, Any], path: str = "", *, edit: bool = False) -> Front:
    return Front(explore(store, path, edit=edit))


async def filled(*keys: str, nbytes: int = 3) -> MemoryStore:
    store = MemoryStore()
    await store.set_many(dict.fromkeys(keys, b"x" * nbytes))
    return store


async def level(
    page: Front, prefix: str = "", after: str = "", limit: int = 1000, **args: Any
) -> Answer:
    return await page.call("level", prefix=prefix, after=after, limit=limit, **args)


def names_of(answer: Answer) -> list[str]:
    return [name for part in answer.parts for name in part["names"]]


def kinds_of(answer: Answer) -> dict[str, str]:
    kinds = [KINDS[kind] for buffers in answer.buffers for kind in buffers[0]]
    return dict(zip(names_of(answer), kinds, strict=True))


def column(answer: Answer, place: int) -> list[float]:
    content = b"".join(buffers[place] for buffers in answer.buffers)
    return list(struct.unpack(f"<{len(content) // 8}d", content))


async def test_a_level_comes_in_columns():
    page = front(await filled("b.txt", "a/x", "a/y"))
    answer = await level(page)
    assert kinds_of(answer) == {"a": "prefix", "b.txt": "key"}
    sizes = dict(zip(names_of(answer), column(answer, 1), strict=True))
    assert sizes["b.txt"] == 3
    assert np.isnan(sizes["a"])
    assert answer.result == {"more": False, "cursor": "b.txt", "node": None}


async def test_pages_of_a_level_fit_together():
    page = front(await filled(*(f"{number:03}" for number in range(25))))
    names, after, more = [], "", True
    while more:
        answer = await level(page, after=after, limit=10)
        names += names_of(answer)
        after, more = answer.result["cursor"], answer.result["more"]
    assert names == [f"{number:03}" for number in range(25)]


async def test_a_last_page_that_is_full_is_the_last():
    answer = await level(front(await filled("a", "b", "c")), limit=3)
    assert names_of(answer) == ["a", "b", "c"]
    assert answer.result["more"] is False


@pytest.mark.parametrize("limit", [0, -1, 200_001])
async def test_a_page_has_bounds(limit: int):
    with pytest.raises(KernelError, match="a page has 1 to 200,000 entries"):
        await level(front({}), limit=limit)


async def test_no_message_of_a_level_is_too_large():
    # Names of two bytes a character, and of six as JSON writes them.
    page = front(await filled(*(f"{'ä' * 1000}{number}" for number in range(900))))
    answer = await level(page, limit=100_000)
    assert len(names_of(answer)) == 900
    sizes = [len(str(value)) + sum(map(len, b)) for value, b in page.messages]
    assert max(sizes) <= MAX_MESSAGE_NBYTES


async def test_a_level_of_a_hundred_thousand_keys_is_whole():
    store = MemoryStore({f"d/{number:06}": cpu.Buffer(b"") for number in range(100_000)})
    answer = await level(front(store), "d/", limit=200_000)
    assert len(set(names_of(answer))) == 100_000


async def test_only_what_is_shown_can_be_listed():
    page = front(await filled("shown/a", "other/b"), "shown")
    assert names_of(await level(page)) == ["a"]
    assert names_of(await level(page, "other/")) == []
    with pytest.raises(KernelError, match=r"segment '\.' or '\.\.'"):
        await level(page, "../other/")


async def zarr_store(zarr_format: int = 3, **options: Any) -> MemoryStore:
    """Return a store with an array of 3 by 4 chunks at g/a, of which 8 are stored."""
    store = MemoryStore()

    def write() -> None:
        group = zarr.open_group(as_zarr(store), path="g", mode="w", zarr_format=zarr_format)  # type: ignore[arg-type]
        array = group.create_array(
            "a", shape=(30, 40), chunks=(10, 10), dtype="i4", **options
        )
        array[:20] = np.arange(800).reshape(20, 40) + 1

    await asyncio.to_thread(write)
    return store


@pytest.mark.parametrize(
    ("zarr_format", "options", "kinds"),
    [
        (3, {}, {"c": "chunk prefix", "zarr.json": "key"}),
        (
            2,
            {"chunk_key_encoding": {"name": "v2", "separator": "/"}},
            {"0": "chunk prefix", "1": "chunk prefix", ".zarray": "key", ".zattrs": "key"},
        ),
    ],
)
async def test_folders_of_chunks_are_told_from_others(
    zarr_format: int, options: dict[str, Any], kinds: dict[str, str]
):
    page = front(await zarr_store(zarr_format, **options))
    answer = await level(page, "g/a/")
    assert kinds_of(answer) == kinds
    assert answer.result["node"] == {
        "kind": "array",
        "format": f"zarr{zarr_format}",
        "shape": "30 \u00d7 40",
        "dtype": "int32",
        "sharded": False,
        "nchunks": 12,
    }


async def test_chunks_beside_the_metadata_are_told_from_other_keys():
    store = await zarr_store(2)
    await store.set_many({"g/a/notes.txt": b"", "g/a/7.7": b"", "g/a/01.1": b""})
    kinds = kinds_of(await level(front(store), "g/a/"))
    assert [name for name, kind in kinds.items() if kind == "chunk"] == [
        f"{row}.{column}" for row in range(2) for column in range(4)
    ]
    # Out of the grid, and as no writer writes it.
    assert {kinds["7.7"], kinds["01.1"], kinds["notes.txt"]} == {"key"}


async def test_inside_a_folder_of_chunks_no_metadata_is_asked_for():
    page = front(Noting((await zarr_store()).store_dict))
    Noting.asked.clear()
    answer = await level(page, "g/a/c/", in_chunks=True)
    assert kinds_of(answer) == {"0": "prefix", "1": "prefix"}
    assert Noting.asked == []
    await level(page, "g/a/")
    assert "g/a/zarr.json" in Noting.asked


async def test_chunks_are_counted():
    page = front(await zarr_store())
    answer = await page.call("chunk_count", path="g/a")
    assert answer.result["present"] == 8
    assert answer.result["nbytes"] > 0
    with pytest.raises(KernelError, match="there is no array at 'g'"):
        await page.call("chunk_count", path="g")


class Noting(MemoryStore):
    """Notes which keys are read."""

    asked: ClassVar[list[str]] = []

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.asked.append(key)
        return await super()._read(key, request)


async def test_nodes_are_told_by_their_prefixes():
    store = await zarr_store()
    await store.set("plain/x", b"")
    found = (await front(store).call("nodes", prefixes=["g/", "g/a/", "plain/"])).result
    assert [each and each["kind"] for each in found] == ["group", "array", None]


async def test_what_is_known_is_not_asked_again_until_it_is_loaded_anew():
    store = await zarr_store()
    page = front(store)
    first = (await page.call("nodes", prefixes=["g/a/"])).result
    await store.delete("g/a/zarr.json")
    assert (await page.call("nodes", prefixes=["g/a/"])).result == first
    await level(page, "g/", fresh=True)
    assert (await page.call("nodes", prefixes=["g/a/"])).result == [None]


@pytest.mark.filterwarnings("ignore:Consolidated metadata")
async def test_consolidated_metadata_tell_all_nodes():
    store = await zarr_store()
    await asyncio.to_thread(zarr.consolidate_metadata, as_zarr(store), path="g")
    page = front(store, "g")
    assert (await level(page)).result["node"]["kind"] == "group"
    await store.delete("g/a/zarr.json")
    found = (await page.call("nodes", prefixes=["a/"])).result
    assert found[0]["shape"] == "30 \u00d7 40"


class Refusing(WrapperStore[Store]):
    """Refuses what lies below ``secret``."""

    @override
    async def get_partial_values(self, prototype: Any, key_ranges: Any) -> Any:
        pairs = list(key_ranges)
        for key, _ in pairs:
            self._check(key)
        return await super().get_partial_values(prototype, pairs)

    @override
    async def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self._check(key)
        return await super().get(key, *args, **kwargs)

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        self._check(prefix)
        async for batch in super().list_entries(prefix, limit=limit, after=after):
            yield batch

    def _check(self, key: str) -> None:
        if key.startswith("secret"):
            raise AccessDeniedError(str(self), key)


async def test_a_folder_that_is_refused_does_not_hide_the_others():
    store = await zarr_store()
    await store.set("secret/x", b"")
    page = front(Refusing(store))
    group, secret = (await page.call("nodes", prefixes=["g/", "secret/"])).result
    assert group["kind"] == "group"
    assert secret["kind"] == "unknown"
    assert "secret" in secret["problem"]
    with pytest.raises(KernelError) as caught:
        await level(page, "secret/")
    assert caught.value.kind == "AccessDeniedError"


class Unlisted(WrapperStore[Store]):
    """Cannot list."""

    supports_listing = False

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        raise UnsupportedError(str(self), "listing")
        yield []

    @override
    async def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        raise UnsupportedError(str(self), "listing")
        yield []


async def test_a_store_that_cannot_list_says_so():
    with pytest.raises(KernelError) as caught:
        await level(front(Unlisted(await filled("a"))))
    assert caught.value.kind == "UnsupportedError"


@pytest.mark.filterwarnings("ignore:Consolidated metadata")
async def test_a_store_that_cannot_list_shows_what_its_metadata_say():
    store = await zarr_store()
    await asyncio.to_thread(zarr.consolidate_metadata, as_zarr(store), path="g")
    answer = await level(front(Unlisted(store), "g"))
    assert kinds_of(answer) == {"a": "prefix", "zarr.json": "key"}


async def test_sizes_are_those_of_usage():
    page = front(await filled("a/x", "a/y", "b/z", "c"))
    answer = await page.call("sizes", prefix="")
    assert answer.result == {"nkeys": 4, "nbytes": 12}
    last, buffers = answer.parts[-1], answer.buffers[-1]
    counts = np.frombuffer(buffers[0]).tolist(), np.frombuffer(buffers[1]).tolist()
    assert dict(zip(last["names"], zip(*counts, strict=True), strict=True)) == {
        "a": (2, 6),
        "b": (1, 3),
        "c": (1, 3),
    }


async def test_a_search_finds_folders_and_keys_once_each():
    page = front(await filled("ocean/Temp/c/0", "ocean/Temp/c/1", "air/temp.txt", "x"))
    answer = await page.call("search", prefix="", text="temp")
    hits = [
        hit
        for part in answer.parts
        for hit in zip(part["keys"], part["nbytes"], strict=True)
    ]
    assert sorted(hits) == [("air/temp.txt", 3), ("ocean/Temp/", None)]
    assert answer.result == {"seen": 4, "hits": 2, "complete": True}


async def test_a_search_takes_a_text_as_it_is():
    page = front(await filled("a.b", "axb", "d*"))
    answer = await page.call("search", prefix="", text=".b")
    assert [part["keys"] for part in answer.parts if part["keys"]] == [["a.b"]]


async def test_a_search_looks_below_its_prefix_only():
    page = front(await filled("aa/aa", "b/aa"))
    answer = await page.call("search", prefix="aa/", text="aa")
    assert [part["keys"] for part in answer.parts if part["keys"]] == [["aa/aa"]]


async def test_a_search_ends_at_the_thousandth_hit():
    page = front(await filled(*(f"hit{number}" for number in range(1500))))
    answer = await page.call("search", prefix="", text="hit")
    assert sum(len(part["keys"]) for part in answer.parts) == 1000
    assert answer.result["complete"] is False


async def downloaded(page: Front, key: str) -> bytes:
    content, start, total = bytearray(), 0, 1
    while start < total:
        answer = await page.call("download", key=key, start=start)
        for part, (buffer,) in zip(answer.parts, answer.buffers, strict=True):
            assert part["at"] == len(content)
            content += buffer
        start, total = answer.result["stop"], answer.result["total"]
        if not total:
            break
    return bytes(content)


@pytest.mark.parametrize("nbytes", [0, 1, 192 * 1024, 9_000_001])
async def test_a_download_is_the_value(nbytes: int):
    value = np.random.default_rng(0).bytes(nbytes)
    store = MemoryStore()
    await store.set("big", value)
    assert await downloaded(front(store), "big") == value


async def test_a_value_that_no_page_can_hold_is_refused():
    store = Huge(await filled("big"))
    with pytest.raises(
        KernelError, match=r"'big' is 300 MiB, and a page saves at most 256 MiB"
    ):
        await front(store).call("download", key="big", start=0)


class Huge(WrapperStore[Store]):
    """Says of each value that it is huge."""

    @override
    async def getsize(self, key: str) -> int:
        return 300 * 2**20


async def test_a_missing_value_is_said_to_be_missing():
    with pytest.raises(KernelError) as caught:
        await front({}).call("download", key="none", start=0)
    assert caught.value.kind == "KeyNotFoundError"


async def test_without_edit_there_is_no_request_to_delete():
    view = explore(await filled("a"))
    assert view._channel is not None
    assert "delete" not in view._channel.requests
    with pytest.raises(KernelError, match="there is no request 'delete'"):
        await Front(view).call("delete", keys=["a"])


async def test_with_edit_the_selection_is_deleted_and_nothing_else():
    store = await filled("a/x", "a/y/z", "ab/x", "a.txt", "b")
    await front(store, edit=True).call("delete", keys=["a/", "b"])
    assert sorted([key async for key in store.list()]) == ["a.txt", "ab/x"]


@pytest.mark.parametrize("keys", [[""], ["/"], ["a", ""]])
async def test_the_root_cannot_be_deleted(keys: list[str]):
    store = await filled("a")
    with pytest.raises(KernelError):
        await front(store, edit=True).call("delete", keys=keys)
    assert await store.exists("a")


def test_a_view_for_editing_says_so():
    assert isinstance(explore({}, edit=True), StoreExplorer)
    assert explore({}, edit=True).editable
    assert not explore({}).editable
