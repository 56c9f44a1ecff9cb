"""Places in a store."""

import re
from pathlib import Path
from typing import Any

import pytest

from zstore import MemoryStore, ReadOnlyStore, StorePath, WrapperStore
from zstore._compat import override
from zstore.errors import (
    InvalidKeyError,
    InvalidModeError,
    InvalidTypeError,
    KeyNotFoundError,
    ReadOnlyError,
    StoreClosedError,
    StoreExistsError,
    UnsupportedError,
)
from zstore.path import normalize_path
from zstore.ranges import RangeByteRequest

VALUES = {"a": b"1", "a/x": b"22", "a/y/z": b"333", "ab": b"4444"}


@pytest.fixture
async def store() -> MemoryStore:
    filled = MemoryStore()
    await filled.set_many(VALUES)
    return filled


async def keys_of(store: MemoryStore) -> list[str]:
    return sorted([key async for key in store.list()])


class TestNormalizePath:
    @pytest.mark.parametrize(
        ("path", "normal"),
        [
            (None, ""),
            ("", ""),
            ("/", ""),
            ("a", "a"),
            ("/a//b///c/", "a/b/c"),
            ("\\a\\b\\\\c\\", "a/b/c"),
            (b"a/b", "a/b"),
            (Path("a/b"), "a/b"),
            (Path("/a/b"), "a/b"),
            ("a/.b/..c/d.", "a/.b/..c/d."),
            ("é", "é"),
        ],
    )
    def test_paths_are_brought_into_form(self, path: Any, normal: str):
        assert normalize_path(path) == normal
        assert normalize_path(normal) == normal

    @pytest.mark.parametrize("path", [".", "..", "a/../b", "./a", "a/.", "..\\a", b"a/.."])
    def test_no_path_leads_upwards(self, path: Any):
        with pytest.raises(InvalidKeyError) as caught:
            normalize_path(path)
        text = (
            f"The path {path!r} is invalid because its string representation contains "
            "'.' or '..' segments."
        )
        assert text in str(caught.value)
        assert isinstance(caught.value, ValueError)

    @pytest.mark.parametrize("path", [b"\xe9", "a\0b", "C:/x", "a\nb"])
    def test_what_is_no_key_is_refused(self, path: Any):
        with pytest.raises(InvalidKeyError):
            normalize_path(path)

    def test_other_types_are_refused(self):
        with pytest.raises(InvalidTypeError) as caught:
            normalize_path(7)  # type: ignore[arg-type]
        assert str(caught.value) == 'Object 7 has an invalid type for "path": int'


class TestValues:
    async def test_reading(self, store: MemoryStore):
        path = StorePath(store, "a/x")
        value = await path.get()
        assert value is not None
        assert value.to_bytes() == b"22"
        part = await path.get(byte_range=RangeByteRequest(1, 2))
        assert part is not None
        assert part.to_bytes() == b"2"
        assert await path.get_bytes() == b"22"
        assert await path.get_bytes(RangeByteRequest(0, 1)) == b"2"
        assert await path.get_json() == 22
        assert await path.getsize() == 2
        assert await path.exists()
        missing = StorePath(store, "missing")
        assert await missing.get() is None
        assert not await missing.exists()
        with pytest.raises(KeyNotFoundError):
            await missing.get_bytes()

    async def test_writing(self, store: MemoryStore):
        path = StorePath(store, "new")
        assert await path.set_if_not_exists(b"1") is True
        assert await path.set_if_not_exists(b"2") is False
        assert await path.get_bytes() == b"1"
        await path.set(b"3")
        assert await path.get_bytes() == b"3"
        await path.delete()
        assert await path.get() is None
        await path.delete()

    async def test_a_part_cannot_be_set(self, store: MemoryStore):
        path = StorePath(store, "a/x")
        with pytest.raises(
            NotImplementedError, match=r"Store\.set does not have partial writes yet"
        ) as caught:
            await path.set(b"9", byte_range=RangeByteRequest(0, 1))
        assert isinstance(caught.value, UnsupportedError)
        assert await path.get_bytes() == b"22"

    async def test_the_root_has_no_value(self, store: MemoryStore):
        root = StorePath(store)
        for call in (root.get, root.exists, root.delete, root.getsize):
            with pytest.raises(InvalidKeyError):
                await call()
        assert await keys_of(store) == sorted(VALUES)


class TestGroups:
    async def test_deleting_takes_whole_segments(self, store: MemoryStore):
        await StorePath(store, "a").delete_dir()
        assert await keys_of(store) == ["ab"]

    async def test_deleting_the_root_empties_the_store(self, store: MemoryStore):
        await StorePath(store, "").delete_dir()
        assert await keys_of(store) == []

    async def test_empty_means_no_key_selected(self, store: MemoryStore):
        assert not await StorePath(store).is_empty()
        assert not await StorePath(store, "a/y").is_empty()
        assert not await StorePath(store, "ab").is_empty()
        assert await StorePath(store, "b").is_empty()
        assert await StorePath(MemoryStore()).is_empty()


