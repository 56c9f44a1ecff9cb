"""The interface: all abstract but what follows from the rest."""

import inspect
import threading
from typing import Any

import pytest

from tests.fakes import DictStore
from zstore import Store, Usage
from zstore.buffer import cpu
from zstore.errors import CorruptStoreError, KeyNotFoundError
from zstore.ranges import SuffixByteRequest
from zstore.store import Lifecycle, Listing, Reading, Writing

PARTS = (Lifecycle, Reading, Writing, Listing)
# What follows from the rest, or is true of every store unless it says otherwise.
MADE = {"get_bytes", "get_json", "open", "usage", "supports_consolidated_metadata"}


def public(part: type) -> set[str]:
    return {name for name in vars(part) if not name.startswith("_")}


def test_a_store_has_four_parts_that_do_not_overlap():
    assert Store.__mro__[1:5] == PARTS
    names = [name for part in PARTS for name in public(part)]
    assert len(names) == len(set(names))


def test_every_method_is_abstract_but_those_that_follow():
    assert {*Store.__abstractmethods__} | MADE == set().union(*map(public, PARTS))


def test_a_store_that_lacks_a_method_cannot_be_made():
    for name in Store.__abstractmethods__:
        methods: dict[str, Any] = dict.fromkeys(Store.__abstractmethods__ - {name})
        with pytest.raises(TypeError, match=name):
            type("Incomplete", (Store,), methods)()


@pytest.mark.parametrize("name", sorted(set().union(*map(public, PARTS))))
def test_every_method_is_documented_where_it_is_declared(name: str):
    member = inspect.getattr_static(Store, name)
    text = inspect.getdoc(
        getattr(member, "fget", None) or getattr(member, "__func__", member)
    )
    assert text
    assert text.splitlines()[0].endswith((".", "`."))


async def test_many_bytes_are_copied_in_a_thread(monkeypatch: pytest.MonkeyPatch):
    copied_in: list[threading.Thread] = []
    to_bytes = cpu.Buffer.to_bytes

    def note(buffer: cpu.Buffer) -> bytes:
        copied_in.append(threading.current_thread())
        return to_bytes(buffer)

    few, many = bytes(1000), bytes(5 * 2**20)
    store = DictStore({"few": few, "many": many})
    monkeypatch.setattr(cpu.Buffer, "to_bytes", note)
    assert [await store.get_bytes(key) for key in ("few", "many")] == [few, many]
    assert [thread is threading.main_thread() for thread in copied_in] == [True, False]


async def test_bytes_and_json_are_made_of_get():
    store = DictStore({"a": b'{"b": [1]}', "bad": b"{", "deep": b"[" * 100_000})
    assert await store.get_bytes("a", SuffixByteRequest(2)) == b"]}"
    assert await store.get_json("a") == {"b": [1]}
    with pytest.raises(KeyNotFoundError, match="'missing'"):
        await store.get_bytes("missing")
    for key, nbytes in (("bad", 1), ("deep", 100_000)):
        text = rf"the value of '{key}' \({nbytes} bytes\) is no JSON"
        with pytest.raises(CorruptStoreError, match=text) as info:
            await store.get_json(key)
        assert info.value.__cause__ is not None


async def test_usage_is_made_of_scan():
    store = DictStore({"a": b"1", "a/b": b"22", "a/b/c": b"333", "d": b""})
    assert [u async for u in store.usage("a")] == [
        Usage(1, 1, {}),
        Usage(3, 6, {"b": (2, 5)}),
        Usage(3, 6, {"b": (2, 5)}, complete=True),
    ]
    assert [u async for u in store.usage("missing/")][-1] == Usage(complete=True)


async def test_open_makes_a_store_that_is_open():
    store = await DictStore.open({"a": b"1"})
    assert store._is_open
    assert await store.get("a") == cpu.Buffer(b"1")
