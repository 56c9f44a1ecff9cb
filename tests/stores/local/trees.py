"""Small trees of files, and what reads them."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from hypothesis import strategies as st

from zstore.stores.local.beneath import Root
from zstore.stores.local.changes import Changes, ChangeScanner
from zstore.stores.local.levels import Levels
from zstore.stores.local.ordered import OrderedScanner
from zstore.stores.local.scanning import Scanner

__all__ = [
    "LATER_NS",
    "change_scanner",
    "changes_below",
    "changes_of",
    "files_below",
    "make",
    "ordered",
    "scanner",
    "trees",
]

# A listing that began so much later than now finds nothing that was changed lately.
LATER_NS = 3600 * 10**9

_NAMES = st.sampled_from(["a", "a-", "a0", "b", "é", "\U00010000", "￿", "a a"])

trees: st.SearchStrategy[frozenset[str]] = st.frozensets(
    st.lists(_NAMES, min_size=1, max_size=4).map("/".join), max_size=12
)
"""Paths of files; some are folders of others, and then are not made."""


def _levels(root: Path) -> tuple[Root, Levels]:
    opened = Root(os.path.realpath(root), follow_symlinks=False)
    return opened, Levels(opened, lambda _path, _reason: None)


def ordered(root: Path) -> OrderedScanner:
    return OrderedScanner(*_levels(root))


def scanner(root: Path) -> Scanner:
    return Scanner(*_levels(root))


def change_scanner(root: Path) -> ChangeScanner:
    return ChangeScanner(*_levels(root))


def changes_of(
    root: Path, known: Iterable[tuple[str, int]], began_ns: int | None = None
) -> Changes:
    """Return all that became of the folders of a tree."""
    began_ns = time.time_ns() + LATER_NS if began_ns is None else began_ns
    return _joined(change_scanner(root).changes("", known, began_ns))


def changes_below(root: Path, prefix: str, known: Iterable[tuple[str, int]]) -> Changes:
    """Return all that became of the folders below a prefix."""
    began_ns = time.time_ns() + LATER_NS
    return _joined(change_scanner(root).changes(prefix, known, began_ns))


def _joined(steps: Iterable[Changes]) -> Changes:
    joined = Changes()
    for changes in steps:
        joined.unchanged += changes.unchanged
        joined.relisted += changes.relisted
        joined.gone += changes.gone
    return joined


def make(root: Path, paths: Iterable[str]) -> None:
    """Make files, each as many bytes long as its path has characters."""
    for path in sorted(paths, key=len, reverse=True):
        file = root / path
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(bytes(len(path)))


def files_below(root: Path) -> dict[str, tuple[int, int]]:
    """Return path to (bytes, microseconds), found in another way."""
    found: dict[str, tuple[int, int]] = {}
    for folder, _, names in os.walk(root):
        for name in names:
            file = Path(folder) / name
            info = file.lstat()
            found[file.relative_to(root).as_posix()] = (
                info.st_size,
                info.st_mtime_ns // 1000,
            )
    return found
