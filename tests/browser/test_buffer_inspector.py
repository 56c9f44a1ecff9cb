import re

import numpy as np
from playwright.sync_api import expect

from tests.browser.conftest import Show
from zstore.buffer import cpu
from zstore_widgets import BufferInspector


def waves(count: int = 200_000) -> np.ndarray:
    noise = np.random.default_rng(7).normal(scale=0.2, size=count)
    values = (np.sin(np.linspace(0, 60, count)) + noise).astype("f4")
    values[::1000] = np.nan
    return values


def test_an_array_is_shown_with_its_statistics(show: Show, screenshot):
    page = show(BufferInspector(waves()))
    expect(page.get_by_text("200,000 values counted", exact=True)).to_be_visible()
    summary = page.get_by_role("table", name="Statistics")
    expect(summary.get_by_role("row", name="not a number")).to_contain_text("200")
    expect(page.get_by_role("img", name=re.compile("Histogram of 200,000"))).to_be_visible()
    expect(page.get_by_label("Seen as")).to_have_value("float32")
    screenshot(page, "buffer-values-light")


def test_bytes_are_read_where_the_view_is(show: Show, screenshot):
    content = np.arange(10_000_000, dtype="<u4")
    page = show(BufferInspector(content), dark=True)
    page.get_by_role("tab", name="Bytes").click()
    region = page.get_by_role("region", name="Bytes of the buffer")
    expect(region).to_contain_text("00000000  ".strip())
    expect(region).to_contain_text("01 00 00 00")
    page.get_by_label("Go to offset").fill("=39999984")
    page.get_by_label("Go to offset").press("Enter")
    # The last four values: 9,999,996 to 9,999,999.
    expect(region).to_contain_text("7c 96 98 00 7d 96 98 00  7e 96 98 00 7f 96 98 00")
    screenshot(page, "buffer-bytes-dark")


def test_another_type_is_another_view(show: Show):
    page = show(BufferInspector(np.array([1, 256], ">u2").tobytes()))
    expect(page.get_by_text("4 values counted")).to_be_visible()
    page.get_by_label("Seen as").select_option("uint16")
    expect(page.get_by_text("2 values counted")).to_be_visible()
    page.get_by_label("big-endian").check()
    values = page.get_by_role("region", name="Values of the buffer")
    expect(values.get_by_role("cell")).to_have_text(["1", "256"])


def test_a_part_of_a_buffer_says_of_what(show: Show, screenshot):
    part = cpu.Buffer.from_bytes(bytes(range(256)) * 40)[5120:7680]
    page = show(BufferInspector(part), width=420)
    expect(page.get_by_text("a view of bytes")).to_be_visible()
    expect(page.get_by_text("at byte 5,120")).to_be_visible()
    screenshot(page, "buffer-view-narrow")


def test_an_empty_buffer_has_no_values(show: Show, screenshot):
    page = show(BufferInspector(b""))
    expect(page.get_by_text("There is no value of this type")).to_be_visible()
    expect(page.get_by_text("0 values counted")).to_be_visible()
    screenshot(page, "buffer-empty")


def test_counting_can_be_stopped_and_taken_up(show: Show, monkeypatch):
    monkeypatch.setattr("zstore.inspection.counting.WINDOW_NBYTES", 64)
    page = show(BufferInspector(bytes(2_000_000)))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("the figures are of these")).to_be_visible()
    monkeypatch.setattr("zstore.inspection.counting.WINDOW_NBYTES", 2**24)
    page.get_by_role("button", name="Count all").click()
    expect(page.get_by_text("2,000,000 values counted")).to_be_visible()
