"""How far a scan is, as a bar on stderr."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zstore.cli.printing import console, rich
from zstore.display import format_count, format_nbytes

if TYPE_CHECKING:
    from zstore.inventory import ScanProgress

__all__ = ["scan_bar"]

_WIDTH = 20
_MINUTE = 60


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
    out = None if quietly else console(stderr=True)
    if out is None or not out.is_terminal:
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
            total = None if progress.fraction is None else 1.0
            bars.update(
                bar,
                total=total,
                completed=progress.fraction or 0.0,
                description=f"{_line(progress)}, Ctrl-C stops",
            )

        yield tell


def _line(progress: "ScanProgress") -> str:
    told = [
        f"{format_count(progress.nkeys)} keys",
        format_nbytes(progress.nbytes),
        f"{format_count(round(progress.keys_per_second))} keys/s",
    ]
    if progress.fraction is not None:
        told.insert(0, f"{progress.fraction:.0%}")
    if progress.seconds_left is not None and not progress.complete:
        told.append(f"about {_duration(progress.seconds_left)} left")
    return ", ".join(told)


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{format_count(round(seconds / _MINUTE))} min"


def _nothing(progress: "ScanProgress") -> None:
    del progress