class TestOpen:
    async def test_without_a_mode_the_store_is_opened_as_it_is(self, store: MemoryStore):
        for given in (MemoryStore(read_only=True), MemoryStore(), store):
            opened = await StorePath.open(given, "/a/")
            assert opened.store is given
            assert given._is_open
            assert opened.path == "a"

    @pytest.mark.parametrize("mode", ["a", "r+"])
    async def test_a_and_r_plus_change_nothing(self, store: MemoryStore, mode: Any):
        opened = await StorePath.open(store, "a", mode)
        assert opened.store is store
        assert await keys_of(store) == sorted(VALUES)

    async def test_r_takes_a_read_only_twin(self, store: MemoryStore):
        opened = await StorePath.open(store, "a", "r")
        assert opened.read_only
        assert not store.read_only
        assert await (opened / "x").get_bytes() == b"22"
        with pytest.raises(ReadOnlyError):
            await opened.set(b"9")

    async def test_r_keeps_a_store_that_is_read_only(self):
        store = ReadOnlyStore(MemoryStore())
        assert (await StorePath.open(store, "", "r")).store is store

    async def test_r_needs_a_read_only_twin(self):
        class Only(MemoryStore):
            @override
            def with_read_only(self, read_only: bool = True) -> "Only":
                raise UnsupportedError(self, "with_read_only")

        with pytest.raises(
            ValueError,
            match=r"Store is not read-only but mode is 'r'\. Unable to create a read-only",
        ) as caught:
            await StorePath.open(Only(), "", "r")
        assert isinstance(caught.value, InvalidModeError)
        assert isinstance(caught.value.__cause__, UnsupportedError)

    async def test_w_empties_the_place(self, store: MemoryStore):
        opened = await StorePath.open(store, "a", "w")
        assert await keys_of(store) == ["ab"]
        await opened.set(b"1")
        assert await keys_of(store) == ["a", "ab"]

    async def test_w_minus_wants_an_empty_place(self, store: MemoryStore):
        for taken in ("a", "ab", "a/y", ""):
            with pytest.raises(StoreExistsError, match="already exists") as caught:
                await StorePath.open(store, taken, "w-")
            assert isinstance(caught.value, FileExistsError)
        opened = await StorePath.open(store, "b", "w-")
        await opened.set(b"1")

    @pytest.mark.parametrize("mode", ["r+", "a", "w", "w-"])
    async def test_a_read_only_store_opens_for_reading_only(self, mode: Any):
        store = MemoryStore(read_only=True)
        with pytest.raises(
            ValueError, match=re.escape(f"Store is read-only but mode is '{mode}'")
        ) as caught:
            await StorePath.open(store, "", mode)
        assert isinstance(caught.value, ReadOnlyError)

    async def test_other_modes_are_refused(self, store: MemoryStore):
        with pytest.raises(ValueError, match="Invalid mode: 'x'") as caught:
            await StorePath.open(store, "a", "x")  # type: ignore[arg-type]
        assert isinstance(caught.value, InvalidModeError)
        assert await keys_of(store) == sorted(VALUES)

    async def test_a_closed_store_stays_closed(self, store: MemoryStore):
        store.close()
        with pytest.raises(StoreClosedError):
            await StorePath.open(store, "a")

    async def test_a_bad_path_deletes_nothing(self, store: MemoryStore):
        with pytest.raises(InvalidKeyError):
            await StorePath.open(store, "a/..", "w")
        assert await keys_of(store) == sorted(VALUES)


class TestIdentity:
    def test_paths_are_joined(self):
        store = MemoryStore()
        assert (StorePath(store) / "a" / "/b//c/").path == "a/b/c"
        assert (StorePath(store, "a") / "").path == "a"
        with pytest.raises(InvalidKeyError):
            StorePath(store, "a") / "../b"

    def test_a_subclass_joins_to_its_own_kind(self):
        class Mine(StorePath):
            pass

        assert type(Mine(MemoryStore()) / "a") is Mine

    def test_it_prints_the_store_and_the_path(self):
        store = MemoryStore()
        path = StorePath(store, "a/b")
        assert str(path) == f"{store}/a/b"
        assert repr(path) == f"StorePath(MemoryStore, '{store}/a/b')"
        assert str(StorePath(store)) == str(store)

    def test_a_store_without_a_name_prints_the_path(self):
        class Unnamed(MemoryStore):
            @override
            def __str__(self) -> str:
                return ""

        assert str(StorePath(Unnamed(), "a")) == "a"

    def test_equal_means_the_same_place(self):
        store = MemoryStore()
        assert StorePath(store, "a") == StorePath(store, "/a/")
        assert StorePath(store, "a") != StorePath(store, "b")
        assert StorePath(store, "a") != StorePath(WrapperStore(store), "a")
        assert StorePath(store, "a") != "a"
        with pytest.raises(TypeError, match="unhashable"):
            hash(StorePath(store))

    def test_what_is_no_store_has_no_paths(self):
        with pytest.raises(InvalidTypeError, match="StorePath needs a Store, got dict"):
            StorePath({}, "a")  # type: ignore[arg-type]
