"""Jupyter widgets that show what is in a store, what is asked of it, and its buffers.

>>> from zstore_widgets import explore
>>> explore("ocean.zarr")  # doctest: +SKIP

Each name is imported when it is first used, so that importing this package loads no widget
library, and one that is missing is named.
"""

import importlib
from typing import TYPE_CHECKING

from zstore.errors import MissingDependencyError

if TYPE_CHECKING:
    from zstore_widgets.buffer_inspector import BufferInspector
    from zstore_widgets.call_monitor import CallMonitor
    from zstore_widgets.calls.estimates import Assumptions
    from zstore_widgets.size_map import SizeMap
    from zstore_widgets.store_explorer import StoreExplorer, explore

# Where each name comes from; the block above says the same to type checkers.
_HOME_OF = {
    "Assumptions": "zstore_widgets.calls.estimates",
    "BufferInspector": "zstore_widgets.buffer_inspector",
    "CallMonitor": "zstore_widgets.call_monitor",
    "SizeMap": "zstore_widgets.size_map",
    "StoreExplorer": "zstore_widgets.store_explorer",
    "explore": "zstore_widgets.store_explorer",
}

__all__ = [
    "Assumptions",
    "BufferInspector",
    "CallMonitor",
    "SizeMap",
    "StoreExplorer",
    "explore",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        home = importlib.import_module(_HOME_OF[name])
    except ModuleNotFoundError as error:
        if error.name not in {"anywidget", "ipywidgets", "traitlets"}:
            raise
        raise MissingDependencyError(error.name, extra="widgets") from error
    value: object = getattr(home, name)
    # Kept, so that the next use costs nothing.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
