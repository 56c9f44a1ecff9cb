"""The explorer without a page: what it is made of, and its still forms."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.widgets.front import Front
from zstore import LoggingStore, MemoryStore, Store
from zstore._compat import override
from zstore.entries import EntryBatch
from zstore.errors import InvalidKeyError
from zstore.sync import run
from zstore.wrappers.base import WrapperStore
from zstore_widgets import StoreExplorer, explore


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


def test_a_store_that_cannot_be_opened_is_a_sentence(tmp_path: Path):
    archive = tmp_path / "ocean.zip"
    archive.write_bytes(b"no archive")
    widget = explore(archive)
    assert "\u26a0" in widget.text()
    assert "ocean.zip" in widget.text()
    assert "\u26a0" in widget.html()


class Hanging(WrapperStore[Store]):
    """Never answers."""

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        await asyncio.sleep(3600)
        yield []


def test_a_store_that_hangs_holds_nobody_up_for_long():
    widget = explore(Hanging(MemoryStore()))
    assert "did not end" in widget.text()


def test_only_what_is_shown_is_in_the_text():
    text = explore(filled(shown__a=b"", other__b=b""), "shown").text()
    assert "a" in text.split("\n")[1]
    assert "b" not in text.split("\n")[1]


def test_looking_leaves_no_trace_in_a_log():
    store = LoggingStore(filled(a=b""))
    explore(store).html()
    assert sum(store.counter.values()) == 0


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
