"""The size map in Chromium: what a person does, and what is seen."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Report, Screenshot, Show
from tests.waiting import wait_until
from tests.widgets.listings import Gate, ListedStore, OrderedStore, real_listing
from zstore import MemoryStore, Store, sync
from zstore.buffer import cpu
from zstore.inventory import Inventory
from zstore.inventory.snapshot.manifest import FINISHED
from zstore_widgets.size_map import SizeMap

AXE = Path(__file__).parents[2] / "widgets/node_modules/axe-core/axe.min.js"

TREE = {
    "ocean/zarr.json": 800,
    "ocean/temperature/zarr.json": 1200,
    **{
        f"ocean/temperature/c/{i}/{j}": 40_000 + 900 * i for i in range(6) for j in range(8)
    },
    "ocean/salinity/zarr.json": 1200,
    **{f"ocean/salinity/c/{i}/{j}": 21_000 + 500 * j for i in range(5) for j in range(8)},
    "ice/.zgroup": 24,
    "ice/thickness/.zarray": 300,
    **{f"ice/thickness/{i}.{j}": 9_000 * (i + 1) for i in range(5) for j in range(5)},
    "pictures/overview.png": 160_000,
    "pictures/detail.png": 90_000,
    "README.md": 4_100,
    "zarr.json": 700,
}


def tree() -> MemoryStore:
    return MemoryStore({key: cpu.Buffer(bytes(size)) for key, size in TREE.items()})


def kept(store: Store) -> MemoryStore:
    """Return a snapshot of a store."""
    place = MemoryStore()
    sync.run(Inventory.scan(store, snapshot=place)).close()
    return place


def names(page: Page) -> list[str]:
    return rows(page).all_inner_texts()


def rows(page: Page) -> Locator:
    return page.locator(".zs-sizes-rows [role=row] .zs-name")


def chosen(page: Page) -> Locator:
    return page.locator(".zs-sizes-rows [role=row][aria-selected=true] .zs-name")


def status(page: Page) -> Locator:
    return page.locator(".zs-sizes-status .zs-status-text")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def label(page: Page, name: str) -> Locator:
    return page.locator(".zs-sizes-label", has=page.get_by_text(name, exact=True))


def settled(page: Page) -> None:
    """Wait for a zoom to end."""
    expect(page.locator(".zs-sizes[aria-busy=false]")).to_have_count(1)
    page.evaluate(
        "Promise.all(document.querySelector('.zs-sizes-layer').getAnimations()"
        ".map((each) => each.finished)).then(() => null)"
    )


def pointed_at(page: Page, name: str) -> tuple[float, float]:
    settled(page)
    box = label(page, name).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + 8


@pytest.fixture(scope="module")
def real() -> list[tuple[str, int]]:
    return real_listing()


def test_the_real_listing_shows_in_full(
    show: Show, screenshot: Screenshot, real: list[tuple[str, int]], report: Report
):
    page = show(SizeMap(ListedStore(real)), width=1200)
    expect(page.get_by_text("one request per 1,000 keys")).to_be_visible()
    screenshot(page, "sizes-ask")
    start = time.perf_counter()
    press(page, "Scan")
    expect(status(page)).to_contain_text("113,328 keys, 90.4 GiB · counted in")
    expect(page.locator("[data-counting=false]")).to_have_count(1)
    seconds = time.perf_counter() - start
    report("SizeMap: 113,328 real keys counted and shown", f"{seconds:.2f} s")
    for at in range(3):
        expect(rows(page).nth(at)).to_have_text(f"{at}/")
    screenshot(page, "sizes-real")
    # Down to the single chunks.
    for _ in range(5):
        page.locator("[role=grid]").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        settled(page)
    expect(page.locator("[role=grid]")).to_have_attribute("aria-rowcount", "388")
    screenshot(page, "sizes-real-chunks")


def test_a_map_and_a_table_have_one_selection(show: Show, screenshot: Screenshot):
    page = show(SizeMap(tree()))
    expect(status(page)).to_contain_text("counted in")
    expect(rows(page)).to_have_text(
        ["ocean/", "ice/", "pictures/", "README.md", "zarr.json"]
    )
    page.mouse.click(*pointed_at(page, "overview.png"))
    expect(page.locator(".zs-sizes-chosen")).to_have_count(1)
    expect(chosen(page)).to_have_text("pictures/")
    page.mouse.move(*pointed_at(page, "overview.png"))
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("pictures/overview.png")
    expect(tip).to_contain_text("156 KiB (160,000 bytes)")
    expect(tip).to_contain_text("1 key")
    screenshot(page, "sizes-demo")
    page.locator(".zs-sizes-rows [role=row]").first.click()
    expect(chosen(page)).to_have_text("ocean/")


def test_one_goes_in_and_out_by_the_mouse(show: Show):
    page = show(SizeMap(tree()))
    expect(status(page)).to_contain_text("counted in")
    page.mouse.dblclick(*pointed_at(page, "ocean/"))
    expect(page.locator(".zs-sizes-here")).to_have_text("ocean")
    settled(page)
    expect(rows(page)).to_have_text(["temperature/", "salinity/", "zarr.json"])
    # What has nothing below it leads to what it lies in.
    page.mouse.dblclick(*pointed_at(page, "c/5/"))
    expect(page.locator(".zs-sizes-here")).to_have_text("5")
    settled(page)
    page.get_by_role("navigation").get_by_role("button", name="ocean").click()
    expect(chosen(page)).to_have_text("temperature/")
    page.get_by_role("navigation").get_by_role("button").first.click()
    expect(page.locator(".zs-sizes-here")).to_contain_text("memory://")
    expect(chosen(page)).to_have_text("ocean/")


def test_all_goes_by_keys(show: Show):
    page = show(SizeMap(tree()))
    expect(status(page)).to_contain_text("counted in")
    page.locator("[role=grid]").focus()
    for key, expected in (
        ("ArrowDown", "ocean/"),
        ("ArrowDown", "ice/"),
        ("End", "zarr.json"),
        ("ArrowUp", "README.md"),
        ("Home", "ocean/"),
    ):
        page.keyboard.press(key)
        expect(chosen(page)).to_have_text(expected)
    active = page.locator("[role=grid]").get_attribute("aria-activedescendant")
    assert page.locator(f"[id='{active}'] .zs-name").inner_text() == "ocean/"
    page.keyboard.press("Enter")
    expect(page.locator(".zs-sizes-here")).to_have_text("ocean")
    page.keyboard.press("Backspace")
    expect(page.locator(".zs-sizes-here")).to_contain_text("memory://")
    expect(chosen(page)).to_have_text("ocean/")
    # A key of a value leads nowhere.
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(chosen(page)).to_have_text("zarr.json")


def test_a_count_is_stopped_and_gone_on_with(
    show: Show, screenshot: Screenshot, real: list[tuple[str, int]]
):
    gate = Gate(30)
    store = ListedStore(real, gate=gate)
    page = show(SizeMap(store))
    press(page, "Scan")
    expect(status(page)).to_contain_text("Scanning: ≥ 30,000 keys")
    expect(page.locator(".zs-sizes-map[data-counting=true]")).to_have_count(1)
    expect(page.locator(".zs-sizes-rows [role=row]").first).to_contain_text("≥")
    screenshot(page, "sizes-scanning")
    press(page, "Stop")
    expect(status(page)).to_contain_text("Stopped, partial: ≥ 30,000 keys")
    # A part that is known can be looked into.
    page.mouse.dblclick(*pointed_at(page, "0/"))
    expect(page.locator(".zs-sizes-here")).to_have_text("0")
    settled(page)
    screenshot(page, "sizes-stopped")
    gate.let(1000)
    press(page, "Resume")
    expect(status(page)).to_contain_text("113,328 keys, 90.4 GiB · counted in")
    assert store.nscans == 1
    press(page, "Scan again")
    expect(status(page)).to_contain_text("113,328 keys, 90.4 GiB · counted in")
    assert store.nscans == 2


def test_a_view_that_is_taken_away_holds_the_count(show: Show):
    gate = Gate(2)
    items = [(f"{i % 7}/{i}", i) for i in range(10_000)]
    view = SizeMap(ListedStore(items, gate=gate))
    page = show(view)
    press(page, "Scan")
    expect(status(page)).to_contain_text("≥ 2,000 keys")
    page.evaluate("window.unmount()")
    wait_until(lambda: view._scan.state == "stopped")
    gate.let(100)
    page.wait_for_timeout(200)
    assert gate.passed <= 3
    again = show(view)
    expect(status(again)).to_contain_text("10,000 keys, 47.7 MiB · counted in")


def test_an_error_is_said_and_what_is_known_stays(show: Show, screenshot: Screenshot):
    items = [(f"group {i % 9}/{i}", 1000 + i) for i in range(9_000)]
    page = show(SizeMap(ListedStore(items, fail_at=6000)))
    press(page, "Scan")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("500 Internal Server Error")
    expect(page.locator(".zs-sizes-rows [role=row]")).to_have_count(9)
    expect(status(page)).to_contain_text("partial: ≥ 6,000 keys")
    screenshot(page, "sizes-error")
    press(page, "Retry")
    expect(status(page)).to_contain_text("9,000 keys, 47.2 MiB · counted in")
    expect(alert).to_have_count(0)


def test_an_empty_store_says_so(show: Show, screenshot: Screenshot):
    page = show(SizeMap({}))
    expect(page.get_by_text("Nothing is stored here: 0 keys.")).to_be_visible()
    screenshot(page, "sizes-empty")


def test_where_all_values_are_empty_keys_have_areas(show: Show):
    page = show(SizeMap({f"a/{i}": b"" for i in range(5)} | {"b": b""}))
    press(page, "Show keys")
    expect(page.locator(".zs-sizes-map")).to_have_attribute("data-boxes", "7")


def test_more_than_two_thousand_names_are_cut(show: Show, screenshot: Screenshot):
    items = [(f"{i:06}.bin", 10**7 // (i + 1)) for i in range(63_203)]
    page = show(SizeMap(ListedStore(items)))
    press(page, "Scan")
    expect(status(page)).to_contain_text("63,203 keys")
    expect(page.locator("[data-counting=false]")).to_have_count(1)
    assert int(page.locator(".zs-sizes-map").get_attribute("data-boxes") or 0) <= 2000
    expect(label(page, "… 62,203 smaller")).to_be_visible()
    assert page.locator(".zs *").count() < 2000
    screenshot(page, "sizes-many")
    page.locator("[role=grid]").focus()
    page.keyboard.press("End")
    expect(chosen(page)).to_have_text("… 62,203 smaller")


@pytest.mark.parametrize("width", [400, 1000])
def test_it_fits_in_the_dark_and_in_narrow_cells(
    show: Show, screenshot: Screenshot, width: int
):
    page = show(SizeMap(tree()), width=width, dark=True)
    expect(status(page)).to_contain_text("counted in")
    page.locator(".zs-sizes-rows [role=row]").nth(1).click()
    screenshot(page, f"sizes-dark-{width}")
    frame = page.locator(".zs").bounding_box()
    assert frame is not None
    assert frame["width"] <= width
    wide = page.evaluate(
        "[...document.querySelectorAll('.zs-sizes-table, .zs-sizes-map, .zs-status')]"
        ".filter((each) => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert wide == 0


def test_it_fits_in_a_narrow_light_cell(show: Show, screenshot: Screenshot):
    page = show(SizeMap(tree()), width=400)
    expect(status(page)).to_contain_text("counted in")
    screenshot(page, "sizes-narrow")


def test_nothing_moves_for_who_wants_no_motion(show: Show):
    page = show(SizeMap(tree()))
    page.emulate_media(reduced_motion="reduce")
    expect(status(page)).to_contain_text("counted in")
    page.mouse.dblclick(*pointed_at(page, "ocean/"))
    expect(page.locator(".zs-sizes-here")).to_have_text("ocean")
    assert page.evaluate("document.getAnimations().length") == 0


def test_hostile_names_are_text(show: Show):
    evil = ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "__proto__", "constructor"]
    store = MemoryStore()
    sync.run(store.set_many({f"{name}/{name}": bytes(99) for name in evil}))
    page = show(SizeMap(store))
    expect(status(page)).to_contain_text("4 keys")
    expect(page.locator(".zs-sizes-rows .zs-name")).to_have_count(4)
    assert sorted(names(page)) == sorted(
        ["<img src=x onerror=alert(1)>/", "\\u202egnp.exe/", "__proto__/", "constructor/"]
    )
    page.locator(".zs-sizes-rows [role=row]", has_text="__proto__").dblclick()
    expect(page.locator(".zs-sizes-here")).to_have_text("__proto__")
    expect(rows(page)).to_have_text(["__proto__"])
    assert page.locator(".zs img, .zs a, .zs script").count() == 0
    assert not re.search("[\u202a-\u202e]", page.locator(".zs").inner_text())


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault(show: Show, dark: bool):
    page = show(SizeMap(tree()), dark=dark)
    expect(status(page)).to_contain_text("counted in")
    page.locator(".zs-sizes-rows [role=row]").first.click()
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run('.zs').then((all) => all.violations)")
    faults = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    assert faults == []


class TestSnapshots:
    def test_what_is_known_is_shown_at_once_with_its_age(
        self, show: Show, screenshot: Screenshot, real: list[tuple[str, int]]
    ):
        place = kept(OrderedStore(real))
        store = OrderedStore(real)
        for dark in (False, True):
            page = show(SizeMap(store, snapshot=place), width=1200, dark=dark)
            expect(status(page)).to_contain_text("113,328 keys, 90.4 GiB · as of ")
            expect(status(page)).to_contain_text(re.compile("just now|minutes? ago"))
            expect(page.locator(".zs-sizes-map[data-counting=false]")).to_have_count(1)
            assert names(page)[:3] == ["0/", "1/", "2/"]
            screenshot(page, f"sizes-snapshot{'-dark' * dark}")
        page = show(SizeMap(store, snapshot=place), width=1200)
        page.locator(".zs-sizes-rows [role=row]").first.dblclick()
        expect(page.locator(".zs-sizes-here")).to_have_text("0")
        settled(page)
        assert store.nscans == 0
        press(page, "Scan again")
        expect(status(page)).to_contain_text("113,328 keys, 90.4 GiB · as of ")
        expect(page.get_by_role("button", name="Scan again")).to_be_visible()
        assert store.nscans > 0

    @pytest.mark.parametrize("dark", [False, True])
    def test_a_scan_that_replaces_it_shows_how_far_it_is(
        self, show: Show, screenshot: Screenshot, real: list[tuple[str, int]], dark: bool
    ):
        place = kept(OrderedStore(real))
        store = OrderedStore(real, gate=Gate(30))
        page = show(SizeMap(store, snapshot=place), width=1200, dark=dark)
        press(page, "Scan again")
        expect(status(page)).to_contain_text("113,328 keys, 90.4 GiB · as of ")
        expect(status(page)).to_contain_text("scanning again: ")
        bar = page.get_by_role("progressbar")
        expect(bar).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
        # What is known is known in full.
        expect(page.locator(".zs-sizes-map[data-counting=false]")).to_have_count(1)
        screenshot(page, f"sizes-snapshot-scanning{'-dark' * dark}")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run('.zs').then((all) => all.violations)")
        assert [(each["id"], len(each["nodes"])) for each in found] == []
        press(page, "Stop")
        expect(status(page)).to_contain_text("stopped after ")
        expect(bar).to_have_count(0)
        store.gate.let(10_000)
        press(page, "Resume")
        expect(page.get_by_role("button", name="Scan again")).to_be_visible()
        expect(status(page)).not_to_contain_text("stopped")

    @pytest.mark.parametrize("width", [400, 1000])
    def test_a_first_scan_is_stopped_kept_and_gone_on_with(
        self, show: Show, screenshot: Screenshot, real: list[tuple[str, int]], width: int
    ):
        store, place = OrderedStore(real, gate=Gate(30)), MemoryStore()
        page = show(SizeMap(store, snapshot=place), width=width)
        expect(page.get_by_text("what was found is kept")).to_be_visible()
        press(page, "Scan")
        expect(status(page)).to_contain_text("Scanning: ≥ ")
        expect(page.locator(".zs-sizes-rows [role=row]").first).to_contain_text("≥")
        screenshot(page, f"sizes-snapshot-first-{width}")
        press(page, "Stop")
        expect(status(page)).to_contain_text("Stopped, partial: ≥ ")
        expect(page.locator(".zs-sizes-map")).to_be_visible()
        page.evaluate("window.unmount()")
        # Another kernel knows what was found.
        wait_until(lambda: store.nopen == 0)
        again = show(SizeMap(store, snapshot=place), width=width)
        expect(status(again)).to_contain_text("Partial: ≥ ")
        expect(status(again)).to_contain_text("as of ")
        expect(again.locator(".zs-sizes-rows [role=row]").first).to_contain_text("≥")
        screenshot(again, f"sizes-snapshot-partial-{width}")
        store.gate.let(10_000)
        press(again, "Resume")
        expect(status(again)).to_contain_text("113,328 keys, 90.4 GiB · as of ")

    @pytest.mark.parametrize("dark", [False, True])
    def test_a_damaged_one_is_said_and_replaced_by_a_scan_that_begins_anew(
        self, show: Show, screenshot: Screenshot, dark: bool
    ):
        store = tree()
        place = kept(store)
        sync.run(place.set(FINISHED, b"{}"))
        page = show(SizeMap(store, snapshot=place), dark=dark)
        problem = page.get_by_role("alert")
        expect(problem).to_contain_text("is no manifest")
        expect(status(page)).to_have_text("The snapshot cannot be read: nothing is known")
        expect(page.get_by_text("Replaces the damaged snapshot.")).to_be_visible()
        screenshot(page, f"sizes-snapshot-damaged{'-dark' * dark}")
        press(page, "Retry")
        expect(problem).to_contain_text("is no manifest")
        press(page, "Scan anew")
        expect(status(page)).to_contain_text(f"{len(TREE)} keys")
        expect(page.get_by_role("button", name="Scan again")).to_be_visible()
        expect(problem).to_have_count(0)
        with sync.run(Inventory.open(place)) as inventory:
            assert inventory.nkeys == len(TREE)
