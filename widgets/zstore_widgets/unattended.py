"""A view in a notebook that a program runs, with no page where it could be alive.

`nbclient` (so ``jupyter execute``, ``nbconvert --execute``, papermill) and nbval keep each
message of a widget, and with its state all of the front end, in the notebook; and nbconvert
then prefers a widget, which stays blank without a network, to the HTML beside it. So
nothing is sent there, and the HTML is kept up to date until the last cell.
"""

import os
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from comm.base_comm import BaseComm
from IPython import get_ipython
from IPython.display import DisplayHandle

from zstore._compat import override

__all__ = ["Bundle", "LastState", "SilentComm", "is_unattended"]

Bundle: TypeAlias = dict[str, str]

# IPython has no annotations.
_Handle: Any = DisplayHandle

# Of a store that hardly answers, every further cell would have to wait as long.
_LONG_SECONDS = 0.9


def is_unattended() -> bool:
    """Tell whether the running cell came from a program and not from a page.

    Programs say with each cell that nobody can be asked for input, and pages do not.
    Voilà is both: it runs the cells so, and shows living widgets afterwards.

    Source: "Messaging in Jupyter", ``allow_stdin`` of ``execute_request``; Voilà's
    variable ``SERVER_SOFTWARE``.
    """
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return False
    parent: Any = getattr(get_ipython(), "parent_header", None) or {}
    return parent.get("content", {}).get("allow_stdin") is False


class SilentComm(BaseComm):
    """A line to a page that is not there."""

    @override
    def publish_msg(self, msg_type: str, *args: Any, **kwargs: Any) -> None:
        """Send nothing."""


class LastState:
    """The output of a view that is put right at the end of every cell.

    One that took long to make stays as it is.

    Parameters
    ----------
    bundle
        Returns what the view shows now, by media type.
    """

    def __init__(self, bundle: Callable[[], Bundle]) -> None:
        self._bundle = bundle
        self._shown: Bundle = {}
        self._handle: Any = None
        self._took_long = False

    def show(self) -> None:
        """Make an output of the cell that runs."""
        start = time.perf_counter()
        self._shown = self._bundle()
        self._took_long = time.perf_counter() - start >= _LONG_SECONDS
        if self._handle is None:
            self._handle = _Handle()
            self._events().register("post_run_cell", self._put_right)
        self._handle.display(self._shown, raw=True)

    def close(self) -> None:
        """Leave the outputs as they are."""
        if self._handle is not None:
            self._events().unregister("post_run_cell", self._put_right)
            self._handle = None

    def _put_right(self, _result: object) -> None:
        if self._took_long:
            return
        bundle = self._bundle()
        if bundle != self._shown and self._handle is not None:
            self._shown = bundle
            self._handle.update(bundle, raw=True)

    @staticmethod
    def _events() -> Any:
        return get_ipython().events
