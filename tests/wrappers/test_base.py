"""The wrapper that adds nothing, and what every wrapper inherits from it."""

import asyncio
import inspect
import pickle
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar, TypeVarTuple

import pytest

from zstore import (
    LatencyStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    ReadOnlyStore,
    Store,
    WrapperStore,
)
from zstore._compat import override
from zstore.errors import (
    InvalidTypeError,
    ReadOnlyError,
    StoreClosedError,
    UnsupportedError,
)
from zstore.ranges import RangeByteRequest
from zstore.wrappers.calls import Call, as_generator

S = TypeVar("S", bound=Store)
T = TypeVar("T")
Args = TypeVarTuple("Args")

# One call of every method of a store: its arguments, and the keys or prefix it is about.
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "ensure_open": ((), {}),
    "aclose": ((), {}),
    "get": (("a",), {"keys": ("a",), "byte_ranges": ()}),
    "get_partial_values": (
        (None, [("a", None), ("b", RangeByteRequest(0, 1))]),
        {"keys": ("a", "b"), "byte_ranges": (None, RangeByteRequest(0, 1))},
    ),
    "get_many": ((["a", "b"],), {"keys": ("a", "b"), "max_concurrency": None}),
    "get_ranges": (
        ("a", [RangeByteRequest(0, 1)]),
        {
            "keys": ("a",),
            "byte_ranges": (RangeByteRequest(0, 1),),
            "max_concurrency": None,
        },
    ),
    "exists": (("a",), {"keys": ("a",)}),
    "getsize": (("a",), {"keys": ("a",)}),
    "set": (("a", b"123"), {"keys": ("a",), "nbytes_in": 3}),
    "set_if_not_exists": (("a", b"123"), {"keys": ("a",), "nbytes_in": 3}),
    "set_many": (
        ([("a", b"123"), ("b", b"4")],),
        {"keys": ("a", "b"), "nbytes_in": 4, "max_concurrency": None},
    ),
    "set_partial_values": (
        ([("a", 0, b"12"), ("a", 2, b"3")],),
        {"keys": ("a", "a"), "nbytes_in": 3},
    ),
    "delete": (("a",), {"keys": ("a",)}),
    "delete_dir": (("a",), {"prefix": "a"}),
    "clear": ((), {"prefix": ""}),
    "list": ((), {"prefix": ""}),
    "list_prefix": (("a",), {"prefix": "a"}),
    "list_dir": (("a",), {"prefix": "a"}),
    "list_entries": (("a",), {"prefix": "a"}),
    "scan": (("a",), {"prefix": "a"}),
    "scan_pages": (("a",), {"prefix": "a"}),
    "getsize_prefix": (("a",), {"prefix": "a"}),
    "is_empty": (("a",), {"prefix": "a"}),
}

# Methods that make no request themselves.
NO_REQUEST = {"open", "close", "with_read_only", "get_bytes", "get_json", "usage"}

WRAPPERS: dict[str, Callable[[Store], WrapperStore[Store]]] = {
    "wrapper": WrapperStore,
    "logging": lambda store: LoggingStore(store, "CRITICAL", max_records=7),
    "latency": lambda store: LatencyStore(store, latency=0, bandwidth=1e9, seed=3),
    "prefix": lambda store: PrefixStore(store, "p"),
    "read-only": ReadOnlyStore,
}


class HookedStore(WrapperStore[S]):
    """Remembers what its hooks are told."""

    def __init__(self, store: S) -> None:
        super().__init__(store)
        self.seen: list[Call] = []

    @override
    async def _call(
        self, call: Call, run: Callable[[*Args], Awaitable[T]], *args: *Args
    ) -> T:
        self.seen.append(call)
        return await super()._call(call, run, *args)

    @override
    def _iterate(
        self, call: Call, run: Callable[[*Args], AsyncIterator[T]], *args: *Args
    ) -> AsyncGenerator[T, None]:
        self.seen.append(call)
        return super()._iterate(call, run, *args)


