"""The explorer in a browser: what a person sees and does."""

import asyncio
import itertools
import re
import zipfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import numpy as np
import pytest
import zarr
from playwright.sync_api import Locator, Page, expect

from tests.browser.clipboard import expect_copied
from tests.browser.conftest import Show
from tests.waiting import wait_until
from zstore import MemoryStore, Store, as_zarr
from zstore._compat import override
from zstore.buffer import cpu
from zstore.entries import EntryBatch, SizeBatch
from zstore.errors import BackendError, UnsupportedError
from zstore.sync import run
from zstore.wrappers.base import WrapperStore
from zstore_widgets import explore

EMPTY = cpu.Buffer(b"")

Screenshot = Callable[[Page, str], None]


# Faster than anything is drawn.
TYPE_AND_ENTER = """(box, text) => {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
}"""


def filled(*keys: str, nbytes: int = 3) -> MemoryStore:
    store = MemoryStore()
    run(store.set_many(dict.fromkeys(keys, b"x" * nbytes)))
    return store


@pytest.fixture(scope="module")
def ocean() -> MemoryStore:
    """Groups, arrays with and without shards, a folder, and keys."""
    store = MemoryStore()
    root = zarr.open_group(as_zarr(store), mode="w")
    group = root.create_group("ocean")
    temp = group.create_array(
        "temp", shape=(64, 90, 180), chunks=(8, 45, 60), dtype="f4", dimension_names="tyx"
    )
    temp[:56] = np.random.default_rng(0).random((56, 90, 180))
    salt = group.create_array(
        "salt", shape=(64, 90), chunks=(8, 45), shards=(16, 90), dtype="i2"
    )
    salt[:] = 3
    old = zarr.open_group(as_zarr(store), path="old", mode="w", zarr_format=2)
    old.create_array("depth", shape=(50, 50), chunks=(10, 10), dtype="f8")[:] = 1.0
    values = {"README.md": b"# Ocean\n", "notes/one.txt": b"x" * 5000, "notes/b.txt": b"y"}
    run(store.set_many(values))
    return store


def row(page: Page, name: str) -> Locator:
    return (
        page.get_by_role("treeitem")
        .filter(has=page.locator(".zs-explorer-name", has_text=name))
        .first
    )


def names(page: Page) -> list[str]:
    texts = page.locator("[role=treeitem] .zs-explorer-name").all_inner_texts()
    return [text.replace("\n", "") for text in texts]


def press(page: Page, *keys: str) -> None:
    tree = page.get_by_role("tree")
    for key in keys:
        tree.press(key)


def status(page: Page) -> Locator:
    return page.locator(".zs-status-text")


def test_groups_arrays_and_folders_are_told_apart(
    show: Show, ocean: MemoryStore, screenshot: Screenshot
):
    page = show(explore(ocean))
    expect(row(page, "ocean").get_by_role("img", name="group")).to_be_visible()
    expect(row(page, "notes").get_by_role("img", name="folder")).to_be_visible()
    expect(row(page, "zarr.json").get_by_role("img", name="metadata")).to_be_visible()
    row(page, "ocean").locator(".zs-explorer-arrow").click()
    expect(row(page, "temp").get_by_role("img", name="array")).to_be_visible()
    expect(row(page, "temp")).to_contain_text("64 \u00d7 90 \u00d7 180 float32")
    press(page, "Home", "S")
    expect(row(page, "ocean")).to_contain_text("MiB")
    row(page, "temp").click()
    screenshot(page, "explorer-light")


def test_the_chunks_of_an_array_are_one_row(show: Show, ocean: MemoryStore):
    page = show(explore(ocean))
    row(page, "ocean").dblclick()
    row(page, "temp").dblclick()
    chunks = row(page, "42 of 48 chunks")
    expect(chunks).to_contain_text("MiB")
    chunks.locator(".zs-explorer-arrow").click()
    expect(row(page, "0/")).to_be_visible()
    chunks.locator(".zs-explorer-arrow").click()
    row(page, "salt").dblclick()
    expect(row(page, "4 of 4 shards")).to_be_visible()


