import re
from collections.abc import AsyncGenerator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_faults
from tests.browser.conftest import Show
from tests.browser.host import Host
from tests.browser.test_buffer_inspector import waves
from tests.browser.test_device_states import bar
from tests.gpu.simulation import Simulation
from tests.widgets.listings import Gate
from tests.widgets.recorded_device import (
    READY,
    SLABS,
    replayed,
)
from zstore import GpuMemoryStore, MemoryStore
from zstore.buffer import Buffer, cpu
from zstore.inspection import MemoryMap, Statistics, statistics
from zstore.sync import run
from zstore_widgets import BufferInspector


def ocean() -> MemoryStore:
    """Return a store of tiles of falling size, and of many small documents."""
    store = MemoryStore()
    run(store.set("ocean/temp/c/0/0", waves(50_000).tobytes()))
    for at in range(1, 12):
        run(store.set(f"ocean/temp/c/0/{at}", waves(30_000 // at).tobytes()))
    for at in range(150):
        run(store.set(f"ocean/doc/{at:03}.json", b'{"number": %d}' % at))
    return store


@pytest.mark.parametrize(("width", "dark"), [(1000, False), (320, True)])
def test_the_memory_of_a_store_is_drawn_and_its_values_shown(
    show: Show, host: Host, screenshot, width: int, dark: bool
):
    page = show(BufferInspector(ocean(), dtype="float32"), width=width, dark=dark)
    expect(bar(page)).to_contain_text("cpu")
    figures = page.locator("[aria-label='The memory of the store']")
    expect(figures).to_contain_text("162")
    strip = page.get_by_role("listbox", name=re.compile("162 values with memory"))
    expect(strip.get_by_role("option").first).to_have_attribute(
        "aria-label", re.compile(r"^ocean/temp/c/0/0, 195 KiB")
    )
    rows = page.get_by_role("listbox", name="Values in memory")
    expect(rows.get_by_role("option")).to_have_count(100)
    rows.get_by_role("option").first.click()
    chosen = page.get_by_role("region", name="The chosen value")
    expect(chosen).to_contain_text("50,000 values counted")
    expect(chosen).to_contain_text("host memory")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"buffer-store-{width}")
    assert host.largest <= 256 * 1024


def test_a_map_is_walked_by_keys_and_a_cell_opened(show: Show):
    page = show(BufferInspector(ocean()))
    strip = page.get_by_role("listbox", name=re.compile("162 values with memory"))
    strip.focus()
    expect(page.get_by_text(re.compile(r"^ocean/temp/c/0/0, 195 KiB"))).to_be_visible()
    strip.press("ArrowRight")
    strip.press("Enter")
    chosen = page.get_by_role("region", name="The chosen value")
    expect(chosen.get_by_text("ocean/temp/c/0/1", exact=True)).to_be_visible()
    strip.press("End")
    strip.press("Enter")
    rows = page.get_by_role("listbox", name="Values in memory")
    expect(rows.get_by_role("option").last).to_contain_text("ocean/doc/")
    rows.focus()
    rows.press("End")
    rows.press("Enter")
    expect(chosen.get_by_text(re.compile(r"^ocean/doc/\d+\.json$"))).to_be_visible()


def test_a_value_is_found_by_its_key_and_one_that_is_none_is_told(show: Show):
    page = show(BufferInspector(ocean()))
    field = page.get_by_label("Key", exact=True)
    field.fill("ocean/doc/007.json")
    field.press("Enter")
    chosen = page.get_by_role("region", name="The chosen value")
    expect(chosen).to_contain_text("13 values counted")
    field.fill("ocean/none")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("ocean/none")


def test_what_was_written_since_is_drawn_again(show: Show):
    store = MemoryStore()
    page = show(BufferInspector(store))
    expect(page.get_by_text("The store holds no values")).to_be_visible()
    run(store.set("a", bytes(100)))
    page.get_by_role("button", name="Draw again").click()
    expect(page.get_by_role("listbox", name="Values in memory")).to_contain_text("100 B")


def test_recorded_slabs_are_drawn_with_their_dead_bytes(
    show: Show, monkeypatch: pytest.MonkeyPatch, screenshot
):
    async def recorded(_store: object, *, max_regions: int) -> MemoryMap:  # noqa: ARG001 -- as the real one
        return SLABS

    monkeypatch.setattr("zstore_widgets.buffers.memory.memory_map", recorded)
    replayed(monkeypatch, READY, in_use=True)
    for width, dark in ((1000, False), (320, True)):
        page = show(BufferInspector(GpuMemoryStore()), width=width, dark=dark)
        tiles = page.get_by_role("listbox", name=re.compile(r"Slab of 64 MiB, 48 values"))
        tiles.focus()
        for _ in range(40):
            before = tiles.get_attribute("aria-activedescendant") or ""
            tiles.press("ArrowRight")
            expect(tiles).not_to_have_attribute("aria-activedescendant", before)
            if page.get_by_text("that no value uses").count():
                break
        expect(page.get_by_text(re.compile("^16 MiB that no value uses"))).to_be_visible()
        expect(bar(page)).to_contain_text("used 18 GiB")
        expect(bar(page)).to_contain_text("free 79 GiB")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshot(page, f"buffer-slabs-{width}")


def test_of_many_pieces_the_largest_are_drawn_and_the_others_counted(show: Show):
    wholes = [cpu.Buffer.from_bytes(bytes(1000 * at)) for at in range(1, 13)]
    parts: dict[str, Buffer] = {
        f"{at}/{half}": each[half : half + 9]
        for at, each in enumerate(wholes)
        for half in (0, 99)
    }
    page = show(BufferInspector(MemoryStore(parts)))
    strips = page.get_by_role("group", name="Map of the memory").get_by_role("listbox")
    expect(strips).to_have_count(9)
    expect(strips.first).to_have_attribute("aria-label", re.compile("11.7 KiB, 2 values"))
    expect(page.get_by_text("and 3 more regions with 6 values, 5.86 KiB")).to_be_visible()


def test_simulation_a_value_of_a_device_is_looked_at_where_it_is(
    show: Show,
    simulation: Simulation,  # noqa: ARG001 -- is there
    screenshot,
):
    store = GpuMemoryStore()
    small = [(f"doc/{at:03}", bytes([at]) * 2000) for at in range(100)]
    run(store.set_many([*small, ("tile", waves().tobytes())]))
    for at in range(30, 60):
        run(store.delete(f"doc/{at:03}"))
    for width, dark in ((1000, True), (320, False)):
        page = show(BufferInspector(store, dtype="float32"), width=width, dark=dark)
        expect(bar(page)).to_contain_text("not a GPU")
        expect(bar(page)).to_contain_text("held free")
        slab = page.get_by_role("listbox", name=re.compile("Slab of"))
        expect(slab).to_be_visible()
        field = page.get_by_label("Key", exact=True)
        field.fill("tile")
        field.press("Enter")
        chosen = page.get_by_role("region", name="The chosen value")
        expect(chosen).to_contain_text("cuda:0, device memory")
        expect(chosen).to_contain_text(
            re.compile("200,000 values counted on the device in .+ came to the host")
        )
        expect(chosen.get_by_role("row", name="not a number")).to_contain_text("200")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshot(page, f"buffer-simulation-{width}")


def test_simulation_the_first_count_says_that_kernels_are_compiled(
    show: Show, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
):
    gate = Gate()

    async def slow(buffer: Buffer, dtype: str) -> AsyncGenerator[Statistics, None]:
        await gate.wait()
        async for step in statistics(buffer, dtype):
            yield step

    store = GpuMemoryStore()
    run(store.set("a", bytes(1000)))
    monkeypatch.setattr("zstore_widgets.buffers.values.statistics", slow)
    page = show(BufferInspector(store.store_dict["a"]))
    compiles = page.get_by_text("the first count on a device compiles its kernels")
    expect(compiles).to_be_visible()
    gate.let(1)
    expect(page.get_by_text("1,000 values counted")).to_be_visible()
    page.get_by_label("Seen as").select_option("int8")
    expect(page.get_by_text("Counting …", exact=True)).to_be_visible()
    expect(compiles).to_have_count(0)
    gate.let(1)
    expect(page.get_by_text("1,000 values counted")).to_be_visible()
    assert simulation.counts.downloaded_nbytes < 10_000


@pytest.mark.parametrize("dark", [False, True])
def test_a_map_and_a_chosen_value_have_no_serious_fault_of_accessibility(
    show: Show, dark: bool
):
    page = show(BufferInspector(ocean()), dark=dark)
    page.get_by_role("listbox", name="Values in memory").get_by_role("option").first.click()
    expect(page.get_by_text("200,000 values counted")).to_be_visible()
    assert serious_faults(page) == []
