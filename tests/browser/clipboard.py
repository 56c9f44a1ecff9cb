"""What a page has copied."""

from playwright.sync_api import Page

__all__ = ["expect_copied"]

_IS_COPIED = "async (text) => (await navigator.clipboard.readText()) === text"


def expect_copied(page: Page, text: str) -> None:
    """Wait until the clipboard holds this; what says so may be of the copy before."""
    page.wait_for_function(_IS_COPIED, arg=text, polling=50)
