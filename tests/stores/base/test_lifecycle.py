"""What `BaseStore` does around the hooks: checks, opening, comparing, pickling."""

import asyncio
import os
import pickle
import subprocess
import sys
from typing import Any

import pytest

from tests.fakes import DictStore, RecordingStore
from zstore import MemoryStore
from zstore._compat import override
from zstore.buffer import cpu
from zstore.errors import (
    BackendError,
    InvalidKeyError,
    ReadOnlyError,
    StoreClosedError,
    UnsupportedError,
)
from zstore.stores.base import BaseStore
from zstore.testing.calls import CHANGING, LISTING, READING


@pytest.mark.parametrize("call", {**READING, **CHANGING}.values())
@pytest.mark.parametrize("key", ["", "/", "..", "a/../b", "/etc", "a//b", "C:x", "a\0"])
async def test_no_hook_is_called_for_a_bad_key(call: Any, key: str):
    store = RecordingStore({"a": b"1"})
    if not (key == "" and call is CHANGING["delete_dir"]):
        with pytest.raises(InvalidKeyError):
            await call(store, key)
        assert store.hooks == []
        assert not store._is_open


@pytest.mark.parametrize("name", [*CHANGING, "clear"])
async def test_no_hook_is_called_on_a_read_only_store(name: str):
    store = RecordingStore({"a": b"1"}, read_only=True)
    with pytest.raises(ReadOnlyError, match=f"{name} on recordingstore://"):
        await (store.clear() if name == "clear" else CHANGING[name](store, "a"))
    assert store.hooks == []
    assert store.values == {"a": b"1"}


@pytest.mark.parametrize("call", {**READING, **LISTING}.values())
async def test_every_reading_call_works_on_a_read_only_store(call: Any):
    store = DictStore({"a": b"1"}, read_only=True)
    await call(store, "a")


class Opened(DictStore):
    """Counts how often it is opened and closed."""

    @override
    async def _open(self) -> None:
        self.opened = getattr(self, "opened", 0) + 1
        await asyncio.sleep(0)

    @override
    def _close(self) -> None:
        self.closed = getattr(self, "closed", 0) + 1


async def test_a_store_is_opened_by_its_first_use_and_closed_once():
    store = Opened()
    assert not hasattr(store, "opened")
    await store.get("a")
    await store.set("a", b"1")
    await store.ensure_open()
    assert store.opened == 1
    store.close()
    store.close()
    await store.aclose()
    assert store.closed == 1


async def test_open_makes_an_open_store():
    store = await Opened.open({"a": b"1"}, read_only=True)
    assert (store.opened, store.read_only) == (1, True)


async def test_a_store_closed_while_it_opens_stays_closed():
    store = Opened()
    task = asyncio.create_task(store.ensure_open())
    await asyncio.sleep(0)
    store.close()
    for call in (task, store.get("a")):
        with pytest.raises(StoreClosedError, match=r"opened://.* is closed; open a new"):
            await call


async def test_a_failed_opening_is_tried_again():
    class Fails(DictStore):
        fail = True

        @override
        async def _open(self) -> None:
            if self.fail:
                where = "root"
                raise BackendError(where, "500")

    store = Fails()
    with pytest.raises(BackendError):
        await store.get("a")
    store.fail = False
    assert await store.get("a") is None


def test_a_backend_needs_five_hooks():
    hooks = {"_arguments", "_read", "_write", "_remove", "_scan"}
    assert BaseStore.__abstractmethods__ == hooks
    with pytest.raises(TypeError, match="abstract"):
        BaseStore()  # type: ignore[abstract]


def test_a_backend_without_texts_of_its_own_has_some():
    store = DictStore()
    assert str(store) == f"dictstore://{id(store)}"
    assert repr(store) == f"DictStore('dictstore://{id(store)}')"


def test_the_abilities_are_those_of_the_hooks():
    class Little(DictStore):
        _can_write = _can_delete = _can_list = False

    names = ("writes", "deletes", "partial_writes", "listing", "consolidated_metadata")

    def abilities(store: BaseStore) -> list[bool]:
        return [getattr(store, f"supports_{name}") for name in names]

    assert abilities(DictStore()) == [True, True, False, True, True]
    assert abilities(MemoryStore()) == [True] * 5
    assert abilities(Little()) == [False, False, False, False, True]


@pytest.mark.parametrize("call", [*LISTING.values(), CHANGING["set_partial_values"]])
async def test_what_the_backend_cannot_do_is_refused(call: Any):
    class CannotList(DictStore):
        _can_list = False

    with pytest.raises(UnsupportedError, match=r"cannotlist://.* does not support"):
        await call(CannotList({"a": b"1"}), "a")


def test_stores_are_equal_if_they_are_made_alike():
    values = {"a": b"1"}
    store = DictStore(values)
    assert store == DictStore(values)
    assert store == DictStore({"a": b"1"})
    assert store != DictStore({"b": b"1"})
    assert store != DictStore(values, read_only=True)
    assert store != RecordingStore(values)
    assert store != values
    with pytest.raises(TypeError, match="unhashable"):
        hash(store)


def test_a_pickled_store_is_made_again():
    store = pickle.loads(pickle.dumps(DictStore({"a": b"1"}, read_only=True)))  # noqa: S301 -- made here
    assert (type(store), store.values, store.read_only) == (DictStore, {"a": b"1"}, True)


def test_a_twin_shares_the_place_and_not_the_state():
    store = DictStore({"a": b"1"})
    store.close()
    twin = store.with_read_only()
    assert twin.read_only
    assert twin.values is store.values
    assert asyncio.run(twin.get_bytes("a")) == b"1"
    assert not twin.with_read_only(False).read_only


FORK = """
import asyncio, os, sys, warnings
from zstore import MemoryStore
warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
store = MemoryStore()
asyncio.run(store.set("a", b"1"))
child = os.fork()
if child == 0:
    ok = asyncio.run(store.get_bytes("a")) == b"1"
    asyncio.run(store.set("a", b"child"))
    os._exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
assert asyncio.run(store.get_bytes("a")) == b"1"
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_store_works_after_a_fork():
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60)


async def test_a_store_closed_while_it_opens_lets_go_of_what_it_opened():
    held: list[str] = []

    class Slow(DictStore):
        @override
        async def _open(self) -> None:
            await asyncio.sleep(0.01)
            held.append("file")

        @override
        def _close(self) -> None:
            held.clear()

    store = Slow()
    opening = asyncio.create_task(store.ensure_open())
    await asyncio.sleep(0)
    store.close()
    with pytest.raises(StoreClosedError):
        await opening
    assert held == []


@pytest.mark.parametrize("name", ["get", "exists", "set", "delete"])
async def test_calls_that_never_wait_let_others_have_their_turn(name: str):
    nturns = 0

    async def other() -> None:
        nonlocal nturns
        while True:
            nturns += 1
            await asyncio.sleep(0)

    store = MemoryStore({"a": cpu.Buffer(b"1")})
    await store.ensure_open()
    task = asyncio.create_task(other())
    for _ in range(1000):
        await {**READING, **CHANGING}[name](store, "a")
    task.cancel()
    assert 2 <= nturns <= 10


async def test_a_store_closed_while_others_have_their_turn_answers_no_more():
    store = MemoryStore({"a": cpu.Buffer(b"1")})

    async def read() -> None:
        while True:
            await store.get("a")

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    store.close()
    with pytest.raises(StoreClosedError):
        await task
