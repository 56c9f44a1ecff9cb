from playwright.sync_api import expect

from tests.browser.conftest import Show
from zstore_widgets import BufferInspector


def test_the_frame_greets_the_kernel(show: Show):
    page = show(BufferInspector(b"bytes"))
    expect(page.locator(".zs[data-ready=true]")).to_have_count(1)
