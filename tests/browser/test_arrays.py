"""Values and chunks of arrays in a browser: pictures, sliders, maps."""

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Show
from tests.waiting import wait_until
from zstore import LocalStore, MemoryStore, Store, as_zarr
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.entries import SizeBatch
from zstore.errors import BackendError
from zstore.sync import run
from zstore.wrappers.base import WrapperStore
from zstore_widgets import explore

Screenshot = Callable[[Page, str], None]

FILL = -9999.0


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """Arrays of many kinds."""
    store = MemoryStore()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _write_numbers(store)
        _write_chunks(store)
    return store


def _write_numbers(store: Store) -> None:
    zarr_store = as_zarr(store)
    lat = np.radians(np.linspace(90, -90, 91))[:, None]
    lon = np.radians(np.linspace(0, 358, 180))[None, :]
    hours = np.arange(8)[:, None, None]
    warmth = 30 * np.cos(lat) - 5 + 8 * np.sin(lon + hours) * np.cos(2 * lat)
    warmth[:, 20:34, 30:60] = np.nan
    warmth[:, 60:66, 100:140] = FILL
    arrays: dict[str, Any] = {
        "temp": warmth.astype("f4"),
        "walk": np.cumsum(np.random.default_rng(0).normal(size=60_000)),
        "level": np.linspace(0, 1000, 11),
        "city": np.array(["Oslo", "Z\u00fcrich", "<b>x</b>", "a\u202eb"], dtype="T"),
        "zero": np.float64(0.1),
        "empty": np.zeros((0, 3)),
    }
    for name, values in arrays.items():
        options: dict[str, Any] = {}
        if name == "temp":
            names = ("time", "lat", "lon")
            options = {"chunks": (2, 46, 60), "fill_value": FILL, "dimension_names": names}
        zarr.create_array(zarr_store, name=name, data=values, **options)


def _write_chunks(store: Store) -> None:
    array = zarr.create_array(
        as_zarr(store), name="sparse", shape=(5, 120, 200), chunks=(1, 10, 10), dtype="u2"
    )
    rng = np.random.default_rng(1)
    for row, column in np.argwhere(rng.random((12, 20)) < 0.8):
        place = np.s_[0, row * 10 : row * 10 + 10, column * 10 : column * 10 + 10]
        array[place] = rng.integers(1, 2 ** (2 + (row + column) // 3), (10, 10))
    for name, shape in (("many", (3000, 5000)), ("long", (10_000,))):
        zarr.create_array(
            as_zarr(store), name=name, shape=shape, chunks=(10,) * len(shape), dtype="u1"
        )
    keys = [f"many/c/{row}/{column}" for row in range(300) for column in range(row)]
    keys += [f"long/c/{number}" for number in range(700)]
    run(store.set_many(dict.fromkeys(keys, b"x" * 8)))


def opened(show: Show, store: Store, name: str, tab: str, **options: Any) -> Page:
    """Open the explorer at a tab of an array."""
    page = show(explore(store, height=760), **options)
    item = page.get_by_role("treeitem").filter(
        has=page.locator(".zs-explorer-name", has_text=name)
    )
    item.first.click()
    if options.get("width", 1000) < 600:
        page.get_by_role("tab", name="Details", exact=True).click()
    page.get_by_role("tab", name=tab, exact=True).click()
    return page


def pad(page: Page) -> Locator:
    return page.locator(".zs-pad")


def tip(page: Page) -> Locator:
    return page.locator(".zs-tip")


def statistics(page: Page) -> Locator:
    return page.locator(".zs-figures")


def point(page: Page, across: float, down: float) -> None:
    """Move the mouse to a place of the picture, as shares of its sides."""
    box = pad(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (400, False)])
def test_a_slice_is_a_heatmap_with_a_legend(
    show: Show, store: Store, screenshot: Screenshot, width: int, *, dark: bool
):
    page = opened(show, store, "temp", "Value", width=width, dark=dark)
    legend = page.locator(".zs-legend")
    expect(legend).to_contain_text("NaN: 420")
    expect(legend).to_contain_text("fill value -9,999: 240")
    expect(statistics(page)).to_contain_text("max")
    point(page, 0.5, 0.1)
    expect(tip(page)).to_contain_text("lat 9, lon 90")
    expect(tip(page)).to_contain_text("temp/c/0/0/1")
    screenshot(page, f"array-heatmap-{width}-{'dark' if dark else 'light'}")
    point(page, 0.25, 0.3)
    expect(tip(page)).to_contain_text("NaN")
    point(page, 0.65, 0.68)
    expect(tip(page)).to_contain_text("(fill value)")


def test_a_slider_shows_another_slice_and_nothing_jumps(show: Show, store: Store):
    page = opened(show, store, "temp", "Value")
    expect(statistics(page)).to_contain_text("max")
    before, size = statistics(page).inner_text(), page.locator(".zs-plot").bounding_box()
    slider = page.get_by_role("slider", name="time")
    for _ in range(4):
        slider.press("ArrowRight")
    expect(statistics(page)).not_to_have_text(before, use_inner_text=True)
    expect(page.get_by_label("Place on time")).to_have_value("4")
    assert page.locator(".zs-plot").bounding_box() == size
    point(page, 0.5, 0.1)
    expect(tip(page)).to_contain_text("temp/c/2/0/1")
    page.get_by_label("Place on time").fill("99")
    page.get_by_label("Place on time").press("Enter")
    expect(slider).to_have_value("7")


def test_the_keyboard_reads_the_values(show: Show, store: Store):
    page = opened(show, store, "temp", "Value")
    expect(statistics(page)).to_be_visible()
    pad(page).focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
        pad(page).press(key)
    expect(pad(page).get_by_role("status")).to_contain_text("lat 2, lon 1")


def test_a_box_drawn_with_the_mouse_is_shown_larger(show: Show, store: Store):
    page = opened(show, store, "temp", "Value", width=1200)
    expect(statistics(page)).to_be_visible()
    point(page, 0.5, 0.5)
    page.mouse.down()
    point(page, 0.75, 0.75)
    page.mouse.up()
    expect(page.get_by_label("First of lon")).to_have_value("90")
    expect(page.get_by_label("First of lat")).to_have_value("45")
    page.get_by_label("Last of lat").fill("50")
    page.get_by_label("Last of lat").press("Enter")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_label("First of lon")).to_have_value("0")
    expect(page.get_by_label("Last of lat")).to_have_value("90")


