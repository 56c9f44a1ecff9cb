"""A store rooted at a prefix of another."""

from typing import Any

import pytest

from zstore import MemoryStore, PrefixStore, WrapperStore
from zstore.errors import InvalidKeyError, InvalidTypeError, KeyNotFoundError
from zstore.ranges import RangeByteRequest
from zstore.store import Store

OUTSIDE = {"a": b"1", "ab": b"22", "abc/x": b"333", "b/ab/x": b"4444"}
INSIDE = {"x": b"55555", "y/z": b"666666", "y/ab/q": b"7777777"}


@pytest.fixture
async def inner() -> MemoryStore:
    store = MemoryStore()
    await store.set_many(OUTSIDE | {f"ab/{key}": value for key, value in INSIDE.items()})
    return store


async def keys_of(store: Store) -> list[str]:
    return sorted([key async for key in store.list()])


def test_every_method_that_takes_a_key_or_prefix_is_translated():
    translated = set(Store.__abstractmethods__) - {
        *("ensure_open", "close", "aclose", "with_read_only", "read_only"),
        "lists_in_order",
        *(name for name in dir(Store) if name.startswith("supports_")),
    }
    assert translated <= set(vars(PrefixStore))


@pytest.mark.parametrize("prefix", ["ab", "ab/"])
async def test_only_what_is_below_the_prefix_is_seen(inner: MemoryStore, prefix: str):
    store = PrefixStore(inner, prefix)
    assert store.prefix == "ab/"
    assert await keys_of(store) == sorted(INSIDE)
    assert sorted([k async for k in store.list_prefix("")]) == sorted(INSIDE)
    assert sorted([k async for k in store.list_prefix("y")]) == ["y/ab/q", "y/z"]
    assert [k async for k in store.list_prefix("x")] == ["x"]
    assert [k async for k in store.list_prefix("x/")] == []
    assert sorted([name async for name in store.list_dir("")]) == ["x", "y"]
    assert sorted([name async for name in store.list_dir("y")]) == ["ab", "z"]
    sizes = [pair async for batch in store.scan() for pair in batch]
    assert dict(sizes) == {key: len(value) for key, value in INSIDE.items()}
    assert await store.getsize_prefix("") == 18
    assert await store.getsize_prefix("y") == 13
    assert not await store.is_empty()
    assert await store.is_empty("ab")


async def test_values_are_read_by_their_short_keys(inner: MemoryStore):
    store = PrefixStore(inner, "ab")
    assert await store.get_bytes("x") == b"55555"
    assert await store.get("a") is None
    assert await store.exists("y/z")
    assert not await store.exists("ab/x")
    assert await store.getsize("y/z") == 6
    assert [v and v.to_bytes() for v in await store.get_many(["x", "ab"])] == [
        b"55555",
        None,
    ]
    one = RangeByteRequest(0, 1)
    parts = await store.get_partial_values(None, [("x", one), ("q", None)])
    assert [p and p.to_bytes() for p in parts] == [b"5", None]
    ranges = await store.get_ranges("y/z", [one, one])
    assert ranges is not None
    assert [part.to_bytes() for part in ranges] == [b"6", b"6"]


async def test_values_are_written_below_the_prefix(inner: MemoryStore):
    store = PrefixStore(inner, "ab")
    await store.set("n", b"1")
    await store.set_many([("n1", b"1"), ("n2", b"1")])
    assert await store.set_if_not_exists("n3", b"1")
    assert not await store.set_if_not_exists("x", b"1")
    await store.set_partial_values([("n", 1, b"2")])
    assert await inner.get_bytes("ab/n") == b"12"
    assert await inner.exists("ab/n1")
    assert await inner.exists("ab/n3")
    await store.delete("n")
    assert not await inner.exists("ab/n")


@pytest.mark.parametrize("emptied", ["clear", "delete_dir"])
async def test_emptying_it_leaves_all_that_is_outside(inner: MemoryStore, emptied: str):
    store = PrefixStore(inner, "ab")
    await (store.clear() if emptied == "clear" else store.delete_dir(""))
    assert await keys_of(store) == []
    assert await keys_of(inner) == sorted(OUTSIDE)


async def test_delete_dir_deletes_one_level(inner: MemoryStore):
    store = PrefixStore(inner, "ab")
    await store.delete_dir("y")
    assert await keys_of(store) == ["x"]
    assert await keys_of(inner) == sorted([*OUTSIDE, "ab/x"])


