"""Forged requests, leaks, stalls, writes: rows 12, 13 and 15 to 19 of the threat model."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.embed import embed_minimal_html
from playwright.sync_api import Browser, expect

from tests.browser.attacked import VIEWS, ask, settle
from tests.browser.conftest import Show
from tests.browser.evil import SECRET, evil_store, probe
from tests.fakes import DictStore
from tests.widgets.front import Front
from zstore import LocalStore, MemoryStore
from zstore._compat import override
from zstore.sync import run
from zstore_widgets import SizeMap, explore
from zstore_widgets.view import View


def test_row_12_a_forged_message_names_no_key_outside(show: Show):
    store = DictStore({"shown/a": b"1", "shown2/b": SECRET.encode(), "c": SECRET.encode()})
    view = explore(store, "shown")
    page = show(view)
    replies = page.evaluate(
        """async (keys) => {
          const replies = [];
          model.on("msg:custom", (reply) => replies.push(reply));
          let id = 0;
          for (const name of ["value_head", "download", "level", "describe", "delete"]) {
            for (const key of keys) {
              for (const args of [{ key }, { key, start: 0 }, { path: key },
                  { prefix: key, after: "", limit: 9 }, { keys: [key] }]) {
                model.send({ rpc: "call", id: (id += 1), name, args });
              }
            }
            // No more at a time than a view may ask.
            for (let turn = 0; replies.length < id && turn < 6000; turn += 1) {
              await new Promise((resolve) => setTimeout(resolve, 10));
            }
          }
          return replies.map((each) => JSON.stringify(each));
        }""",
        ["../c", "../shown2/b", "/c", "a/../../c", "..", "", "\\c", "shown/../c"],
    )
    assert len(replies) > 50
    assert [reply for reply in replies if SECRET in reply or "/work" in reply] == []
    assert len(store.values) == 3


def test_row_13_a_page_changes_no_state(show: Show):
    view = explore(evil_store())
    before = view.get_state()
    page = show(view)
    page.evaluate(
        """() => {
          for (const name of ["_esm", "_css", "title", "still", "view", "_view_module"]) {
            model.set(name, "<img src=x onerror='window.ran = 1'>");
            model.send({ method: "update", state: { [name]: "evil" } });
            model.emit(`change:${name}`);
          }
        }"""
    )
    settle(page)
    assert view.get_state() == before
    assert probe(page) == []


def secretive() -> dict[str, View]:
    """Return views of a store that is opened with secrets, and does not answer."""
    url = f"http://user:{SECRET}@127.0.0.1:9/data.zarr?token={SECRET}#{SECRET}"
    options = {"headers": {"Authorization": f"Bearer {SECRET}"}}
    return {
        "explorer": explore(url, storage_options=options),
        "sizes": SizeMap(url, storage_options=options),
    }


def test_row_15_no_secret_is_shown(show: Show):
    for view in secretive().values():
        shown = [repr(view), str(view), view.text(), view.html(), view.title, view.still]
        page = show(view)
        scan = page.get_by_role("button", name="Scan")
        retry = page.get_by_role("button", name="Retry")
        expect(scan.or_(retry).first).to_be_visible()
        if scan.is_visible():
            scan.click()
        expect(retry.first).to_be_visible()
        shown += [page.content(), json.dumps(page.evaluate("model.state"))]
        shown += [str(view.last_error)]
        assert [text for text in shown if SECRET in text] == []
        page.context.close()


def test_row_16_no_secret_and_no_home_is_saved(tmp_path: Path):
    for view in secretive().values():
        path = tmp_path / "page.html"
        embed_minimal_html(path, views=[view], drop_defaults=False)
        saved = path.read_text() + json.dumps(view.get_state()) + view.html()
        assert SECRET not in saved
        view.close()
    home = explore(LocalStore(Path.home() / "no-such-folder.zarr", read_only=True))
    kept = {**home.get_state(), "_esm": "", "_css": ""}
    assert str(Path.home()) not in json.dumps(kept) + home.html() + repr(home)
    home.close()


@pytest.mark.parametrize("name", VIEWS)
def test_row_17_no_state_breaks_out_of_an_export(
    chromium: Browser, tmp_path: Path, name: str
):
    view = VIEWS[name]()
    view.title = "</script><script>window.ran = 1</script>\u2028<!--<script>"
    path = tmp_path / "export.html"
    embed_minimal_html(path, views=[view], drop_defaults=False)
    view.close()
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    settle(page)
    assert page.evaluate("() => window.ran") is None
    states = page.locator("script[type='application/vnd.jupyter.widget-state+json']")
    assert json.loads(states.text_content() or "")["state"]
    context.close()


class Stalled(DictStore):
    """Answers nothing, ever."""

    @override
    async def _read(self, key: str, request: Any) -> Any:
        await asyncio.sleep(3600)

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        await asyncio.sleep(3600)
        yield []


def test_row_18_a_stalled_store_is_said_to_be_so(show: Show):
    page = show(explore(Stalled()), patient=False)
    expect(page.get_by_text("gave no answer within 5 seconds").first).to_be_visible()
    expect(page.get_by_role("button", name="Retry").first).to_be_visible()


def test_row_18_each_request_to_a_stalled_store_ends(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_bytes(b"x")
    fifo = Front(explore(LocalStore(tmp_path, read_only=True)), patient=False)
    stalled = Front(explore(Stalled()), patient=False)
    asked: list[tuple[Front, str, dict[str, Any]]] = [
        (fifo, "value_head", {"key": "fifo"}),
        (fifo, "describe", {"path": ""}),
        (stalled, "value_head", {"key": "a"}),
        (stalled, "level", {"prefix": "", "after": "", "limit": 10}),
        (stalled, "nodes", {"prefixes": ["a/"]}),
        (stalled, "sizes", {"prefix": ""}),
        (stalled, "describe", {"path": ""}),
    ]

    async def all_at_once() -> list[object]:
        return await asyncio.gather(*(ask(*each) for each in asked))

    said = run(all_at_once())
    assert ["gave no answer within 5 s" in str(each) for each in said[2:]] == [True] * 5
    assert run(fifo.call("value_head", key="file")).result
    for front in (fifo, stalled):
        front.view.close()


def test_row_19_no_key_deletes_anything(show: Show):
    store = MemoryStore()
    run(store.set("g/*", b"1"))
    run(store.set("g/a", b"2"))
    page = show(explore(store))
    page.get_by_role("treeitem").first.click()
    for key in ("Delete", "Backspace", "Shift+Delete", "Control+x", "x", "d", "d"):
        page.keyboard.press(key)
    settle(page)
    assert page.get_by_role("button", name="Delete").count() == 0
    assert sorted(run(_keys(store))) == ["g/*", "g/a"]


def test_row_19_a_name_with_a_star_deletes_itself_and_no_other():
    store = MemoryStore()
    for key in ("g/*", "g/a", "g/b"):
        run(store.set(key, b"1"))
    front = Front(explore(store, edit=True))
    run(front.call("delete", keys=["g/*"]))
    front.view.close()
    assert sorted(run(_keys(store))) == ["g/a", "g/b"]


async def _keys(store: MemoryStore) -> list[str]:
    return [key async for key in store.list()]
