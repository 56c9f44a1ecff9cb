"""The explorer of the demo store in a notebook."""

from playwright.sync_api import Locator, Page

__all__ = ["DEMO", "row"]

DEMO = """
from zstore.demo import demo_store
from zstore.sync import run
from zstore_widgets import explore
store = run(demo_store())"""


def row(shown: Page | Locator, name: str) -> Locator:
    """Return the row of a name that is shown in the tree of a page or view."""
    names = shown.page if isinstance(shown, Locator) else shown
    tree = shown.get_by_role("tree", name="Keys of the store")
    return tree.get_by_role("treeitem").filter(
        has=names.locator(".zs-name").get_by_text(name, exact=True)
    )
