"""What a notebook shows for a store at the end of a cell."""

import sys
import warnings
from collections.abc import Collection, Mapping
from importlib.metadata import entry_points
from typing import Any, TypeAlias, cast

from zstore.display.html import outline_html
from zstore.display.outline import outline
from zstore.display.quiet import quiet
from zstore.display.rows import Outline
from zstore.display.sentences import place_line, sentence
from zstore.display.text import outline_text
from zstore.errors import ZStoreError, ZStoreWarning
from zstore.path import StorePath
from zstore.store import Store
from zstore.sync import SyncStore, run

__all__ = ["GROUP", "Bundle", "mimebundle"]

GROUP = "zstore.display"
"""The entry points that show a store as a widget: functions of a store and a path.

The widget has `_repr_mimebundle_`, as IPython asks for it. If it has an attribute
``still``, that is set to the text beside it: what it shows when its kernel is gone.
"""

Bundle: TypeAlias = tuple[dict[str, Any], dict[str, Any]]
"""Representations by media type, and what is said about each."""

_SECONDS = 1.5
# Beyond what the outline allows itself, for a loop that is busy with other calls.
_SLACK = 1.0
_TEXT_ROWS = 20
_STATIC = frozenset({"text/plain", "text/html"})


def mimebundle(
    place: Store | StorePath | SyncStore,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
) -> Bundle:
    """Return the representations of a store: text, static HTML, and the explorer.

    Parameters
    ----------
    place
        What to show.
    include, exclude
        Media types that are wanted, or not; as IPython passes them.

    Returns
    -------
    tuple
        Representations by media type, and metadata about them. ``text/plain`` has the
        first level in 20 rows, ``text/html`` two levels in 200. If a package offers a
        widget by an entry point of the group ``zstore.display`` (zstore's own widgets
        do), what that widget shows is added. It fails: a `ZStoreWarning` says why.

    Notes
    -----
    Never raises for what a store does. It looks once, for 1.5 s at most (`outline`, which
    states the requests), on the loop of `zstore.sync`; where no thread can be started, or
    on that very loop, there is only the line of `repr`. Nothing is counted or recorded by
    a `LoggingStore`, and a `LatencyStore` does not wait.
    """
    store, path = _parts(place)
    line = place_line(place)
    data: dict[str, Any] = {"text/plain": line}
    metadata: dict[str, Any] = {}
    try:
        found = run(outline(store, path, seconds=_SECONDS), _SECONDS + _SLACK)
    except ZStoreError as error:
        data["text/plain"] = f"{line}\n⚠ {sentence(error)}"
    else:
        found = Outline(line, found.root, found.depth, is_late=found.is_late)
        data["text/plain"] = outline_text(found, depth=1, max_rows=_TEXT_ROWS)
        data["text/html"] = outline_html(found)
    # A widget costs a channel to the page: none is made where nobody asks for it.
    if (not include or set(include) - _STATIC) and not _in_terminal():
        more, about = _widget(store, path, data["text/plain"])
        # A widget that has just been made knows no more than what was found here.
        data = {**more, **data}
        metadata |= about
    return _chosen(data, include, exclude), _chosen(metadata, include, exclude)


def _parts(place: Store | StorePath | SyncStore) -> tuple[Store, str]:
    """Return the store to look into, and where."""
    match place:
        case StorePath():
            return quiet(place.store), place.path
        case SyncStore():
            return quiet(place.store), ""
        case _:
            return quiet(place), ""


def _in_terminal() -> bool:
    """Tell whether IPython runs in a terminal, where no widget can be seen."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return type(shell).__module__.startswith("IPython.terminal")


def _widget(store: Store, path: str, text: str) -> Bundle:
    """Return what the widget of another package shows; nothing if there is none."""
    for entry in entry_points(group=GROUP):
        try:
            widget = entry.load()(store, path)
            if hasattr(widget, "still"):
                widget.still = text
            shown = widget._repr_mimebundle_(exclude=_STATIC)
        except ImportError:
            # The widgets are there, but not what they stand on: an extra.
            continue
        except Exception as error:  # noqa: BLE001 -- a display never raises
            said = f"{entry.value} cannot show the store: {sentence(error)}"
            warnings.warn(said, ZStoreWarning, stacklevel=2)
            continue
        return _bundle(shown)
    return {}, {}


def _bundle(shown: object) -> Bundle:
    """Return what `_repr_mimebundle_` gave, which may be data alone, or nothing."""
    parts = cast("tuple[object, ...]", shown if isinstance(shown, tuple) else (shown, {}))
    data, metadata = (
        dict(cast("Mapping[str, Any]", part)) if isinstance(part, Mapping) else {}
        for part in parts[:2]
    )
    return data, metadata


def _chosen(
    data: dict[str, Any],
    include: Collection[str] | None,
    exclude: Collection[str] | None,
) -> dict[str, Any]:
    return {
        kind: value
        for kind, value in data.items()
        if (not include or kind in include) and kind not in (exclude or ())
    }
