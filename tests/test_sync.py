"""`SyncStore`: every call of a store without `await`."""

import inspect
import pickle
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from typing import get_origin, get_type_hints

import pytest

import zstore
from zstore import MemoryStore, Store, sync
from zstore.buffer import cpu
from zstore.errors import InvalidTypeError, KeyNotFoundError, StoreClosedError
from zstore.ranges import RangeByteRequest
from zstore.sync import SyncStore

PUBLIC = sorted(name for name in dir(Store) if not name.startswith("_"))


@pytest.fixture
def store() -> SyncStore:
    return SyncStore(MemoryStore())


class TestTheTwin:
    @pytest.mark.parametrize("name", PUBLIC)
    def test_has_every_name_and_signature_of_store(self, name: str):
        original = inspect.getattr_static(Store, name)
        twin = inspect.getattr_static(SyncStore, name)
        assert type(twin) is type(original)
        if isinstance(original, property):
            assert original.fget is not None
            assert twin.fget is not None
            original, twin = original.fget, twin.fget
        original = getattr(original, "__func__", original)
        twin = getattr(twin, "__func__", twin)
        wanted, found = inspect.signature(original), inspect.signature(twin)
        assert list(found.parameters.values()) == list(wanted.parameters.values())

    @pytest.mark.parametrize("name", PUBLIC)
    def test_returns_what_the_coroutine_or_iterator_gives(self, name: str):
        original = inspect.getattr_static(Store, name)
        twin = inspect.getattr_static(SyncStore, name)
        if isinstance(original, property):
            original, twin = original.fget, twin.fget
        wanted = get_type_hints(getattr(original, "__func__", original))["return"]
        found = get_type_hints(getattr(twin, "__func__", twin))["return"]
        if get_origin(wanted) in {AsyncIterator, AsyncGenerator}:
            assert get_origin(found) is Generator
            assert found.__args__[0] == wanted.__args__[0]
        else:
            assert found == wanted

    @pytest.mark.parametrize("name", PUBLIC)
    def test_shows_the_documentation_of_store(self, name: str):
        assert inspect.getdoc(getattr(SyncStore, name)) == inspect.getdoc(
            getattr(Store, name)
        )

    def test_copy_and_open_store_have_the_signatures_of_theirs(self):
        assert _parameters(sync.copy) == _parameters(zstore.copy)
        assert _parameters(sync.open_store) == _parameters(zstore.open_store)

    def test_reads_and_writes(self, store: SyncStore):
        store.set("a/b", b"value")
        store.set_many({"a/c": b"12345", "d": b""})
        assert store.set_if_not_exists("d", b"x") is False
        store.set_partial_values([("a/c", 1, b"..")])
        value = store.get("a/b", byte_range=RangeByteRequest(1, 3))
        assert value is not None
        assert value.to_bytes() == b"al"
        assert store.get("nothing") is None
        assert store.get_bytes("a/c") == b"1..45"
        assert [bool(v) for v in store.get_many(["d", "e"])] == [False, False]
        assert len(store.get_partial_values(None, [("a/b", None), ("e", None)])) == 2
        parts = store.get_ranges("a/c", [RangeByteRequest(0, 1), RangeByteRequest(3, 5)])
        assert parts is not None
        assert [part.to_bytes() for part in parts] == [b"1", b"45"]
        assert store.exists("d")
        assert store.getsize("a/c") == 5
        store.set("json", b'{"x": 1}')
        assert store.get_json("json") == {"x": 1}
        store.delete("json")
        store.delete_dir("a")
        assert list(store.list()) == ["d"]
        store.clear()
        assert store.is_empty()

    def test_lists(self, store: SyncStore):
        store.set_many({f"a/{i}": b"xy" for i in range(3)})
        store.set("b", b"")
        assert sorted(store.list()) == ["a/0", "a/1", "a/2", "b"]
        assert sorted(store.list_prefix("a")) == ["a/0", "a/1", "a/2"]
        assert sorted(store.list_dir("")) == ["a", "b"]
        entries = [entry for batch in store.list_entries(limit=2) for entry in batch]
        assert [entry.cursor for entry in entries] == ["a/", "b"]
        assert sorted(pair for batch in store.scan("a/") for pair in batch) == [
            ("a/0", 2),
            ("a/1", 2),
            ("a/2", 2),
        ]
        assert store.getsize_prefix("a") == 6
        *_, last = store.usage()
        assert (last.nkeys, last.nbytes, last.complete) == (4, 6, True)

    def test_raises_what_the_store_raises(self, store: SyncStore):
        with pytest.raises(KeyNotFoundError) as caught:
            store.getsize("missing")
        assert caught.value.key == "missing"

    def test_passes_properties_on(self, store: SyncStore):
        inner = store.store
        for name in PUBLIC:
            if isinstance(inspect.getattr_static(Store, name), property):
                assert getattr(store, name) == getattr(inner, name)
        assert store.with_read_only().read_only is True
        assert store.with_read_only(read_only=False).read_only is False

    def test_opens_and_closes_with_the_block(self):
        with SyncStore.open(MemoryStore()) as store:
            store.set("a", b"")
        with pytest.raises(StoreClosedError):
            store.get("a")
        with pytest.raises(StoreClosedError), store:
            pass
        store.aclose()

    def test_is_equal_to_a_twin_of_an_equal_store(self, store: SyncStore):
        assert store == SyncStore(store.store)
        other = SyncStore(MemoryStore({"a": cpu.Buffer.from_bytes(b"x")}))
        assert store != other
        assert store != store.store

    def test_prints_the_store(self, store: SyncStore):
        assert str(store) == str(store.store)
        assert repr(store) == f"SyncStore({store.store!r})"

    def test_survives_pickling(self, store: SyncStore):
        store.set("a", b"value")
        copied = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
        assert type(copied) is SyncStore
        assert copied.get_bytes("a") == b"value"

    def test_takes_stores_only(self):
        with pytest.raises(InvalidTypeError, match=r"takes a Store, got dict"):
            SyncStore({})  # type: ignore[arg-type]  # the point of the test

    def test_has_what_only_some_stores_have(self):
        store = SyncStore(_OddStore())
        assert store.answer == 42
        assert store.double(4) == 8  # type: ignore[operator]  # known at run time only
        assert list(store.count(3)) == [0, 1, 2]  # type: ignore[operator]
        assert {"double", "count", "get", "store"} <= set(dir(store))
        with pytest.raises(AttributeError, match="no_such_call"):
            _ = store.no_such_call
        with pytest.raises(AttributeError, match="_contents"):
            _ = store._contents


class _OddStore(MemoryStore):
    """A store with calls of its own."""

    answer = 42

    async def double(self, number: int) -> int:
        return 2 * number

    async def count(self, number: int) -> AsyncGenerator[int, None]:
        for i in range(number):
            yield i


def _parameters(function: object) -> list[inspect.Parameter]:
    assert callable(function)
    return list(inspect.signature(function).parameters.values())
