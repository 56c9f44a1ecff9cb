"""Names that attack: rows 1, 2, 6, 7, 14 and 20 of the threat model.

Every page has the strictest policy, and fails on errors, on what the policy stops, and on
requests to anywhere else (the fixture `show`).
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.attacked import VIEWS, select, settle
from tests.browser.conftest import Show
from tests.browser.evil import NAMES, evil_store, probe
from tests.browser.host import POLICY
from tests.fakes import DictStore
from zstore import LoggingStore, StorePath
from zstore.errors import InvalidKeyError
from zstore.sync import run
from zstore_widgets import explore

# What a terminal or a reader would take for more than text; line breaks are ours.
ACTING = {chr(n) for n in (*range(10), *range(11, 32), *range(127, 160))} | set(
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068"
    "\u2069\ufeff"
)


@pytest.mark.parametrize("name", VIEWS)
def test_row_01_no_name_is_taken_for_html(show: Show, name: str):
    page = show(VIEWS[name]())
    settle(page)
    assert probe(page) == []
    # All that shows names in other places: breadcrumbs, tooltips, menus, errors.
    # Rows of a live list come and go, so they are told of a click and not sought.
    items = page.locator(".zs [role=treeitem], .zs [role=option], .zs [role=row]")
    for number in range(min(12, items.count())):
        items.nth(number).dispatch_event("mouseover")
        items.nth(number).dispatch_event("click")
        assert probe(page) == []
    page.keyboard.press("End")
    settle(page)
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
    settle(page)
    assert probe(page, "body") == []
    assert [url for url in asked if not url.startswith("data:image/")] == []
    context.close()


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
    expect(page.locator(".zs")).to_contain_text("Copied the key")
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


@pytest.mark.parametrize("name", ["StoreExplorer", "SizeMap", "CallMonitor"])
def test_row_14_no_name_pollutes_or_clobbers(show: Show, name: str):
    page = show(VIEWS[name]())
    settle(page)
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


@pytest.mark.parametrize("name", VIEWS)
def test_row_20_the_strictest_policy_is_enough(show: Show, name: str):
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    page = show(VIEWS[name]())
    expect(page.locator(".zs[data-ready=true]")).to_have_count(1)
    assert page.locator(".zs *").count() > 5