def public_methods() -> set[str]:
    return {
        name
        for name, member in inspect.getmembers(Store, callable)
        if not name.startswith("_")
    }


def copied_by_pickle(store: S) -> S:
    copied: S = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made on the line itself
    return copied


async def used(store: Store, method: str, args: Iterable[Any]) -> object:
    result = getattr(store, method)(*args)
    if inspect.isawaitable(result):
        return await result
    return [item async for item in result]


def test_every_method_of_a_store_is_known_here():
    assert public_methods() == set(CALLS) | NO_REQUEST


@pytest.mark.parametrize("method", CALLS)
async def test_every_call_passes_through_a_hook_and_reaches_the_store(method: str):
    args, about = CALLS[method]
    inner = HookedStore(MemoryStore())
    await inner._store.set_many({"a": b"xyz", "b": b"z"})
    outer = HookedStore(inner)
    # An iterator is read once, on the way through both.
    await used(outer, method, [iter(a) if isinstance(a, list) else a for a in args])
    assert outer.seen == [{"method": method, **about}]
    assert inner.seen == outer.seen


@pytest.mark.parametrize("method", sorted(set(CALLS) - {"aclose"}))
async def test_a_wrapper_answers_what_the_store_answers(method: str):
    args, _ = CALLS[method]
    plain, wrapped = MemoryStore(), WrapperStore(MemoryStore())
    for store in (plain, wrapped):
        await store.set_many({"a": b"xyz", "a/b": b"1", "b": b"z"})
    assert await used(wrapped, method, args) == await used(plain, method, args)
    assert wrapped._store == plain


async def test_options_of_a_call_are_passed_on():
    store = WrapperStore(MemoryStore())
    await store.set_many({f"k{i}": b"0123456789" for i in range(4)}, max_concurrency=2)
    pages = [page async for page in store.list_entries("", limit=2, after="k0")]
    assert [entry.name for page in pages for entry in page] == ["k1", "k2"]
    part = await store.get("k1", None, RangeByteRequest(2, 4))
    assert part is not None
    assert part.to_bytes() == b"23"
    assert len(await store.get_many(["k1", "k2"], max_concurrency=1)) == 2
    ranges = [RangeByteRequest(0, 1), RangeByteRequest(8, 9)]
    parts = await store.get_ranges("k1", ranges, max_gap_nbytes=0, max_concurrency=1)
    assert parts is not None
    assert [part.to_bytes() for part in parts] == [b"0", b"8"]


class TestProperties:
    def test_properties_are_those_of_the_store(self):
        class Odd(MemoryStore):
            _can_write = False
            _can_delete = False
            _can_write_parts = False
            _can_list = False

            @property
            @override
            def supports_consolidated_metadata(self) -> bool:
                return False

        names = [
            "supports_writes",
            "supports_deletes",
            "supports_partial_writes",
            "supports_listing",
            "supports_consolidated_metadata",
        ]
        for name in names:
            assert getattr(WrapperStore(MemoryStore()), name) is True
            assert getattr(WrapperStore(Odd()), name) is False
        assert WrapperStore(MemoryStore(read_only=True)).read_only
        assert not WrapperStore(MemoryStore()).read_only

    def test_what_is_no_store_cannot_be_wrapped(self):
        with pytest.raises(InvalidTypeError, match="wraps a Store, got dict"):
            WrapperStore({})  # type: ignore[type-var]

    def test_it_prints_what_it_wraps(self):
        inner = MemoryStore()
        assert str(WrapperStore(inner)) == f"wrapping-{inner}"
        assert repr(WrapperStore(inner)) == f"WrapperStore(MemoryStore, '{inner}')"
        assert str(WrapperStore(WrapperStore(inner))) == f"wrapping-wrapping-{inner}"

    def test_the_type_of_the_store_is_a_parameter(self):
        assert WrapperStore[MemoryStore] is not None


