"""The explorer without a page: what it is made of, and its still forms."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import LONG
from tests.widgets.front import Front
from zstore import (
    LatencyStore,
    LoggingStore,
    MemoryStore,
    PrefixStore,
    ReadOnlyStore,
    Store,
    StorePath,
)
from zstore._compat import override
from zstore.entries import EntryBatch
from zstore.errors import InvalidKeyError
from zstore.sync import SyncStore, run
from zstore.wrappers.base import WrapperStore
from zstore_widgets import StoreExplorer, explore

_VIEW = "application/vnd.jupyter.widget-view+json"


def filled(**values: bytes) -> MemoryStore:
    store = MemoryStore()
    run(store.set_many({key.replace("__", "/"): value for key, value in values.items()}))
    return store


def test_the_text_is_the_first_level_and_the_same_on_every_run():
    texts = [explore(filled(a__b=b"xyz", c=b"12345")).text() for _ in range(2)]
    assert texts[0] == texts[1]
    head, *rows = texts[0].split("\n")
    assert head == "StoreExplorer(memory://: 1 folder, 1 key in the first level)"
    assert [row.split()[1] for row in rows] == ["a/", "c"]


def test_the_html_is_the_outline_without_scripts():
    html = explore({"<script>": b"", "a/b": b""}).html()
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_the_bundle_has_a_form_for_each_place():
    data, _ = explore(filled(a=b""))._repr_mimebundle_() or ({}, {})
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= {
        *data
    }


def test_what_was_seen_stays_when_the_store_is_closed():
    store = filled(a=b"")
    explorer = explore(store)
    seen = explorer.text(), explorer.html()
    store.close()
    assert (explorer.text(), explorer.html()) == seen
    assert "⚠ memory://" in explore(store).text()
    assert "is closed" in explore(store).html()


def test_a_store_that_cannot_be_opened_is_a_sentence(tmp_path: Path):
    archive = tmp_path / "ocean.zip"
    archive.write_bytes(b"no archive")
    widget = explore(archive)
    assert "\u26a0" in widget.text()
    assert "ocean.zip" in widget.text()
    assert "\u26a0" in widget.html()


def seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Hanging(WrapperStore[Store]):
    """Never answers."""

    looks = 0

    @override
    async def get(self, key: str, *args: Any, **kwargs: Any) -> None:
        await asyncio.sleep(3600)

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        type(self).looks += 1
        await asyncio.sleep(3600)
        yield []


def test_making_a_view_asks_nothing_of_the_store():
    Hanging.looks = 0
    widget = explore(Hanging(MemoryStore()))
    assert Hanging.looks == 0
    assert widget.still == f"StoreExplorer({widget.title})"


def test_a_display_looks_once_and_not_for_long(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()  # with the time that it really has
    Hanging.looks = 0
    widget = explore(Hanging(MemoryStore()))
    assert seconds_of(widget._repr_mimebundle_) < LONG
    assert Hanging.looks == 1
    # What the opening took is not there for the listing.
    assert re.search(r"the listing did not end within (1|0\.\d) s", widget.still)


def test_a_store_that_does_not_open_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()

    class Closed(MemoryStore):
        @override
        async def ensure_open(self) -> None:
            await asyncio.sleep(3600)

    widget = explore(Closed())
    assert seconds_of(widget._repr_mimebundle_) < LONG
    assert "opening the store did not end within 1.0 s" in widget.still


def test_the_text_the_html_and_the_still_are_of_one_look():
    store = LoggingStore(MemoryStore({}))
    widget = explore(PrefixStore(ReadOnlyStore(store), "a"))
    run(store.set("a/b/c", b"x"))
    store.reset()
    data, _ = widget._repr_mimebundle_() or ({}, {})
    assert data["text/plain"] == widget.still
    assert "1 folder" in widget.still
    assert "c" in data["text/html"]


def test_a_store_at_the_end_of_a_cell_is_looked_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    store = Hanging(MemoryStore())
    # The first display imports the widgets, which is not the fault of the store.
    assert _VIEW in MemoryStore()._repr_mimebundle_()[0]
    Hanging.looks = 0
    shown: list[dict[str, Any]] = []
    assert seconds_of(lambda: shown.append(store._repr_mimebundle_()[0])) < LONG
    assert Hanging.looks == 1
    assert _VIEW in shown[0]
    assert "did not end" in shown[0]["text/plain"]


def test_only_what_is_shown_is_in_the_text():
    text = explore(filled(shown__a=b"", other__b=b""), "shown").text()
    assert "a" in text.split("\n")[1]
    assert "b" not in text.split("\n")[1]


@pytest.mark.parametrize(
    "around",
    [
        lambda store: store,
        lambda store: PrefixStore(store, "a"),
        lambda store: ReadOnlyStore(LatencyStore(store, latency=0)),
        lambda store: StorePath(store, "a"),
        SyncStore,
    ],
)
async def test_looking_leaves_no_trace_in_a_log(around: Callable[[Store], Any]):
    store = LoggingStore(await MemoryStore.open())
    await store.set("a/b", b"x")
    store.reset()
    widget = explore(around(store))
    await Front(widget).call("level", prefix="", after="", limit=10)
    assert "1 " in await asyncio.to_thread(widget.html)
    assert sum(store.counter.values()) == 0
    assert store.trace == []


def test_a_store_that_plays_being_slow_stays_slow():
    widget = explore(LatencyStore(filled(a=b""), latency=0.3))
    assert seconds_of(widget.text) >= 0.3


async def test_the_page_says_what_is_selected():
    widget = explore({})
    await Front(widget).call("select", keys=["a", "b/"])
    assert widget.selection == ["a", "b/"]


def test_what_is_revealed_is_told_even_twice():
    widget = explore({})
    told: list[str] = []
    widget.observe(lambda change: told.append(change["new"]), names="revealed")
    widget.reveal("a/b")
    widget.reveal("a/b")
    assert [place for place in told if place] == ["a/b", "a/b"]
    with pytest.raises(InvalidKeyError):
        widget.reveal("../b")


def test_the_height_is_chosen():
    assert explore({}, height=300).height == 300
    assert isinstance(explore({}), StoreExplorer)


def test_a_store_shows_itself_as_an_explorer():
    # As a cell does with its last value; the entry point belongs to the installed package.
    data, _ = filled(a=b"")._repr_mimebundle_()
    assert data["text/plain"].startswith("MemoryStore(")
