"""The twenty rows of the threat model: what a hostile store tries, and does not get.

Every page has the strictest policy, and fails on errors, on what the policy stops, and on
requests to anywhere else (the fixture `show`).
"""

import asyncio
import builtins
import json
import os
import sys
import time
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.embed import embed_minimal_html  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Show
from tests.browser.evil import NAMES, SECRET, VALUES, evil_store, probe
from tests.browser.host import POLICY, Host
from tests.fakes import DictStore
from tests.widgets.front import Front, KernelError
from zstore import LocalStore, LoggingStore, MemoryStore, StorePath
from zstore._compat import override
from zstore.display import visible
from zstore.errors import InvalidKeyError
from zstore.keys import is_key
from zstore.sync import run
from zstore_widgets import BufferInspector, CallMonitor, SizeMap, explore
from zstore_widgets.view import View

SECONDS = 5.5
# What a terminal or a reader would take for more than text; line breaks are ours.
ACTING = {chr(n) for n in (*range(10), *range(11, 32), *range(127, 160))} | set(
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068"
    "\u2069\ufeff"
)


def monitor_of_evil_calls() -> CallMonitor:
    """Return a monitor that was shown calls of every evil key."""
    log = LoggingStore(evil_store(), log_level="ERROR")
    monitor = CallMonitor(log)
    for name in NAMES:
        if is_key(name):
            run(log.get(name))
    return monitor


VIEWS: dict[str, Callable[[], View]] = {
    "StoreExplorer": lambda: explore(evil_store()),
    "SizeMap": lambda: SizeMap(evil_store()),
    "CallMonitor": monitor_of_evil_calls,
    "BufferInspector": lambda: BufferInspector(VALUES["v/page.html"]),
}


def details_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Details")


def select(page: Page, view: Any, key: str) -> Locator:
    """Select a key or prefix; return the pane that says what it is."""
    view.reveal(key)
    pane = details_of(page)
    last = visible(key.rstrip("/").rpartition("/")[2])
    expect(pane.get_by_role("heading").first).to_contain_text(last[:40])
    expect(pane.get_by_role("progressbar")).to_have_count(0)
    return pane


@pytest.mark.parametrize("name", VIEWS)
def test_row_01_no_name_is_taken_for_html(show: Show, name: str):
    page = show(VIEWS[name]())
    page.wait_for_timeout(500)
    assert probe(page) == []
    # All that shows names in other places: breadcrumbs, tooltips, menus, errors.
    # Rows of a live list come and go, so they are told of a click and not sought.
    items = page.locator(".zs [role=treeitem], .zs [role=option], .zs [role=row]")
    for number in range(min(12, items.count())):
        items.nth(number).dispatch_event("mouseover")
        items.nth(number).dispatch_event("click")
        assert probe(page) == []
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    assert probe(page) == []


@pytest.mark.parametrize("name", [*VIEWS, "store", "path"])
def test_row_02_no_repr_runs_anything(chromium: Browser, name: str):
    store = evil_store()
    shown: Any = {"store": store, "path": StorePath(store, "v")}.get(name)
    if shown is None:
        shown = VIEWS[name]()
        html, texts = shown.html(), [shown.text(), repr(shown)]
        shown.close()
    else:
        data, _ = shown._repr_mimebundle_()
        html, texts = data["text/html"], [data["text/plain"], repr(shown), str(shown)]
    assert [text for text in texts if ACTING & set(text)] == []
    context = chromium.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(f"<body>{html}</body>")
    page.locator("details").evaluate_all("all => all.forEach((each) => (each.open = true))")
    page.wait_for_timeout(100)
    assert probe(page, "body") == []
    assert [url for url in asked if not url.startswith("data:image/")] == []
    context.close()


@pytest.mark.parametrize("key", ["v/pic.svg", "v/page.html", "v/readme.md", "v/table.csv"])
def test_row_03_markup_is_shown_as_text(show: Show, key: str):
    view = explore(evil_store())
    page = show(view)
    pane = select(page, view, key)
    expect(pane).to_contain_text("window.ran")
    for tab in pane.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(100)
        assert probe(page) == []


