"""The explorer with a snapshot: the sizes of folders are there at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Screenshot, Show
from tests.fakes import RecordingStore
from zstore import MemoryStore, Store
from zstore.inventory import Inventory
from zstore.sync import run
from zstore_widgets import explore

AS_OF = re.compile(r", as of \w+ \d+, \d{4}, .*, (just now|.* ago)$")


def kept(store: Store) -> MemoryStore:
    place = MemoryStore()
    run(Inventory.scan(store, snapshot=place)).close()
    return place


def sea() -> RecordingStore:
    values = {
        **{f"ocean/temperature/{i}.bin": bytes(9000 * (i + 1)) for i in range(20)},
        **{f"ocean/salinity/{i}.bin": bytes(4000) for i in range(20)},
        **{f"ice/thickness/{i}.bin": bytes(2500 * i) for i in range(12)},
        "pictures/overview.png": bytes(160_000),
        "README.md": bytes(4100),
    }
    return RecordingStore(values)


def row(page: Page, name: str) -> Locator:
    found = page.locator(".zs-explorer-name", has_text=re.compile(f"^{re.escape(name)}/?$"))
    return page.get_by_role("treeitem").filter(has=found)


def size(page: Page, name: str) -> Locator:
    return row(page, name).locator(".zs-explorer-size")


@pytest.mark.parametrize("dark", [False, True])
def test_folders_have_sizes_as_they_are_opened(
    show: Show, screenshot: Screenshot, dark: bool
):
    store = sea()
    page = show(explore(store, snapshot=kept(store)), dark=dark)
    expect(size(page, "ocean")).to_have_text("1.88 MiB")
    expect(size(page, "ocean")).to_have_attribute("title", AS_OF)
    expect(size(page, "ocean")).to_have_attribute("title", re.compile("^1,970,000 bytes, "))
    expect(row(page, "ocean").locator(".zs-explorer-count")).to_have_text("40")
    expect(row(page, "ice").locator(".zs-explorer-share")).to_have_count(1)
    status = page.locator(".zs-status-text")
    expect(status).to_contain_text("4 rows · sizes as of ")
    row(page, "ocean").dblclick()
    expect(size(page, "temperature")).to_have_text("1.8 MiB")
    # Of a key the listing says how large it is.
    expect(size(page, "README.md")).to_have_attribute("title", "4,100 bytes")
    screenshot(page, f"explorer-snapshot{'-dark' * dark}")


def test_they_are_sorted_by_at_once(show: Show):
    store = sea()
    page = show(explore(store, snapshot=kept(store)))
    expect(size(page, "ocean")).to_have_text("1.88 MiB")
    page.get_by_label("Sort by").select_option("size")
    names = page.locator("[role=treeitem] .zs-explorer-name")
    expect(names).to_have_text(["ocean/", "ice/", "pictures/", "README.md"])


def test_nothing_is_counted_for_them(show: Show):
    store = sea()
    snapshot = kept(store)
    without = show(explore(store))
    expect(row(without, "ocean")).to_be_visible()
    # What the tree and the details ask anyway.
    store.hooks.clear()
    again = show(explore(store))
    expect(row(again, "ocean")).to_be_visible()
    again.wait_for_load_state("networkidle")
    listed = store.hooks.count("_entries") + store.hooks.count("_scan")
    store.hooks.clear()
    page = show(explore(store, snapshot=snapshot))
    expect(size(page, "ocean")).to_have_text("1.88 MiB")
    assert store.hooks.count("_entries") + store.hooks.count("_scan") <= listed


def test_to_count_brings_them_up_to_date(show: Show):
    store = sea()
    snapshot = kept(store)
    store.values["ocean/new.bin"] = bytes(2**20)
    page = show(explore(store, snapshot=snapshot))
    expect(size(page, "ocean")).to_have_text("1.88 MiB")
    row(page, "ocean").click()
    page.get_by_role("tree").press("s")
    expect(size(page, "ocean")).to_have_text("2.88 MiB")
    expect(size(page, "ocean")).to_have_attribute("title", "3,018,576 bytes")
    # The others are as they were.
    expect(size(page, "ice")).to_have_attribute("title", AS_OF)


def test_a_snapshot_of_another_store_is_said(show: Show):
    page = show(explore(sea(), snapshot=kept(MemoryStore())))
    expect(page.locator(".zs-status-text")).to_contain_text("⚠ the snapshot")
    expect(size(page, "ocean")).to_have_text("")
