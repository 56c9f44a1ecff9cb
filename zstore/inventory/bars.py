"""How far a scan is, as a bar in a terminal or a notebook."""

import importlib
from typing import Any

from zstore.errors import MissingDependencyError
from zstore.inventory.scanning.progress import ScanProgress

__all__ = ["ProgressBar", "progress_bar"]

# The rate that tqdm could tell is one of shares; that of keys stands behind the bar.
_FORMAT = "{l_bar}{bar}| [{elapsed}{postfix}]"


class ProgressBar:
    """What `progress_bar` returns: to be called with each `ScanProgress`.

    Parameters
    ----------
    bar
        A bar of tqdm that is full at 1.
    """

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __call__(self, progress: ScanProgress) -> None:
        """Show how far the scan is; at its end leave the bar as it is."""
        self._bar.n = min(1.0, progress.fraction or 0.0)
        self._bar.set_postfix_str(str(progress), refresh=False)
        self._bar.refresh()
        if progress.complete:
            self.close()

    def close(self) -> None:
        """Leave the bar as it is, as after a scan that was cancelled or failed."""
        self._bar.close()


def progress_bar(**options: Any) -> ProgressBar:
    """Return a bar for ``on_progress`` of `Inventory.scan`: keys, bytes, rate, requests.

    Parameters
    ----------
    options
        For ``tqdm.auto.tqdm``: ``desc`` says what is scanned, ``file`` where a terminal
        writes, ``leave=False`` takes the bar away at the end.

    Returns
    -------
    ProgressBar
        Shown at once: a widget in a notebook, a line on stderr elsewhere. It closes itself
        when the scan is complete; after one that is not, call `ProgressBar.close`.

    Raises
    ------
    MissingDependencyError
        If tqdm is not installed.

    Examples
    --------
    ``await Inventory.scan(store, snapshot="sizes", on_progress=progress_bar())``
    """
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ImportError as error:
        raise MissingDependencyError("tqdm", extra="inventory") from error
    return ProgressBar(
        tqdm(**{"desc": "scan", "total": 1, "bar_format": _FORMAT, **options})
    )