def test_row_04_content_becomes_no_link(show: Show):
    view = explore(evil_store())
    page = show(view)
    for key in ("v/readme.md", "v/references.json", "v/names.json", "named/"):
        select(page, view, key)
        page.wait_for_timeout(200)
        assert page.locator(".zs a[href]").count() == 0


def test_row_05_nothing_is_fetched_and_no_cell_is_a_formula(show: Show):
    view = explore(evil_store())
    page = show(view)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for key in VALUES:
        if key != "v/zarr.json":
            select(page, view, key)
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == []
    monitor = monitor_of_evil_calls()
    for line in monitor.to_csv().splitlines()[1:]:
        for cell in line.split(","):
            assert cell.lstrip('"')[:1] not in {"=", "@", "\t", "\r"}
    monitor.close()


def test_row_06_a_name_is_shown_as_it_is_and_copied_as_it_was(show: Show):
    names = [name for name in NAMES if "/" not in name]
    view = explore(DictStore(dict.fromkeys(names, b"")))
    page = show(view)
    rows = page.get_by_role("treeitem")
    expect(rows.first).to_be_visible()
    heights = rows.evaluate_all("all => [...new Set(all.map((row) => row.offsetHeight))]")
    assert len(heights) == 1
    assert page.locator(".zs bdi.zs-name").count() > 5
    assert probe(page) == []
    name = "exe\u202egnp.zarr"
    page.get_by_role("textbox").first.fill("exe")
    row = rows.filter(has_text=r"exe\u202egnp.zarr")
    row.click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("c")
    page.wait_for_timeout(200)
    assert page.evaluate("() => navigator.clipboard.readText()") == name