def test_axes_change_places_and_a_line_runs_along_one(show: Show, store: Store):
    page = opened(show, store, "temp", "Value", width=1200)
    page.get_by_label("Rows").select_option("2")
    expect(page.get_by_label("Columns")).to_have_value("1")
    point(page, 0.1, 0.5)
    expect(tip(page)).to_contain_text("lon 90, lat 9")
    page.get_by_role("button", name="Line").click()
    expect(page.get_by_label("Along")).to_have_value("1")
    page.get_by_label("Along").select_option("0")
    expect(page.get_by_role("slider", name="lon")).to_be_visible()


def test_a_scale_is_logarithmic_diverging_or_kept(
    show: Show, store: Store, screenshot: Screenshot
):
    page = opened(show, store, "temp", "Value", width=1200)
    scale = page.get_by_role("combobox", name="Scale")
    scale.select_option("log")
    expect(page.locator(".zs-legend")).to_contain_text("not positive")
    scale.select_option("diverging")
    expect(page.locator(".zs-legend")).not_to_contain_text("not positive")
    screenshot(page, "array-diverging")
    ticks = page.locator(".zs-scale-ticks")
    page.get_by_label("keep the scale").check()
    before = ticks.inner_text()
    page.get_by_role("slider", name="time").press("End")
    expect(page.get_by_label("Place on time")).to_have_value("7")
    expect(ticks).to_have_text(before, use_inner_text=True)


@pytest.mark.parametrize("dark", [False, True])
def test_a_long_line_is_a_band(
    show: Show, store: Store, screenshot: Screenshot, *, dark: bool
):
    page = opened(show, store, "walk", "Value", dark=dark)
    expect(page.locator(".zs-line-band")).to_be_visible()
    point(page, 0.4999, 0.5)
    expect(tip(page)).to_contain_text("axis 0 29970\u201329999")
    screenshot(page, f"array-line-{'dark' if dark else 'light'}")


def test_few_values_are_a_table_and_can_be_a_picture(
    show: Show, store: Store, screenshot: Screenshot
):
    page = opened(show, store, "level", "Value")
    expect(page.locator(".zs-table tbody tr")).to_have_count(11)
    expect(page.locator(".zs-table")).to_contain_text("1000.0")
    screenshot(page, "array-table")
    page.get_by_role("button", name="Picture").click()
    expect(page.locator(".zs-line-stroke")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("city", "<b>x</b>"),
        ("city", "a\\u202eb"),
        ("zero", "0.1"),
        ("empty", "has no element: its shape is 0 \u00d7 3"),
    ],
)
def test_what_is_no_picture_is_said(show: Show, store: Store, name: str, text: str):
    page = opened(show, store, name, "Value")
    expect(page.locator(".zs-array")).to_contain_text(text)


def test_an_image_of_other_writers_has_its_colours(
    show: Show, shared: Path, screenshot: Screenshot
):
    expected = np.asarray(Image.open(shared / "reference_image.png").convert("RGBA"))
    store = LocalStore(shared / "zarr-v2-implementations", read_only=True)
    page = opened(show, store, "zlib", "Value", width=1200)
    expect(page.locator(".zs-heatmap")).to_be_visible()
    expect(page.get_by_role("button", name="Image")).to_have_attribute(
        "aria-pressed", "true"
    )

    def drawn() -> np.ndarray:
        pixels = page.locator(".zs-heatmap").evaluate(
            "c => Array.from(c.getContext('2d').getImageData(0, 100, 512, 1).data)"
        )
        return np.array(pixels, dtype=np.uint8).reshape(512, 4)

    wait_until(lambda: np.array_equal(drawn(), expected[100]))
    screenshot(page, "array-image")
    store.close()


