"""The explorer: a tree of any store, and what lies in it."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import traitlets

from zstore import StoreLike
from zstore._compat import override
from zstore.display import Outline, outline, outline_html, outline_text, sentence
from zstore.display.levels import Deadline
from zstore.errors import CallTimeoutError, StoreClosedError
from zstore.keys import check_prefix
from zstore.sync import run
from zstore_widgets.arrays.requests import Arrays
from zstore_widgets.channel import Job, request
from zstore_widgets.details.requests import Details
from zstore_widgets.explorer.downloads import Downloads
from zstore_widgets.explorer.edits import Edits
from zstore_widgets.explorer.levels import Levels
from zstore_widgets.explorer.nodes import Nodes
from zstore_widgets.explorer.searches import Searches
from zstore_widgets.explorer.sizing import Sizing
from zstore_widgets.root import Root
from zstore_widgets.sizes.snapshot import SizeSnapshot
from zstore_widgets.unattended import Bundle
from zstore_widgets.view import View, front_end

__all__ = ["StoreExplorer", "explore"]

_STILL_SECONDS: Final = 1.0
_STILL_ROWS: Final = 20


class StoreExplorer(View):
    """A tree of a store on the left, and what is selected in it on the right.

    Parameters
    ----------
    root
        What is shown.
    height
        Height in pixels; the lower edge can be dragged.
    snapshot
        As of `explore`.

    Attributes
    ----------
    editable
        Whether the selection can be deleted.
    revealed
        The key or prefix that was last shown by `reveal`.
    has_snapshot
        Whether sizes may be known without counting.
    """

    _esm, _css = front_end("store_explorer")

    editable = traitlets.Bool(read_only=True).tag(sync=True)
    revealed = traitlets.Unicode(read_only=True).tag(sync=True)
    has_snapshot = traitlets.Bool(read_only=True).tag(sync=True)

    def __init__(
        self, root: Root, *, height: int = 480, snapshot: StoreLike | None = None
    ) -> None:
        self._root = root
        known = None if snapshot is None else SizeSnapshot(snapshot, root.path)
        self._snapshot = known
        self._selection: list[str] = []
        self._seen: Bundle | None = None
        nodes = Nodes(root)
        handlers: list[object] = [
            nodes,
            Levels(root, nodes),
            Sizing(root, known),
            Searches(root),
            Downloads(root),
            Details(root),
            Arrays(root),
        ]
        if root.edit:
            handlers.append(Edits(root))
        self.set_trait("editable", root.edit)
        self.set_trait("has_snapshot", known is not None)
        super().__init__(root.title, handlers, height=height)

    @property
    def selection(self) -> list[str]:
        """Keys and prefixes (with a ``/`` at the end) that are selected in the page."""
        return list(self._selection)

    def reveal(self, key: str) -> None:
        """Open the tree at a key or prefix, and select it.

        Parameters
        ----------
        key
            Relative to what is shown.

        Raises
        ------
        InvalidKeyError
            If it is neither a key nor a prefix.
        """
        place = check_prefix(key)
        # The same place once more is news too: the person may have gone elsewhere.
        self.set_trait("revealed", "")
        self.set_trait("revealed", place)

    @request
    async def select(self, job: Job, keys: list[str]) -> None:  # noqa: ARG002 -- as all have
        """Take note of what is selected in the page."""
        self._selection = keys

    @override
    def close(self) -> None:
        super().close()
        # None where the construction failed.
        known: SizeSnapshot | None = getattr(self, "_snapshot", None)
        if known is not None:
            known.close()

    @override
    def text(self) -> str:
        """Return the first level, as far as it answers within a second."""
        return self._forms()["text/plain"]

    @override
    def html(self) -> str:
        """Return the first two levels, as far as they answer within a second."""
        return self._forms()["text/html"]

    @override
    def _forms(self) -> Bundle:
        try:
            found = run(self._outline(), timeout=_STILL_SECONDS + 1)
        except StoreClosedError as error:
            # Notebooks end by closing their stores: what they showed is to stay.
            return self._seen or self._failure(error)
        except Exception as error:  # noqa: BLE001 -- shown in its place, not lost
            return self._failure(error)
        head, *rows = outline_text(found, depth=1, max_rows=_STILL_ROWS).split("\n")
        caption = head.rpartition(": ")[2]
        text = "\n".join([f"{type(self).__name__}({self.title}: {caption})", *rows])
        self._seen = {"text/plain": text, "text/html": outline_html(found)}
        return self._seen

    def _failure(self, error: Exception) -> Bundle:
        text = f"{type(self).__name__}({self.title})\n⚠ {sentence(error)}"
        return {"text/plain": text, "text/html": f"<pre>{escape(text)}</pre>"}

    async def _outline(self) -> Outline:
        deadline = Deadline(_STILL_SECONDS)
        try:
            store = await deadline.run(self._root.store())
        except TimeoutError as error:
            call = "opening the store"
            raise CallTimeoutError(call, _STILL_SECONDS) from error
        # Rounded, since it is said where the store is late.
        found = await outline(store, depth=2, seconds=round(max(0.1, deadline.left), 1))
        if found.root.problem is not None:
            await store.ensure_open()  # an error of its own if the store was closed
        return found


def explore(
    store_like: StoreLike,
    path: str = "",
    *,
    height: int = 480,
    edit: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    snapshot: StoreLike | None = None,
) -> StoreExplorer:
    """Show what is in a store.

    Parameters
    ----------
    store_like
        A store, a path, a URL, a dictionary: what `zstore.open_store` takes.
    path
        The prefix that is shown; nothing outside of it can be seen.
    height
        Height in pixels.
    edit
        Allow deleting. Without it the widget cannot change anything.
    storage_options
        For the file system behind a URL.
    snapshot
        Of the store, made by `zstore.inventory.Inventory.scan`: its sizes are shown with
        the folders as they are opened, with the moment that they are of, and without a
        request. It may be written later.

    Returns
    -------
    StoreExplorer
        To be displayed; at the end of a cell it is. A store that cannot be opened is an
        error in the view, where it can be tried again.

    Raises
    ------
    MissingDependencyError
        If there is a `snapshot`, and the extra ``inventory`` is not installed.

    Notes
    -----
    Nothing is asked of the store until the view is shown. Then it is looked at for 1 s at
    most, for the places where no widget runs; the rest is asked for as it is opened in the
    page.
    """
    root = Root(store_like, path, edit=edit, storage_options=storage_options)
    return StoreExplorer(root, height=height, snapshot=snapshot)