def test_row_07_no_terminal_is_spoken_to(caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    store = LoggingStore(evil_store())
    said = [repr(store), str(store), repr(StorePath(store, "v"))]
    for name in NAMES:
        try:
            run(store.get(name))
        except InvalidKeyError as error:
            said.append(str(error))
    for make in VIEWS.values():
        view = make()
        said += [repr(view), view.text(), view.title, view.still]
        view.close()
    assert [line for line in said if ACTING & set(line)] == []
    logged = [record.getMessage() for record in caplog.records]
    assert len(logged) > len(NAMES)
    assert [line for line in logged if ACTING & set(line)] == []


@pytest.mark.parametrize(
    "key", ["v/deep.json", "v/wide.json", "v/bigint.json", "v/line.txt", "v/names.json"]
)
def test_row_08_a_flood_is_cut(show: Show, host: Host, key: str):
    view = explore(evil_store())
    page = show(view)
    start = time.monotonic()
    pane = select(page, view, key)
    for tab in pane.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(200)
        assert probe(page) == []
    assert time.monotonic() - start < 15
    assert host.largest <= 256 * 1024
    expect(pane.get_by_role("alert")).to_have_count(0)


def test_row_09_a_bomb_is_not_unpacked():
    front = Front(explore(evil_store()))
    tracemalloc.start()
    try:
        for name, args in [
            ("value_head", {"key": "v/bomb.gz"}),
            ("value_head", {"key": "v/huge.png"}),
            ("value_image", {"key": "v/huge.png"}),
            ("slice", {"path": "bomb"}),
        ]:
            outcome(front, name, args)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    front.view.close()
    assert peak < 64 * 2**20


def test_row_10_nothing_is_unpickled():
    front = Front(explore(evil_store()))
    for key in ("v/object.pkl", "v/object.npy", "pickled/0"):
        outcome(front, "value_head", {"key": key})
    for path in ("pickled", "v", "bomb", "named"):
        for name in ("describe", "slice", "chunk_map", "stored"):
            outcome(front, name, {"path": path})
    front.view.close()
    assert not hasattr(builtins, "PICKLE_RAN")


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """What is opened and connected to while a test runs."""
    events: list[str] = []
    watching = [True]

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if watching[0] and event in {"open", "socket.connect", "socket.getaddrinfo"}:
            events.append(f"{event} {args[0] if event == 'open' else args!r}")

    # It cannot be taken away again, only told to hear nothing.
    sys.addaudithook(hear)
    yield events
    watching[0] = False


def test_row_11_no_reference_in_a_value_is_followed(opened: list[str]):
    front = Front(explore(evil_store()))
    for key in ("v/references.json", "v/page.html", "v/pic.svg", "v/readme.md"):
        outcome(front, "value_head", {"key": key})
        outcome(front, "value_image", {"key": key})
        outcome(front, "value_text", {"key": key, "start": 0, "encoding": "utf-8"})
    front.view.close()
    outside = [each for each in opened if "/etc/" in each or "evil.example" in each]
    assert outside == []


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
            await new Promise((resolve) => setTimeout(resolve, 150));
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
    page.wait_for_timeout(200)
    assert view.get_state() == before
    assert probe(page) == []


@pytest.mark.parametrize("name", ["StoreExplorer", "SizeMap", "CallMonitor"])
def test_row_14_no_name_pollutes_or_clobbers(show: Show, name: str):
    page = show(VIEWS[name]())
    page.wait_for_timeout(300)
    state = page.evaluate(
        """() => [
          Object.keys(Object.prototype), Object.keys(Array.prototype),
          typeof {}.toString, typeof {}.hasOwnProperty, {}.constructor === Object,
          document.querySelectorAll("[id=model], [name=send]").length,
          typeof model.send,
        ]"""
    )
    assert state == [[], [], "function", "function", True, 0, "function"]


def test_row_14_names_of_javascript_are_opened_like_any_other(show: Show):
    names = ["__proto__", "constructor", "toString", "hasOwnProperty", "length"]
    view = explore(DictStore({f"{name}/{name}": b"here" for name in names}))
    page = show(view)
    for name in names:
        pane = select(page, view, f"{name}/{name}")
        expect(pane).to_contain_text("here")
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
        page.wait_for_timeout(1_500)
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
    page.wait_for_timeout(200)
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
    start = time.monotonic()
    page = show(explore(Stalled()))
    alert = page.get_by_text("gave no answer within 5 seconds").first
    expect(alert).to_be_visible(timeout=8_000)
    # The page itself took some time to load, on a busy machine.
    assert time.monotonic() - start < SECONDS + 5
    assert page.get_by_role("button", name="Retry").first.is_visible()


def test_row_18_each_request_to_a_stalled_store_ends(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_bytes(b"x")
    fifo = Front(explore(LocalStore(tmp_path, read_only=True)))
    stalled = Front(explore(Stalled()))
    start = time.monotonic()
    asked: list[tuple[Front, str, dict[str, Any]]] = [
        (fifo, "value_head", {"key": "fifo"}),
        (fifo, "describe", {"path": ""}),
        (stalled, "value_head", {"key": "a"}),
        (stalled, "level", {"prefix": "", "after": "", "limit": 10}),
        (stalled, "nodes", {"prefixes": ["a/"]}),
        (stalled, "sizes", {"prefix": ""}),
        (stalled, "describe", {"path": ""}),
    ]

    async def all_at_once() -> None:
        await asyncio.gather(*(_outcome(*each) for each in asked))

    run(all_at_once())
    assert time.monotonic() - start < SECONDS
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
    page.wait_for_timeout(200)
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


@pytest.mark.parametrize("name", VIEWS)
def test_row_20_the_strictest_policy_is_enough(show: Show, name: str):
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    page = show(VIEWS[name]())
    expect(page.locator(".zs[data-ready=true]")).to_have_count(1)
    assert page.locator(".zs *").count() > 5


def outcome(front: Front, name: str, args: dict[str, Any]) -> object:
    """Return the result of a request or its error, which must be a sentence."""
    return run(_outcome(front, name, args))


async def _outcome(front: Front, name: str, args: dict[str, Any]) -> object:
    # On the loop of zstore: the browser has one of its own in this thread.
    try:
        return (await front.call(name, **args)).result
    except KernelError as error:
        said = error
    assert said.kind != "BadRequestError", said
    assert "Traceback" not in said.message
    return said


async def _keys(store: MemoryStore) -> list[str]:
    return [key async for key in store.list()]
