"""The details pane in a browser, beside the tree of a real explorer."""

import io
import json
import os
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from playwright.sync_api import Locator, Page, expect

from tests.browser.clipboard import expect_copied
from tests.browser.conftest import Screenshot, Show
from tests.browser.evil import VALUES, evil_store
from tests.browser.host import Host
from tests.fakes import DictStore
from zstore import LocalStore, MemoryStore, as_zarr, sync
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import AccessDeniedError
from zstore.ranges import ByteRequest, RangeByteRequest
from zstore_widgets import StoreExplorer, explore

pytestmark = pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")

MAX_NODES = 2_000
TIMES = "\N{MULTIPLICATION SIGN}"
ODD = 'it\'s \u202e"odd".txt'

Select = Callable[[str], Locator]


def png(width: int, height: int) -> bytes:
    """Return a picture of a colour gradient."""
    y, x = np.mgrid[:height, :width]
    colours = np.stack([x * 255 // width, y * 255 // height, np.full_like(x, 128)], axis=2)
    rows = np.pad(colours.reshape(height, -1), ((0, 0), (1, 0))).astype("u1").tobytes()

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    picture = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + picture + chunk(b"IEND", b"")


def filled() -> DictStore:
    """A store with arrays of several kinds, and a value of each kind."""
    array = io.BytesIO()
    np.save(array, np.arange(12.0).reshape(3, 4))
    document = {
        "name": "x\u202e<b>bold</b>",
        "list": list(range(50)),
        "shape": [24, 90, 180],
        "deep": {"a": {"b": {"text": "long " * 100, "yes": True, "nothing": None}}},
        "small": 1.5e-7,
    }
    values = {
        "document.json": json.dumps(document).encode(),
        "wide.json": json.dumps({f"k{at}": at for at in range(15_000)}).encode(),
        "broken.json": b'{"a": 1,\n "b": }',
        "README.md": "# Größe\n\n\tindented\n\x1b[31mred\x1b[0m\n".encode(),
        "long.txt": b"".join(b"line %d of a long text\n" % at for at in range(9_000)),
        "picture.png": png(320, 200),
        "page.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.ran = 1'/>",
        "numbers.npy": array.getvalue(),
        "random.bin": np.random.default_rng(1).bytes(1_000_000),
        "empty": b"",
        ODD: b"odd",
    }
    store = MemoryStore()
    group = zarr.create_group(
        as_zarr(store), path="ocean", attributes={"title": "A model run", "levels": [1, 2]}
    )
    temp = group.create_array(
        "temp",
        shape=(24, 90, 180),
        chunks=(12, 45, 60),
        dtype="f4",
        fill_value=np.nan,
        dimension_names=("time", "lat", "lon"),
        attributes={
            "units": "K",
            "long_name": "sea surface temperature",
            "grid": {"lat": {"first": -89, "step": 2}, "lon": {"first": 0, "step": 2}},
        },
    )
    temp[:12] = np.linspace(270, 300, 12 * 90 * 180).reshape(12, 90, 180)
    salt = group.create_array(
        "salt", shape=(100, 100), chunks=(10, 10), shards=(50, 50), dtype="i2"
    )
    salt[:50] = 35
    with ThreadPoolExecutor(1) as pool:  # Playwright has a loop running in this thread
        keys = pool.submit(lambda: list(sync.SyncStore(store).list())).result()
        for key in keys:
            values[key] = pool.submit(sync.SyncStore(store).get_bytes, key).result()
    return DictStore(values)


def opened(page: Page, widget: StoreExplorer, key: str) -> Locator:
    """Select a key as a person does, and return the pane."""
    expect(page.locator(".zs[data-ready=true]")).to_have_count(1)
    widget.reveal(key)
    pane = page.get_by_role("region", name="Details")
    if page.viewport_size is not None and page.viewport_size["width"] < 600:
        page.get_by_role("tab", name="Details", exact=True).click()
    name = key.removesuffix("/").rpartition("/")[2]
    shown = name.replace("\u202e", "\\u202e") or "/"
    expect(pane.locator(".zs-details-title .zs-name")).to_have_text(shown)
    return pane


def fact(pane: Locator, name: str) -> Locator:
    return (
        pane.locator(".zs-fact")
        .filter(has=pane.page.get_by_text(name, exact=True))
        .locator("dd")
    )


def tab(pane: Locator, name: str) -> None:
    pane.get_by_role("tab", name=name, exact=True).click()


def test_an_array_is_described_as_people_read_it(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget, width=1100)
    pane = opened(page, widget, "ocean/temp/")
    expect(fact(pane, "shape")).to_have_text(f"24 time {TIMES} 90 lat {TIMES} 180 lon")
    expect(fact(pane, "dtype")).to_contain_text("float32")
    expect(fact(pane, "chunks")).to_contain_text(f"12 {TIMES} 45 {TIMES} 60")
    expect(fact(pane, "fill value")).to_have_text("NaN")
    expect(fact(pane, "present")).to_contain_text("6 of 12 (50%)")
    expect(fact(pane, "stored")).to_contain_text("smaller than uncompressed")
    expect(pane.get_by_role("tree", name="Attributes")).to_contain_text('units"K"')
    screenshot(page, "details-array")


def test_shards_are_told_from_chunks(show: Show):
    widget = explore(filled())
    pane = opened(show(widget), widget, "ocean/salt/")
    expect(fact(pane, "chunks")).to_contain_text(f"10 {TIMES} 10")
    expect(fact(pane, "shards")).to_have_text(f"50 {TIMES} 50")
    expect(fact(pane, "shards present")).to_contain_text("2 of 4")


def test_what_a_folder_holds_is_counted_when_asked(show: Show):
    widget = explore(filled())
    pane = opened(show(widget), widget, "ocean/temp/c/")
    expect(pane.get_by_text("A plain folder")).to_be_visible()
    pane.get_by_role("button", name="Add up").click()
    expect(fact(pane, "keys")).to_have_text("6")


def test_a_metadata_document_opens_below_the_facts(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget, width=1100)
    pane = opened(page, widget, "ocean/")
    pane.get_by_role("button", name="zarr.json").click()
    expect(pane.get_by_role("tree", name="zarr.json")).to_contain_text('node_type"group"')
    screenshot(page, "details-group")
    pane.get_by_role("button", name="Show in the tree").click()
    expect(pane.locator(".zs-details-title .zs-name")).to_have_text("zarr.json")


def test_json_folds_by_mouse_and_keys(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget, width=1100)
    pane = opened(page, widget, "document.json")
    tree = pane.get_by_role("tree", name="JSON")
    expect(tree).to_contain_text('name"x\\u202e<b>bold</b>"')
    expect(tree).to_contain_text("shape[24, 90, 180]")
    rows = tree.get_by_role("treeitem")
    before = rows.count()
    screenshot(page, "details-json")
    tree.get_by_role("treeitem").filter(has_text="list").click()
    expect(tree.get_by_role("treeitem", expanded=True).first).to_contain_text("list")
    tree.focus()
    page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(before)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    selected = tree.get_by_role("treeitem", selected=True)
    expect(selected).to_have_text("00")
    page.keyboard.press("End")
    expect(selected).to_contain_text("small1.5e-07")
    page.keyboard.press("Home")
    expect(selected).to_contain_text("name")


def test_a_long_json_is_read_on_demand(show: Show):
    widget = explore(filled())
    page = show(widget)
    pane = opened(page, widget, "wide.json")
    expect(pane.get_by_text("The first 64 KiB of")).to_be_visible()
    pane.get_by_role("button", name="Read all").click()
    expect(pane.get_by_text("The first 64 KiB of")).to_have_count(0)
    pane.get_by_role("tree", name="JSON").focus()
    page.keyboard.press("End")
    expect(pane.get_by_role("treeitem", selected=True)).to_have_text("k1499914999")
    assert page.locator(".zs *").count() < MAX_NODES


def test_json_with_a_mistake_is_text_and_says_where(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget)
    pane = opened(page, widget, "broken.json")
    expect(pane.get_by_role("button", name="Text")).to_have_attribute(
        "aria-pressed", "true"
    )
    pane.get_by_role("button", name="JSON").click()
    expect(
        pane.get_by_text("This is no JSON from line 2 on: a value is missing.")
    ).to_be_visible()
    screenshot(page, "details-json-mistake")
    pane.get_by_role("button", name="Auto").click()
    expect(pane.get_by_role("region", name="Text")).to_be_visible()


def test_text_shows_its_lines_and_what_would_act(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget, width=1100)
    pane = opened(page, widget, "README.md")
    expect(pane.get_by_text("Text, UTF-8 · 34 B")).to_be_visible()
    text = pane.locator(".zs-lines-text")
    expect(text).to_have_text("# Größe\n\n\tindented\n\\x1b[31mred\\x1b[0m")
    expect(pane.locator(".zs-lines-numbers")).to_have_text("1\n2\n3\n4")
    screenshot(page, "details-text")


def test_a_long_text_is_read_part_by_part(show: Show):
    widget = explore(filled())
    pane = opened(show(widget), widget, "long.txt")
    lines = pane.locator(".zs-lines-text")
    expect(lines).to_contain_text("line 0 of")
    expect(pane.get_by_role("button", name="Previous")).to_be_disabled()
    pane.get_by_role("button", name="Next").click()
    expect(pane.get_by_text("bytes 65,536 to 131,072 of")).to_be_visible()
    number = pane.locator(".zs-lines-numbers").inner_text().split("\n")[1]
    assert lines.inner_text().split("\n")[1] == f"line {int(number) - 1} of a long text"
    pane.get_by_role("button", name="Next").click()
    pane.get_by_role("button", name="Next").click()
    expect(lines).to_contain_text("line 8999 of")
    expect(pane.get_by_role("button", name="Next")).to_be_disabled()
    for _ in range(3):
        pane.get_by_role("button", name="Previous").click()
    expect(lines).to_contain_text("line 0 of")


def test_a_picture_is_shown(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget, width=1100)
    pane = opened(page, widget, "picture.png")
    picture = pane.get_by_role("img", name="Content of picture.png")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('.zs-details-image img').complete")
    assert picture.evaluate("each => [each.naturalWidth, each.naturalHeight]") == [320, 200]
    assert (picture.get_attribute("src") or "").startswith("data:image/png;base64,")
    screenshot(page, "details-image")
    pane.get_by_role("button", name="Hex").click()
    expect(pane.get_by_role("region", name="Bytes of the value")).to_contain_text(
        "89 50 4e 47"
    )


def test_svg_is_text(show: Show):
    widget = explore(filled())
    page = show(widget)
    pane = opened(page, widget, "page.svg")
    expect(pane.locator(".zs-lines-text")).to_contain_text("<svg xmlns=")
    assert page.evaluate("window.ran") is None


def test_bytes_and_the_header_of_an_array_file_are_shown(
    show: Show, screenshot: Screenshot
):
    widget = explore(filled())
    page = show(widget, width=1100)
    pane = opened(page, widget, "numbers.npy")
    expect(pane.get_by_text("NumPy array (.npy)")).to_be_visible()
    expect(pane.get_by_text("'shape': (3, 4)")).to_be_visible()
    opened(page, widget, "random.bin")
    expect(pane.get_by_role("region", name="Bytes of the value")).to_contain_text(
        "00000010"
    )
    screenshot(page, "details-hex")


class VastStore(DictStore):
    """Has a value of ten gigabytes that is made where it is read."""

    nbytes = 10_000_000_000

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        assert isinstance(request, RangeByteRequest)
        length = min(request.end, self.nbytes) - request.start
        return await DictStore({key: b"\xaa" * length})._read(key, None)

    @override
    async def _size(self, key: str) -> int | None:
        return self.nbytes


def test_a_value_of_ten_gigabytes_opens_at_once(show: Show, host: Host):
    widget = explore(VastStore({"vast": b""}))
    page = show(widget)
    pane = opened(page, widget, "vast")
    rows = pane.get_by_role("region", name="Bytes of the value")
    expect(rows).to_contain_text("aa aa aa")
    expect(pane.get_by_text("Bytes · 9.31 GiB")).to_be_visible()
    pane.get_by_label("Go to offset").fill("=9999999999")
    pane.get_by_label("Go to offset").press("Enter")
    expect(rows).to_contain_text("2540be3f0")
    assert host.largest <= 256 * 1024
    assert page.locator(".zs *").count() < MAX_NODES


def test_empty_and_missing_values_are_no_errors(show: Show, screenshot: Screenshot):
    store = filled()
    widget = explore(store)
    page = show(widget)
    pane = opened(page, widget, "empty")
    expect(pane.get_by_text("The value is empty")).to_be_visible()
    opened(page, widget, "README.md")
    del store.values["random.bin"]
    opened(page, widget, "random.bin")
    expect(pane.get_by_text("No such key")).to_be_visible()
    expect(pane.get_by_role("alert")).to_have_count(0)
    screenshot(page, "details-missing")


def test_a_failure_is_a_sentence_with_a_way_out(show: Show, screenshot: Screenshot):
    class ShutStore(DictStore):
        is_shut = True

        @override
        async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
            if self.is_shut and key == "README.md":
                raise AccessDeniedError(key, "403 Forbidden")
            return await super()._read(key, request)

    store = ShutStore(filled().values)
    widget = explore(store)
    page = show(widget)
    pane = opened(page, widget, "README.md")
    expect(pane.get_by_role("alert")).to_contain_text("403 Forbidden")
    screenshot(page, "details-error")
    store.is_shut = False
    pane.get_by_role("button", name="Retry").click()
    expect(pane.locator(".zs-lines-text")).to_contain_text("# Größe")


def test_the_code_is_copied_exactly(show: Show, screenshot: Screenshot):
    widget = explore(filled())
    page = show(widget, width=1100)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pane = opened(page, widget, ODD)
    tab(pane, "Code")
    pane.get_by_role("button", name="Copy: Read the value").click()
    expect(pane.get_by_text("Copied")).to_be_visible()
    expect_copied(page, f"value = await store.get_bytes({ODD!r})")
    screenshot(page, "details-code")
    tab(pane, "Info")
    pane.get_by_role("button", name="Copy the key").click()
    expect(pane.get_by_text("Copied")).to_be_visible()
    expect_copied(page, ODD)


def test_a_key_says_when_it_was_written(show: Show, tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(b"text")
    os.utime(tmp_path / "a.txt", (1_700_000_000, 1_700_000_000))
    widget = explore(LocalStore(tmp_path))
    pane = opened(show(widget), widget, "a.txt")
    tab(pane, "Info")
    expect(fact(pane, "modified")).to_contain_text("Nov 14, 2023")
    expect(fact(pane, "size")).to_have_text("4 B")


def test_the_tab_that_was_chosen_stays_for_the_next_key(show: Show):
    widget = explore(filled())
    page = show(widget)
    pane = opened(page, widget, "README.md")
    tab(pane, "Info")
    opened(page, widget, "long.txt")
    expect(fact(pane, "kind")).to_have_text("Text, UTF-8")
    opened(page, widget, "ocean/")
    tab(pane, "Code")
    opened(page, widget, "ocean/temp/")
    expect(
        pane.get_by_text("zarr.open_array(as_zarr(store), path='ocean/temp'")
    ).to_be_visible()


def test_no_value_runs_or_floods_the_page(show: Show, host: Host):
    widget = explore(evil_store())
    page = show(widget)
    for key in VALUES:
        pane = opened(page, widget, key)
        panel = pane.get_by_role("tabpanel")
        expect(panel.locator(".zs-details-waiting")).to_have_count(0)
        expect(panel).not_to_be_empty()
        for form in pane.locator(".zs-segments button").all():
            form.click()
            expect(panel.locator(".zs-details-waiting")).to_have_count(0)
        assert page.evaluate("window.ran") is None
        assert page.locator(".zs *").count() < MAX_NODES
    assert host.largest <= 256 * 1024


@pytest.mark.parametrize(("width", "dark"), [(1100, True), (400, False), (400, True)])
def test_the_pane_is_legible_in_dark_and_narrow_cells(
    show: Show, screenshot: Screenshot, width: int, *, dark: bool
):
    widget: Any = explore(filled(), height=640)
    page = show(widget, width=width, dark=dark)
    name = f"details-{width}-{'dark' if dark else 'light'}"
    pane = opened(page, widget, "ocean/temp/")
    expect(fact(pane, "present")).to_contain_text("6 of 12")
    screenshot(page, f"{name}-array")
    for key in ("document.json", "random.bin"):
        opened(page, widget, key)
        expect(pane.locator(".zs-details-body")).to_be_visible()
        page.wait_for_timeout(200)
        screenshot(page, f"{name}-{key}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
