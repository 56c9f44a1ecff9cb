"""How long a page takes to draw what is asked of it, by its own clock."""

from typing import NamedTuple

from playwright.sync_api import Page

from tests.waiting import LONG

__all__ = ["Drawn", "click", "open_folder", "run_cell"]


class Drawn(NamedTuple):
    """Milliseconds to the frame that shows what was awaited.

    Attributes
    ----------
    since_start
        From when it was asked for.
    since_end
        From the end of what was asked for, such as of a cell.
    """

    since_start: float
    since_end: float


_DRAWN = """async ({ selector, text, name, limit }) => {
  const isThere = () => [...document.querySelectorAll(selector)]
    .some((each) => each.textContent.includes(text));
  if (isThere()) throw new Error(`${selector} was there before`);
  const drawn = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${selector} was not drawn in time`)), limit);
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      requestAnimationFrame(() => resolve(performance.now()));
    });
    const changes = { childList: true, attributes: true, characterData: true };
    observer.observe(document.body, { ...changes, subtree: true });
  });
  const start = performance.now();
  ACT
  const end = performance.now();
  const seen = await drawn;
  return [seen - start, seen - end];
}"""
_RUN = 'await window.jupyterapp.commands.execute("notebook:run-cell");'
_CLICK = "document.querySelector(name).click();"
_OPEN = """
  const tree = document.querySelector(".zs [role=tree]");
  const rows = [...tree.querySelectorAll("[role=treeitem]")];
  const row = rows.find((each) => each.textContent.includes(name));
  row.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  tree.focus();
  tree.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));"""


def run_cell(page: Page, selector: str, text: str) -> Drawn:
    """Run the active cell, until an element says the text."""
    return _draw(page, _RUN, selector, text)


def click(page: Page, name: str, text: str) -> Drawn:
    """Click on what a selector names, until it says the text."""
    return _draw(page, _CLICK, name, text, name)


def open_folder(page: Page, name: str, children: int) -> Drawn:
    """Open a folder of the first level of the explorer, until all children are known."""
    row = f".zs [role=treeitem][aria-level='2'][aria-setsize='{children}']"
    return _draw(page, _OPEN, row, "", name)


def _draw(page: Page, act: str, selector: str, text: str, name: str = "") -> Drawn:
    asked = {"selector": selector, "text": text, "name": name, "limit": LONG * 1000}
    return Drawn(*page.evaluate(_DRAWN.replace("ACT", act), asked))
