"""The Chromium of this machine, and pages of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.waiting import LONG

__all__ = ["NO_CHROMIUM", "chromium_path", "launched", "new_page"]

NO_CHROMIUM = (
    "Chromium is needed: `apt-get install chromium` on Debian and Ubuntu, or set "
    "ZSTORE_CHROMIUM to the path of Chromium or Chrome"
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """Return the Chromium of ZSTORE_CHROMIUM, or of the system; None if there is none."""
    named = os.environ.get("ZSTORE_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    return next((each for each in found if each), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Run a browser. Until its end no other event loop can run in this thread."""
    with sync_playwright() as playwright:
        launch = playwright.chromium.launch
        with closing(launch(executable_path=path, headless=True, args=FLAGS)) as browser:
            yield browser


def new_page(browser: Browser) -> Page:
    """Return a page with a clipboard, in a context of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(LONG * 1000)
    return page
