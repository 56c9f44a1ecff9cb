import asyncio
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious_faults
from tests.browser.conftest import Show
from tests.waiting import wait_until
from tests.widgets.recorded_device import (
    BROKEN,
    NO_CUPY,
    NO_DEVICE,
    POOL,
    READY,
    SLABS,
    replayed,
)
from zstore import GpuMemoryStore
from zstore.gpu import GpuStatus
from zstore.inspection import DeviceInfo, MemoryMap, PoolInfo
from zstore_widgets import BufferInspector


def bar(page: Page):
    return page.get_by_role("group", name="Device")


@pytest.mark.parametrize(
    "status", [NO_CUPY, NO_DEVICE, BROKEN], ids=lambda status: status.state
)
def test_a_recorded_state_without_a_gpu_says_why_and_what_to_do(
    status: GpuStatus, show: Show, monkeypatch: pytest.MonkeyPatch, screenshot
):
    replayed(monkeypatch, status)
    for width, dark in ((1000, False), (320, True)):
        page = show(BufferInspector(GpuMemoryStore()), width=width, dark=dark)
        expect(bar(page)).to_contain_text(status.state)
        expect(bar(page)).to_contain_text(status.reason)
        expect(bar(page)).to_contain_text(status.hint)
        expect(page.get_by_text("The store holds no values")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshot(page, f"buffer-{status.state.replace(' ', '-')}-{width}")


def test_looking_again_finds_the_recorded_gpu_that_is_there_now(
    show: Show, monkeypatch: pytest.MonkeyPatch, screenshot
):
    replayed(monkeypatch, NO_CUPY)
    page = show(BufferInspector(GpuMemoryStore()))
    expect(bar(page)).to_contain_text("no cupy")
    replayed(monkeypatch, READY)
    page.get_by_role("button", name="Look again").click()
    expect(bar(page)).to_contain_text("cuda:0 NVIDIA H200")
    expect(bar(page)).to_contain_text("uses no memory of it yet")
    expect(bar(page)).to_contain_text("two packages of CuPy")
    screenshot(page, "buffer-ready")


def test_drawing_again_finds_that_a_recorded_device_is_in_use_now(
    show: Show, monkeypatch: pytest.MonkeyPatch
):
    replayed(monkeypatch, READY)
    page = show(BufferInspector(GpuMemoryStore()))
    expect(bar(page)).to_contain_text("uses no memory of it yet")
    replayed(monkeypatch, READY, in_use=True)
    page.get_by_role("button", name="Draw again").click()
    expect(bar(page)).to_contain_text("used 18 GiB")


def test_a_recorded_device_that_starts_says_so(
    show: Show, monkeypatch: pytest.MonkeyPatch, screenshot
):
    async def slow(_number: int | None = None) -> DeviceInfo:
        await asyncio.sleep(60)
        raise AssertionError

    replayed(monkeypatch, READY, in_use=True)
    monkeypatch.setattr("zstore_widgets.buffers.device.device_info", slow)
    page = show(BufferInspector(GpuMemoryStore()))
    expect(bar(page)).to_contain_text("The first call to the device is under way")
    screenshot(page, "buffer-starting")


def test_recorded_figures_are_asked_for_once_a_second_while_they_are_seen(
    show: Show, monkeypatch: pytest.MonkeyPatch
):
    times: list[float] = []

    async def counted(_store: object = None) -> PoolInfo:
        times.append(time.monotonic())
        return POOL

    replayed(monkeypatch, READY, in_use=True)
    monkeypatch.setattr("zstore_widgets.buffers.device.pool_info", counted)
    start = time.monotonic()
    page = show(BufferInspector(GpuMemoryStore()))
    expect(bar(page)).to_contain_text("used 18 GiB")
    wait_until(lambda: len(times) >= 4)
    asked = len(times)
    assert asked <= time.monotonic() - start + 2
    page.evaluate("document.querySelector('main').style.marginTop = '5000px'")
    # Once it knows that it is not seen, nothing comes any more.
    wait_until(lambda: time.monotonic() - times[-1] > 4)
    before = len(times)
    page.evaluate("document.querySelector('main').style.marginTop = '0'")
    wait_until(lambda: len(times) > before + 1)


def test_no_state_with_recorded_answers_has_a_serious_fault_of_accessibility(
    show: Show, monkeypatch: pytest.MonkeyPatch
):
    async def recorded(_store: object, *, max_regions: int) -> MemoryMap:  # noqa: ARG001 -- as the real one
        return SLABS

    faults: list[str] = []
    for status, in_use in ((NO_CUPY, False), (BROKEN, False), (READY, True)):
        with monkeypatch.context() as patch:
            replayed(patch, status, in_use=in_use)
            if in_use:
                home = "zstore_widgets.buffers.memory"
                patch.setattr(f"{home}.memory_map", recorded)
            for dark in (False, True):
                page = show(BufferInspector(GpuMemoryStore()), dark=dark)
                expect(bar(page)).to_contain_text(status.state)
                expect(page.locator(".zs .zs-spinner")).to_have_count(0)
                if in_use:
                    expect(page.get_by_text("used 18 GiB")).to_be_visible()
                faults += serious_faults(page)
    assert faults == []
