"""The other views in a real JupyterLab: calls, chunk heat, sizes, buffers."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import RunNotebook, Screenshot
from tests.browser.lab import kernel_blocked, kernel_eval, kernel_start, use_theme

CALLS = """
import zarr
from zstore import LatencyStore, LoggingStore, MemoryStore, as_zarr
from zstore.sync import run
from zstore_widgets import BufferInspector, CallMonitor, SizeMap

inner = MemoryStore()
array = zarr.create_array(as_zarr(inner), name="t", shape=(8, 8), chunks=(2, 2), dtype="f4")
array[:] = 1
store = LoggingStore(inner, log_level="ERROR")
monitor = CallMonitor(store)
monitor"""
SLICE = """
seen = zarr.open_array(as_zarr(store), path="t", mode="r")
seen[:2, :4]
seen[:2, :2];"""
# Ends when the file is there.
READ = """
import asyncio, pathlib
for _ in range(4000):
    await store.get("t/zarr.json")
    await asyncio.sleep(0.05)
    if pathlib.Path({!r}).exists():
        break"""
# Figures that the line above the calls shows, until there are four.
COUNTS = """() => {
  window.counts ??= new Set();
  const lines = [...document.querySelectorAll(".zs [role=status]")];
  window.counts.add(lines.find((line) => line.textContent.includes("call"))?.textContent);
  return window.counts.size >= 4;
}"""
SIZES = """
from zstore import MemoryStore
from zstore_widgets import SizeMap

class Slow(MemoryStore):
    seconds = 0.2

    async def scan(self, prefix=""):
        import asyncio
        async for batch in super().scan(prefix):
            for at in range(0, len(batch), 50):
                yield batch[at : at + 50]
                await asyncio.sleep(Slow.seconds)
                while at == 500 and Slow.seconds:
                    await asyncio.sleep(Slow.seconds)

sizes = SizeMap(Slow({f"part {n % 20}/{n:05}": bytes(n) for n in range(2_000)}))
sizes"""


def calls_of(page: Page) -> Locator:
    """Return the line that counts the calls."""
    return page.locator(".zs").get_by_role("status").filter(has_text="call")


def test_counters_move_while_a_cell_runs(
    notebook: RunNotebook, screenshot: Screenshot, tmp_path: Path
):
    page = notebook(CALLS)
    page.locator(".zs[data-ready=true]").wait_for()
    gate = tmp_path / "gate"
    kernel_start(page, READ.format(str(gate)))
    page.wait_for_function(COUNTS, polling=50)
    page.get_by_role("button", name="Pause").click()
    expect(calls_of(page)).to_contain_text("still recorded")
    # The cell reads on, and the figures that were read stay.
    read = page.locator(".zs dt:text-is('read') + dd")
    paused = read.inner_text()
    page.wait_for_timeout(500)
    assert read.inner_text() == paused
    screenshot(page, "lab-calls-light")
    gate.touch()


def test_counters_move_while_a_cell_blocks(notebook: RunNotebook, tmp_path: Path):
    page = notebook(CALLS)
    page.locator(".zs[data-ready=true]").wait_for()
    before = calls_of(page).inner_text()
    read = "import threading\nthreading.Timer(0.5, run, [store.get('t/zarr.json')]).start()"
    kernel_eval(page, read)
    with kernel_blocked(page, tmp_path / "gate"):
        expect(calls_of(page)).not_to_have_text(before)


def test_a_slice_heats_its_chunks(notebook: RunNotebook, screenshot: Screenshot):
    page = notebook(CALLS, SLICE)
    view = page.locator(".zs")
    view.get_by_role("tab", name="Chunks").click()
    panel = view.get_by_role("tabpanel")
    expect(panel).to_contain_text("2 chunks read, 1 of them twice")
    screenshot(page, "lab-chunk-heat-light")
    use_theme(page, "JupyterLab Dark")
    screenshot(page, "lab-chunk-heat-dark")


def test_calls_are_exported(notebook: RunNotebook, tmp_path: Path):
    page = notebook(CALLS, "run(store.get('=1+1'))\nrun(store.get('t/zarr.json'))\nNone")
    expect(calls_of(page)).to_contain_text("2 calls")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    path = tmp_path / "calls.csv"
    download.value.save_as(path)
    rows = path.read_text()
    assert "t/zarr.json" in rows
    assert "'=1+1" in rows
    assert ",=1+1" not in rows


def test_a_scan_is_stopped_and_goes_on(notebook: RunNotebook, screenshot: Screenshot):
    page = notebook(SIZES)
    stop = page.get_by_role("button", name=re.compile("^Stop"))
    expect(page.locator(".zs")).to_contain_text(re.compile("[1-9]\\d* keys"))
    stop.click()
    resume = page.get_by_role("button", name=re.compile("^(Resume|Go on|Continue)"))
    expect(resume).to_be_visible()
    expect(page.locator(".zs")).to_contain_text("≥")
    stopped = int(kernel_eval(page, "print(sizes.usage.nkeys)"))
    assert 0 < stopped < 2_000
    screenshot(page, "lab-sizes-stopped-light")
    kernel_eval(page, "Slow.seconds = 0")
    resume.click()
    expect(page.locator(".zs")).to_contain_text("2,000 keys")
    assert kernel_eval(page, "print(sizes.usage.nkeys)") == "2000"
    use_theme(page, "JupyterLab Dark")
    screenshot(page, "lab-sizes-dark")


def test_a_buffer_is_looked_into(notebook: RunNotebook, screenshot: Screenshot):
    cells = "import numpy as np", "from zstore_widgets import BufferInspector"
    page = notebook(*cells, "BufferInspector(np.arange(1000, dtype='f4'))")
    expect(page.locator(".zs")).to_contain_text("cpu")
    expect(page.locator(".zs")).to_contain_text("float32")
    expect(page.locator(".zs .zs-spinner")).to_have_count(0)
    screenshot(page, "lab-buffer-light")
    use_theme(page, "JupyterLab Dark")
    screenshot(page, "lab-buffer-dark")
