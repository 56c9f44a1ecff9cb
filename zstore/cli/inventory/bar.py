"""How far a scan is, as a bar on stderr."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zstore.cli.printing import rich
from zstore.cli.progress import terminal

if TYPE_CHECKING:
    from zstore.inventory import ScanProgress

__all__ = ["scan_bar"]

_WIDTH = 20


@contextmanager
def scan_bar(*, quietly: bool) -> "Generator[Callable[[ScanProgress], None]]":
    """Show a bar while something is scanned, if stderr is a terminal.

    Parameters
    ----------
    quietly
        Whether nothing shall be shown, as when the output is for a program; then rich is
        not needed.

    Raises
    ------
    MissingDependencyError
        If rich is not installed.
    """
    out = terminal(quietly=quietly)
    if out is None:
        yield _nothing
        return
    parts = rich("progress")
    columns = (
        parts.BarColumn(bar_width=_WIDTH),
        parts.TextColumn("{task.description}", markup=False),
    )
    with parts.Progress(*columns, console=out, transient=True) as bars:
        bar = bars.add_task("opening the store ...", total=None)

        def tell(progress: "ScanProgress") -> None:
            # Until something is known of the rest, the bar only moves.
            total, share = None, ""
            if progress.fraction is not None:
                total, share = 1.0, f"{progress.fraction:.0%}, "
            bars.update(
                bar,
                total=total,
                completed=progress.fraction or 0.0,
                description=f"{share}{progress}, Ctrl-C stops",
            )

        yield tell


def _nothing(progress: "ScanProgress") -> None:
    del progress