@pytest.mark.parametrize("bad", ["../a", "/a", "..", "y/../../a", "", "a\\b", "C:x"])
async def test_nothing_outside_can_be_named(inner: MemoryStore, bad: str):
    store = PrefixStore(inner, "ab")
    before = await keys_of(inner)
    calls: list[Any] = [
        lambda: store.get(bad),
        lambda: store.get_many([bad]),
        lambda: store.get_partial_values(None, [(bad, None)]),
        lambda: store.get_ranges(bad, []),
        lambda: store.exists(bad),
        lambda: store.getsize(bad),
        lambda: store.set(bad, b"1"),
        lambda: store.set_if_not_exists(bad, b"1"),
        lambda: store.set_many({bad: b"1"}),
        lambda: store.set_partial_values([(bad, 0, b"1")]),
        lambda: store.delete(bad),
    ]
    for call in calls:
        with pytest.raises(InvalidKeyError):
            await call()
    if bad:
        for call in (store.delete_dir, store.getsize_prefix, store.is_empty):
            with pytest.raises(InvalidKeyError):
                await call(bad)
        for listing in (store.list_prefix, store.list_dir, store.list_entries, store.scan):
            with pytest.raises(InvalidKeyError):
                [item async for item in listing(bad)]
    assert await keys_of(inner) == before


async def test_pages_of_a_level_fit_together(inner: MemoryStore):
    store = PrefixStore(inner, "ab")
    await store.set_many({f"level/{i}": b"1" for i in range(5)})
    names: list[str] = []
    after = ""
    while True:
        page = [
            e async for b in store.list_entries("level", limit=2, after=after) for e in b
        ]
        if not page:
            break
        names += [entry.name for entry in page]
        after = page[-1].cursor
    assert names == [str(i) for i in range(5)]


async def test_errors_name_the_short_key(inner: MemoryStore):
    store = PrefixStore(inner, "ab")
    with pytest.raises(KeyNotFoundError, match="'missing'") as caught:
        await store.getsize("missing")
    assert caught.value.key == "missing"
    assert isinstance(caught.value.__cause__, KeyNotFoundError)
    with pytest.raises(KeyNotFoundError, match="'missing'"):
        await store.set_partial_values([("missing", 0, b"1")])


async def test_prefixes_nest(inner: MemoryStore):
    nested = PrefixStore(PrefixStore(WrapperStore(inner), "ab"), "y")
    assert await keys_of(nested) == ["ab/q", "z"]
    assert await nested.get_bytes("z") == b"666666"
    assert str(nested) == f"wrapping-{inner}/ab/y"
    await nested.clear()
    assert await keys_of(inner) == sorted([*OUTSIDE, "ab/x"])


async def test_the_empty_prefix_is_the_whole_store(inner: MemoryStore):
    store = PrefixStore(inner, "")
    assert await keys_of(store) == await keys_of(inner)
    assert store.prefix == ""
    assert str(store) == str(inner)


async def test_the_prefix_is_part_of_what_it_is(inner: MemoryStore):
    assert PrefixStore(inner, "ab") == PrefixStore(inner, "ab/")
    assert PrefixStore(inner, "ab") != PrefixStore(inner, "b")
    assert PrefixStore(inner, "ab").with_read_only().prefix == "ab/"
    assert repr(PrefixStore(inner, "ab")) == f"PrefixStore(MemoryStore, '{inner}', 'ab/')"
    opened = await PrefixStore.open(MemoryStore, inner.store_dict, prefix="ab")
    assert opened == PrefixStore(inner, "ab")


@pytest.mark.parametrize("bad", ["/", "../x", "a//b", "/a"])
def test_a_root_that_is_no_prefix_is_refused(bad: str):
    with pytest.raises(InvalidKeyError):
        PrefixStore(MemoryStore(), bad)
    with pytest.raises(InvalidTypeError):
        PrefixStore(MemoryStore(), None)  # type: ignore[arg-type]


async def test_pages_are_cut_by_short_keys(inner: MemoryStore):
    store = PrefixStore(inner, "ab")
    assert store.lists_in_order
    pages = [page async for page in store.scan_pages(after="x", until="y/ab/q")]
    assert [name for page in pages for name in page.names()] == [
        key for key in sorted(INSIDE) if "x" < key <= "y/ab/q"
    ]