def test_what_fails_is_a_sentence_and_can_be_tried_again(
    show: Show, store: Store, screenshot: Screenshot
):
    flaky = Flaky(store)
    page = opened(show, flaky, "temp", "Value")
    expect(page.get_by_role("alert")).to_contain_text("the disk is on fire")
    screenshot(page, "array-error")
    flaky.broken = False
    page.get_by_role("button", name="Retry").click()
    expect(statistics(page)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (400, True)])
def test_a_map_shows_which_chunks_are_there(
    show: Show, store: Store, screenshot: Screenshot, width: int, *, dark: bool
):
    page = opened(show, store, "sparse", "Chunks", width=width, dark=dark)
    summary = page.locator(".zs-chunks-summary")
    expect(summary).to_contain_text("of 1,200 chunks present")
    page.get_by_label("Rows").select_option("1")
    page.get_by_label("Columns").select_option("2")
    point(page, 0.02, 0.02)
    expect(tip(page)).to_contain_text("sparse/c/0/0/0")
    screenshot(page, f"chunk-map-{width}-{'dark' if dark else 'light'}")
    page.get_by_role("slider", name="axis 0").press("End")
    point(page, 0.5, 0.5)
    expect(tip(page)).to_contain_text("missing")
    page.get_by_label("Colour").select_option("presence")
    expect(page.locator(".zs-legend")).to_contain_text("present")


def test_a_chunk_that_is_picked_is_shown(show: Show, store: Store):
    page = opened(show, store, "long", "Chunks")
    expect(page.locator(".zs-chunks-summary")).to_contain_text("700 of 1,000")
    pad(page).focus()
    pad(page).press("ArrowRight")
    expect(pad(page).get_by_role("status")).to_contain_text("long/c/1")
    pad(page).press("Enter")
    details = page.get_by_role("region", name="Details")
    expect(details.get_by_role("heading")).to_contain_text("key")
    picked = page.get_by_role("treeitem", selected=True)
    expect(picked.locator(".zs-explorer-name")).to_have_text("1")


def test_too_many_chunks_are_folded_into_blocks(
    show: Show, store: Store, screenshot: Screenshot
):
    page = opened(show, store, "many", "Chunks", width=1200)
    expect(page.locator(".zs-chunks-summary")).to_contain_text("44,850 of 150,000")
    expect(page.locator(".zs-chunks")).to_contain_text("stands for 2 \u00d7 3 chunks")
    point(page, 0.2, 0.9)
    expect(tip(page)).to_contain_text("6 of 6 present, 48 B")
    screenshot(page, "chunk-map-blocks")


def test_a_listing_that_takes_long_can_be_stopped(
    show: Show, store: Store, screenshot: Screenshot
):
    slow = SlowListing(store)
    page = opened(show, slow, "sparse", "Chunks")
    expect(page.locator(".zs-chunks-summary")).to_contain_text("At least")
    chunks = page.locator(".zs-chunks")
    screenshot(page, "chunk-map-listing")
    chunks.get_by_role("button", name="Stop").click()
    expect(chunks).to_contain_text("Stopped")
    slow.held = False
    chunks.get_by_role("button", name="List again").click()
    expect(chunks).to_contain_text("no chunk was read")


@pytest.mark.parametrize(("name", "tab"), [("temp", "Value"), ("sparse", "Chunks")])
@pytest.mark.parametrize("dark", [False, True])
def test_no_serious_fault_of_accessibility(
    show: Show, store: Store, name: str, tab: str, *, dark: bool
):
    page = opened(show, store, name, tab, dark=dark)
    expect(pad(page)).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    axe = Path(__file__).parents[2] / "widgets/node_modules/axe-core/axe.min.js"
    page.evaluate(axe.read_text())
    found = page.evaluate("axe.run('.zs-array, .zs-chunks').then((all) => all.violations)")
    serious = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []


class Flaky(WrapperStore[Store]):
    """Fails to read chunks while it is broken."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.broken = True

    @override
    async def get(self, key: str, *args: Any, **kwargs: Any) -> Buffer | None:
        if self.broken and "/c/" in key:
            raise BackendError(key, "the disk is on fire")
        return await self._store.get(key, *args, **kwargs)


class SlowListing(WrapperStore[Store]):
    """Lists a few keys, and then no more while it is held."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.held = True

    @override
    async def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        async for batch in self._store.scan(prefix):
            yield batch[: len(batch) // 2]
            if self.held:
                await asyncio.Event().wait()
            yield batch[len(batch) // 2 :]