@pytest.mark.parametrize("name", WRAPPERS)
class TestEveryWrapper:
    async def test_equal_means_the_same_type_around_equal_stores(self, name: str):
        inner = MemoryStore()
        await inner.set("a", b"1")
        make = WRAPPERS[name]
        assert make(inner) == make(inner)
        assert make(inner) != make(MemoryStore())
        assert make(inner) != inner
        assert make(inner) != WrapperStore(make(inner))
        with pytest.raises(TypeError, match="unhashable"):
            hash(make(inner))

    async def test_a_pickled_copy_works(self, name: str):
        inner = MemoryStore()
        await inner.set("p/a", b"1")
        store = WRAPPERS[name](inner)
        copied = copied_by_pickle(store)
        assert copied == store
        assert [k async for k in copied.list()] == [k async for k in store.list()]

    async def test_a_read_only_twin_is_the_same_wrapper(self, name: str):
        inner = MemoryStore()
        store = WRAPPERS[name](inner)
        twin = store.with_read_only()
        assert type(twin) is type(store)
        assert twin.read_only
        with pytest.raises(ReadOnlyError):
            await twin.set("a", b"1")
        await inner.set("p/a", b"1")
        assert not await twin.is_empty()

    async def test_closing_it_closes_the_store(self, name: str):
        for closed in ("close", "aclose"):
            inner = MemoryStore()
            store = WRAPPERS[name](inner)
            result = getattr(store, closed)()
            if inspect.isawaitable(result):
                await result
            with pytest.raises(StoreClosedError):
                await inner.get("a")
            with pytest.raises(StoreClosedError):
                await store.get("a")

    async def test_contexts_open_and_close(self, name: str):
        store = WRAPPERS[name](MemoryStore())
        async with store as entered:
            assert entered is store
            assert store._store._is_open  # type: ignore[attr-defined]
        with pytest.raises(StoreClosedError):
            await store.exists("a")

    async def test_a_listing_that_is_left_is_closed_at_once(self, name: str):
        class Left(MemoryStore):
            ended = 0

            @override
            async def _list(self, prefix: str) -> Any:
                try:
                    for i in range(10):
                        yield [f"{prefix}{i}"]
                finally:
                    type(self).ended += 1

            @override
            async def _scan(self, prefix: str) -> Any:
                async for batch in self._list(prefix):
                    yield [(key, 1) for key in batch]

        store = WRAPPERS[name](Left())
        listing = store.list_prefix("")
        assert await anext(listing) == "0"
        await listing.aclose()
        assert Left.ended == 1

    async def test_wrappers_of_wrappers_work(self, name: str):
        inner = WrapperStore(LoggingStore(MemoryStore(), "CRITICAL"))
        store = WRAPPERS[name](WRAPPERS[name](inner))
        await inner.set_many({"p/p/a": b"123", "a": b"123"})
        assert await store.get_bytes("a") == b"123"
        assert not await store.is_empty()
        assert [usage.nkeys async for usage in store.usage()][-1] >= 1


async def test_open_makes_opens_and_wraps():
    values: dict[str, Any] = {}
    store = await WrapperStore.open(MemoryStore, values, read_only=True)
    assert isinstance(store._store, MemoryStore)
    assert store._store.store_dict is values
    assert store.read_only
    assert store._store._is_open


async def test_what_the_store_cannot_do_the_wrapper_cannot():
    class Unlisted(MemoryStore):
        _can_list = False

    store = WrapperStore(Unlisted())
    with pytest.raises(UnsupportedError):
        [key async for key in store.list()]


async def test_lists_that_are_no_generators_can_be_closed():
    class Plain:
        def __init__(self) -> None:
            self.left = [1, 2]

        def __aiter__(self) -> "Plain":
            return self

        async def __anext__(self) -> int:
            await asyncio.sleep(0)
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    items = as_generator(Plain())
    assert await anext(items) == 2
    await items.aclose()
    assert [item async for item in as_generator(Plain())] == [2, 1]


def test_a_wrapper_says_which_store_it_wraps():
    inner = MemoryStore()
    assert PrefixStore(LoggingStore(inner), "a").store.store is inner