def test_chunks_beside_the_metadata_are_one_row_too(show: Show, ocean: MemoryStore):
    page = show(explore(ocean, "old/depth"))
    expect(row(page, "25 of 25 chunks")).to_be_visible()
    assert names(page) == [".zarray", ".zattrs", "25 of 25 chunks"]
    row(page, "25 of 25").dblclick()
    expect(status(page)).to_have_text("28 rows")
    press(page, "End")
    expect(row(page, "4.4")).to_have_attribute("aria-level", "2")


def test_the_keyboard_moves_opens_and_closes(show: Show, ocean: MemoryStore):
    page = show(explore(ocean))
    expect(row(page, "notes")).to_be_visible()
    press(page, "ArrowDown", "ArrowRight")
    expect(row(page, "notes")).to_have_attribute("aria-expanded", "true")
    expect(row(page, "b.txt")).to_be_visible()
    press(page, "ArrowRight")
    expect(row(page, "b.txt")).to_have_attribute("aria-selected", "true")
    press(page, "ArrowLeft")
    expect(row(page, "notes")).to_have_attribute("aria-selected", "true")
    press(page, "ArrowLeft")
    expect(row(page, "notes")).to_have_attribute("aria-expanded", "false")
    press(page, "End")
    expect(row(page, "zarr.json")).to_have_attribute("aria-selected", "true")
    press(page, "Home", "o", "o")
    expect(page.get_by_label("Sort by")).to_have_value("time")


def test_letters_jump_to_a_name(show: Show):
    page = show(explore(filled("alpha", "beta", "bravo", "zulu")))
    expect(row(page, "alpha")).to_be_visible()
    press(page, "b")
    expect(row(page, "beta")).to_have_attribute("aria-selected", "true")
    press(page, "r")
    expect(row(page, "bravo")).to_have_attribute("aria-selected", "true")


def test_the_tree_is_told_to_those_who_do_not_see_it(show: Show, ocean: MemoryStore):
    page = show(explore(ocean))
    tree = page.get_by_role("tree")
    expect(row(page, "notes")).to_be_visible()
    press(page, "ArrowDown", "*")
    item = row(page, "one.txt")
    expect(item).to_have_attribute("aria-level", "2")
    expect(item).to_have_attribute("aria-setsize", "2")
    expect(item).to_have_attribute("aria-posinset", "2")
    press(page, "ArrowDown", "ArrowDown")
    expect(item).to_have_attribute("aria-selected", "true")
    assert tree.get_attribute("aria-activedescendant") == item.get_attribute("id")
    assert page.locator("[tabindex='0'][role=tree]").count() == 1


