"""Views of evil stores, and a person who looks at all that they show."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.evil import NAMES, VALUES, evil_store, probe
from tests.widgets.front import Front, KernelError
from zstore import LoggingStore
from zstore.display import visible
from zstore.keys import is_key
from zstore.sync import run
from zstore_widgets import BufferInspector, CallMonitor, SizeMap, explore
from zstore_widgets.view import View

__all__ = [
    "VIEWS",
    "ask",
    "monitor_of_evil_calls",
    "outcome",
    "press_tabs",
    "select",
    "settle",
]

# Handlers and answers that are on their way run before the frame after the next.
SETTLED = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve));
}"""


def monitor_of_evil_calls() -> CallMonitor:
    """Return a monitor that was shown calls of every evil key."""
    log = LoggingStore(evil_store(), log_level="ERROR")
    monitor = CallMonitor(log)
    for name in NAMES:
        if is_key(name):
            run(log.get(name))
    return monitor


VIEWS: dict[str, Callable[[], View]] = {
    "StoreExplorer": lambda: explore(evil_store()),
    "SizeMap": lambda: SizeMap(evil_store()),
    "CallMonitor": monitor_of_evil_calls,
    "BufferInspector": lambda: BufferInspector(VALUES["v/page.html"]),
}


def settle(page: Page) -> None:
    """Wait until nothing is being loaded, and what was is drawn."""
    expect(page.locator(".zs-spinner")).to_have_count(0)
    page.evaluate(SETTLED)


def select(page: Page, view: Any, key: str) -> Locator:
    """Select a key or prefix; return the pane that says what it is."""
    view.reveal(key)
    pane = page.get_by_role("region", name="Details")
    last = visible(key.rstrip("/").rpartition("/")[2])
    expect(pane.get_by_role("heading").first).to_contain_text(last[:40])
    expect(pane.locator(".zs-spinner")).to_have_count(0)
    return pane


def press_tabs(page: Page, pane: Locator) -> None:
    """Look at all that there is about what is selected; nothing may happen."""
    for tab in pane.get_by_role("tab").all():
        tab.click()
        expect(pane.locator(".zs-spinner")).to_have_count(0)
        assert probe(page) == []


def outcome(front: Front, name: str, args: dict[str, Any]) -> object:
    """Return the result of a request or its error, which must be a sentence."""
    return run(ask(front, name, args))


async def ask(front: Front, name: str, args: dict[str, Any]) -> object:
    """Return the result of a request, or its error; on the loop of zstore.

    The browser has a loop of its own in the thread of the tests.
    """
    try:
        return (await front.call(name, **args)).result
    except KernelError as error:
        said = error
    assert said.kind != "BadRequestError", said
    assert "Traceback" not in said.message
    return said