def test_several_rows_are_selected_and_the_kernel_knows(show: Show):
    widget = explore(filled("a", "b", "c", "d"))
    page = show(widget)
    expect(row(page, "a")).to_be_visible()
    press(page, "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(status(page)).to_have_text("4 rows · 3 selected")
    row(page, "b").click(modifiers=["Control"])
    expect(status(page)).to_have_text("4 rows · 2 selected")
    wait_until(lambda: widget.selection == ["a", "c"])


def test_the_filter_narrows_what_is_loaded(show: Show, ocean: MemoryStore):
    page = show(explore(ocean))
    row(page, "notes").dblclick()
    expect(row(page, "one.txt")).to_be_visible()
    box = page.get_by_label("Filter names")
    press(page, "/")
    expect(box).to_be_focused()
    box.fill("ONE")
    expect(row(page, "README")).to_have_count(0)
    assert names(page) == ["notes/", "one.txt"]
    box.fill("nothing like it")
    expect(page.get_by_role("treeitem")).to_have_count(1)
    expect(page.get_by_role("treeitem")).to_have_text("Nothing here matches the filter.")
    box.press("Escape")
    expect(row(page, "README")).to_be_visible()


def test_a_search_looks_through_the_store(
    show: Show, ocean: MemoryStore, screenshot: Screenshot
):
    page = show(explore(ocean))
    box = page.get_by_label("Filter names")
    box.fill("zarr.json")
    box.press("Enter")
    expect(status(page)).to_contain_text("4 hits for “zarr.json” in the whole store")
    assert sorted(names(page)) == [
        "ocean/salt/zarr.json",
        "ocean/temp/zarr.json",
        "ocean/zarr.json",
        "zarr.json",
    ]
    screenshot(page, "explorer-search")
    row(page, "ocean/temp").click()
    page.get_by_role("navigation").get_by_role("button", name="zarr.json").click()
    expect(row(page, "42 of 48 chunks")).to_be_visible()
    expect(box).to_have_value("")


def test_a_path_is_gone_to_though_enter_comes_before_it_is_drawn(
    show: Show, ocean: MemoryStore
):
    page = show(explore(ocean))
    page.get_by_label("Filter names").evaluate(TYPE_AND_ENTER, "/ocean/temp/c/0/1/2")
    expect(page.get_by_role("navigation")).to_contain_text("ocean/temp/c/0/1/2")


def test_a_path_in_the_filter_is_gone_to(show: Show, ocean: MemoryStore):
    page = show(explore(ocean))
    box = page.get_by_label("Filter names")
    box.fill("/ocean/temp/c/0/1/2")
    box.press("Enter")
    crumbs = page.get_by_role("navigation")
    expect(crumbs).to_contain_text("ocean/temp/c/0/1/2")
    expect(page.locator("[data-active=true]")).to_contain_text("KiB")
    box.fill("/no/such")
    box.press("Enter")
    expect(status(page)).to_have_text("There is no no/such.")


def test_the_tree_is_opened_at_a_key_from_code(show: Show, ocean: MemoryStore):
    widget = explore(ocean)
    page = show(widget)
    widget.reveal("old/depth/1.1")
    expect(page.locator("[data-active=true]")).to_contain_text("1.1")
    expect(page.locator("[data-active=true]")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("key", "ascending"),
    [("name", ["a", "b", "c"]), ("size", ["b", "c", "a"])],
)
def test_rows_are_sorted_both_ways(show: Show, key: str, ascending: list[str]):
    store = MemoryStore()
    run(store.set_many({"a": b"xxx", "b": b"x", "c": b"xx", "z/folder": b""}))
    page = show(explore(store))
    page.get_by_label("Sort by").select_option(key)
    press(page, "Home")
    if key == "size":
        expect(page.get_by_role("treeitem").nth(1)).to_contain_text("a")
        page.get_by_role("button", name="first").click()
    expect(page.get_by_role("treeitem").nth(1)).to_contain_text(ascending[0])
    # Folders first, either way.
    assert names(page) == ["z/", *ascending]
    page.get_by_role("button", name="first").click()
    expect(page.get_by_role("treeitem").nth(1)).to_contain_text(ascending[-1])
    assert names(page) == ["z/", *reversed(ascending)]


class Slow(WrapperStore[Store]):
    """Finds 4 MB soon and no more, and lists no level below ``slow`` until it may."""

    may_list = False

    @override
    async def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        for number in itertools.count():
            yield [(f"{prefix}slow{number}", 1_000_000 if number < 4 else 0)]
            await asyncio.sleep(0.05)

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        while prefix.startswith("slow") and not Slow.may_list:  # noqa: ASYNC110 -- set by a test, in its thread
            await asyncio.sleep(0.05)
        async for batch in super().list_entries(prefix, limit=limit, after=after):
            yield batch


def test_a_size_that_is_stopped_stays_as_a_bound(show: Show, screenshot: Screenshot):
    page = show(explore(Slow(filled("big/x", "key"))))
    row(page, "big").click()
    page.get_by_role("button", name="Size the selection").click()
    expect(row(page, "big")).to_contain_text("\u2265 3")
    expect(status(page)).to_contain_text("Sizing big/: ")
    screenshot(page, "explorer-sizing")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(row(page, "big")).to_contain_text("\u2265")


def test_a_level_that_takes_long_counts_the_seconds_and_can_be_stopped(
    show: Show, screenshot: Screenshot
):
    Slow.may_list = False
    page = show(explore(Slow(filled("slow/x", "key"))))
    row(page, "slow").dblclick()
    expect(row(page, "slow")).to_have_attribute("aria-busy", "true")
    stop = page.get_by_role("treeitem").get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    screenshot(page, "explorer-loading")
    stop.click()
    expect(page.get_by_role("treeitem").get_by_role("alert")).to_contain_text("stopped")
    Slow.may_list = True
    page.get_by_role("button", name="Retry").click()
    expect(row(page, "slow").locator("visible=true")).to_be_visible()
    expect(page.get_by_role("treeitem").filter(has_text="x")).to_have_count(1)


class Failing(WrapperStore[Store]):
    """Fails below ``broken``, until it is mended."""

    is_mended = False

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        if prefix.startswith("broken") and not Failing.is_mended:
            raise BackendError(prefix, "the server answered 503")
        async for batch in super().list_entries(prefix, limit=limit, after=after):
            yield batch


def test_an_error_stays_in_its_place_and_can_be_tried_again(
    show: Show, screenshot: Screenshot
):
    Failing.is_mended = False
    page = show(explore(Failing(filled("broken/x", "good/y"))))
    row(page, "broken").dblclick()
    expect(page.get_by_role("alert")).to_contain_text("the server answered 503")
    row(page, "good").dblclick()
    expect(row(page, "y")).to_be_visible()
    screenshot(page, "explorer-error")
    Failing.is_mended = True
    page.get_by_role("treeitem").get_by_role("button", name="Retry").click()
    expect(row(page, "x")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_store_that_cannot_be_opened_is_said_and_tried_again(show: Show, tmp_path: Path):
    archive = tmp_path / "ocean.zip"
    archive.write_bytes(b"no archive")
    page = show(explore(archive))
    expect(page.locator(".zs-explorer-left").get_by_role("alert")).to_contain_text(
        "ocean.zip"
    )
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("key", b"value")
    page.locator(".zs-explorer-left").get_by_role("button", name="Retry").click()
    expect(row(page, "key")).to_be_visible()


class Unlisted(WrapperStore[Store]):
    """Cannot list."""

    supports_listing = False

    @override
    async def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        raise UnsupportedError(str(self), "listing")
        yield []


def test_a_store_that_cannot_list_has_a_field_for_keys(show: Show, screenshot: Screenshot):
    page = show(explore(Unlisted(filled("some/key", nbytes=20))))
    expect(page.get_by_text("This store cannot list. Type a key:")).to_be_visible()
    page.get_by_label("Key", exact=True).fill("some/key")
    page.get_by_label("Key", exact=True).press("Enter")
    expect(page.get_by_label("Details").first).to_contain_text("20 B")
    screenshot(page, "explorer-cannot-list")


def test_a_key_is_shown_though_enter_comes_before_it_is_drawn(show: Show):
    page = show(explore(Unlisted(filled("some/key", nbytes=20))))
    page.get_by_label("Key", exact=True).evaluate(TYPE_AND_ENTER, "some/key")
    expect(page.get_by_label("Details").first).to_contain_text("20 B")


def test_an_empty_store_says_so(show: Show, screenshot: Screenshot):
    page = show(explore(MemoryStore()))
    expect(page.get_by_role("treeitem")).to_have_text("Nothing under the root (0 keys).")
    screenshot(page, "explorer-empty")


def test_what_was_added_is_there_after_a_refresh(show: Show):
    store = filled("a/one", "b")
    page = show(explore(store))
    row(page, "a").dblclick()
    row(page, "one").click()
    run(store.set_many({"a/two": b"", "c": b""}))
    press(page, "Home", "ArrowDown", "r")
    expect(row(page, "two")).to_be_visible()
    page.get_by_role("button", name="The whole store").click()
    page.get_by_role("button", name="Load again").click()
    expect(row(page, "c")).to_be_visible()
    expect(row(page, "two")).to_be_visible()


def test_a_value_is_downloaded_as_it_is(show: Show):
    store = MemoryStore()
    value = np.random.default_rng(1).bytes(5_000_000)
    run(store.set("a/data.bin", value))
    page = show(explore(store))
    row(page, "a").dblclick()
    row(page, "data.bin").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the value").click()
    assert download.value.suggested_filename == "data.bin"
    assert download.value.path().read_bytes() == value


def test_the_key_and_the_code_are_copied(show: Show):
    key = 'a with "quotes" and \'\u202e'
    page = show(explore(filled(key, "b")))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row(page, "quotes").click()
    press(page, "c")
    expect(status(page)).to_have_text("Copied the key.")
    expect_copied(page, key)
    press(page, "Shift+C")
    expect(status(page)).to_have_text("Copied the code.")
    expect_copied(page, f"value = await store.get_bytes({key!r})")
    press(page, "Home", "Shift+ArrowDown", "Shift+C")
    expect(status(page)).to_have_text("Copied the code.")
    expect_copied(
        page,
        f"keys = [\n    {key!r},\n    'b',\n]\nvalues = await store.get_many(keys)",
    )


def test_code_is_copied_without_the_clipboard_of_the_browser(show: Show):
    # As on a page that was served without encryption.
    page = show(explore(filled("a")))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(0); }")
    row(page, "a").click()
    press(page, "Shift+C")
    expect(status(page)).to_have_text("Copied the code.")
    expect_copied(page, "value = await store.get_bytes('a')")
    expect(page.get_by_role("tree")).to_be_focused()


def test_code_is_not_made_for_thousands_of_keys(show: Show):
    page = show(explore(MemoryStore({f"{number:04}": EMPTY for number in range(1001)})))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(status(page)).to_have_text("1,001 rows")
    press(page, "Home", "Shift+End", "Shift+C")
    expect(status(page)).to_have_text("\u26a0 Code is made for 1,000 keys at most.")
    press(page, "Home", "ArrowDown", "Shift+End", "Shift+C")
    expect(status(page)).to_have_text("Copied the code.")
    assert page.evaluate("navigator.clipboard.readText()").count("\n") == 1002


def test_letters_choose_what_is_shown_beside_the_tree(show: Show, ocean: MemoryStore):
    page = show(explore(ocean, "ocean"))
    row(page, "temp").click()
    for key, tab in [("k", "Chunks"), ("v", "Value"), ("i", "Info")]:
        press(page, key)
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tree")).to_be_focused()
    row(page, "zarr.json").click()
    expect(page.get_by_role("tab", name="Info")).to_have_attribute("aria-selected", "true")
    # A key has no chunks, and what is shown of it stays.
    press(page, "v", "k")
    expect(page.get_by_role("tab", name="Value")).to_have_attribute("aria-selected", "true")


def test_in_a_narrow_cell_what_is_shown_takes_the_focus(show: Show):
    page = show(explore(filled("a")), width=400)
    row(page, "a").click()
    press(page, "i")
    expect(page.get_by_role("tab", name="Details")).to_be_focused()
    expect(page.get_by_role("tab", name="Info")).to_have_attribute("aria-selected", "true")


def test_a_size_from_before_a_refresh_says_so(show: Show, screenshot: Screenshot):
    store = filled("a/x", "a/b/y", "c/z")
    page = show(explore(store))
    press(page, "S")
    row(page, "a").dblclick()
    size = row(page, "a").locator(".zs-explorer-size")
    expect(size).to_have_text("6 B")
    expect(size).to_have_attribute("title", "6 bytes")
    run(store.set("a/b/more", b"1234"))
    row(page, "b").click()
    press(page, "r")
    expect(size).to_have_css("font-style", "italic")
    expect(size).to_have_attribute("title", re.compile(r"^6 bytes, counted at \d"))
    expect(row(page, "c").locator(".zs-explorer-size")).to_have_css("font-style", "normal")
    screenshot(page, "explorer-old-sizes")
    press(page, "Home", "s")
    expect(size).to_have_text("10 B")
    expect(size).to_have_css("font-style", "normal")


def test_without_edit_nothing_can_be_deleted(show: Show):
    page = show(explore(filled("a")))
    row(page, "a").click()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_deleting_asks_first_and_names_what_goes(show: Show, screenshot: Screenshot):
    store = filled("old/x", "old/y/z", "odd\u202ename", "stays")
    page = show(explore(store, edit=True))
    row(page, "old").click()
    row(page, "name").click(modifiers=["Control"])
    page.get_by_role("button", name="Delete the selection").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 3 keys")
    expect(dialog).to_contain_text("odd\\u202ename")
    screenshot(page, "explorer-delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(row(page, "old")).to_have_count(0)
    assert names(page) == ["stays"]
    assert run(store.exists("stays"))
    assert not run(store.exists("old/x"))


def test_narrow_cells_have_tabs(show: Show, ocean: MemoryStore, screenshot: Screenshot):
    page = show(explore(ocean), width=400)
    row(page, "ocean").dblclick()
    expect(row(page, "temp")).to_be_visible()
    screenshot(page, "explorer-narrow")
    press(page, "End", "Enter")
    expect(page.get_by_role("tab", name="Details")).to_have_attribute(
        "aria-selected", "true"
    )
    screenshot(page, "explorer-narrow-details")


def test_it_is_legible_in_the_dark(show: Show, ocean: MemoryStore, screenshot: Screenshot):
    page = show(explore(ocean), dark=True)
    row(page, "ocean").dblclick()
    row(page, "temp").dblclick()
    expect(row(page, "42 of 48")).to_be_visible()
    press(page, "Home", "S")
    row(page, "temp").click()
    screenshot(page, "explorer-dark")
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    screenshot(page, "explorer-help-dark")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("tree")).to_be_focused()


def test_a_hundred_thousand_children_are_one_window_of_rows(show: Show):
    store = MemoryStore({f"d/{number:06}": EMPTY for number in range(100_000)})
    page = show(explore(store))
    row(page, "d").dblclick()
    expect(status(page)).to_have_text("100,001 rows", timeout=120_000)
    assert page.get_by_role("treeitem").count() < 60
    press(page, "End")
    expect(page.locator("[data-active=true]")).to_contain_text("099999")
    expect(page.locator("[data-active=true]")).to_be_in_viewport()


def test_a_level_of_many_pages_goes_on_where_it_ended(show: Show):
    store = MemoryStore({f"{number:06}": EMPTY for number in range(200_005)})
    page = show(explore(store))
    expect(status(page)).to_have_text("200,001 rows", timeout=120_000)
    press(page, "End")
    more = page.get_by_role("button", name="Load more (200,000 so far)")
    expect(more).to_be_visible()
    more.click()
    expect(status(page)).to_have_text("200,005 rows", timeout=120_000)


def test_the_panes_and_the_height_can_be_changed_by_keys(show: Show, ocean: MemoryStore):
    page = show(explore(ocean))
    left = page.locator(".zs-explorer-left")

    def width() -> float:
        box = left.bounding_box()
        assert box is not None
        return box["width"]

    before = width()
    page.get_by_role("separator", name="Width of the tree").press("ArrowLeft")
    wait_until(lambda: width() == pytest.approx(before - 20, abs=1))
    page.get_by_role("separator", name="Height of the view").press("ArrowDown")
    expect(page.locator(".zs-explorer")).to_have_css("height", "500px")


def test_nothing_runs_on_when_the_view_is_gone(show: Show):
    widget = explore(Slow(filled("big/x")))
    page = show(widget)
    row(page, "big").click()
    press(page, "s")
    expect(status(page)).to_contain_text("Sizing")
    page.evaluate("window.unmount()")
    channel = widget._channel
    assert channel is not None
    wait_until(lambda: channel._running == {})
