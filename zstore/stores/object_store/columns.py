"""Pages of a listing as columns of Arrow, looked at without a Python object a key."""

import importlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from zstore.concurrency import run_in_thread
from zstore.entries import KeyPage, SizeBatch
from zstore.keys import RESERVED_SUFFIX
from zstore.stores.object_store.stream import PAGE

__all__ = ["NO_KEY", "Columns", "columns_of", "gives_columns", "lists_of"]

NO_KEY = (
    r"(^|/)\.{0,2}(/|$)"
    r"|[\\\x00-\x1f\x7f]"
    r"|^[A-Za-z]:"
    r"|" + RESERVED_SUFFIX.replace(".", r"\.")
)
"""Finds what `zstore.keys.is_key` refuses, as Arrow writes regular expressions."""


@cache
def _is_installed() -> bool:
    # What obstore needs to list in this way, and what is needed here to look at it.
    return all(find_spec(name) is not None for name in ("arro3", "pyarrow"))


async def gives_columns(client: object) -> bool:
    """Tell whether listings can be had as columns of Arrow."""
    # An object store of somebody else has the methods, and no option for it.
    modules = [kind.__module__.partition(".")[0] for kind in type(client).__mro__]
    return "obstore" in modules and await run_in_thread(_is_installed)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a page says of its objects, one of them at least.

    Attributes
    ----------
    keys, nbytes, modified
        Arrow arrays: strings, bytes as int64, and int64 microseconds since 1970.
    compute
        The module ``pyarrow.compute``.
    """

    keys: Any
    nbytes: Any
    modified: Any
    compute: Any

    @property
    def first(self) -> str:
        """The first name."""
        return str(self.keys[0])

    @property
    def last(self) -> str:
        """The last name."""
        return str(self.keys[-1])

    @property
    def total(self) -> int:
        """The sum of all sizes, in bytes."""
        return int(self.compute.sum(self.nbytes).as_py())

    @property
    def pairs(self) -> SizeBatch:
        """Each name with its size; here they are objects of Python."""
        return list(zip(self.keys.to_pylist(), self.nbytes.to_pylist(), strict=True))

    @property
    def may_lead(self) -> bool:
        """Whether an empty object stands right before what is below it, or at the end."""
        if self.compute.min(self.nbytes).as_py() > 0:
            return False
        rows: list[int] = self.compute.indices_nonzero(
            self.compute.equal(self.nbytes, 0)
        ).to_pylist()
        pairs = (self.keys[row : row + 2].to_pylist() for row in rows)
        return any(f"{names[-1]}/".startswith(f"{names[0]}/") for names in pairs)

    @property
    def are_keys(self) -> bool:
        """Whether all names are keys."""
        odd = self.compute.match_substring_regex(self.keys, NO_KEY)
        return not self.compute.any(odd).as_py()

    def have_one_of(self, names: list[str]) -> bool:
        """Tell whether one of some names is here."""
        return any(self.compute.index(self.keys, name).as_py() >= 0 for name in names)

    def increase(self, last: str) -> bool:
        """Tell whether each name comes after the one before it, the first after `last`."""
        steps = self.compute.less(self.keys[:-1], self.keys[1:])
        return self.first > last and self.compute.all(steps).as_py() is not False

    def are_below(self, prefix: str) -> bool:
        """Tell whether all names begin with `prefix`."""
        if not prefix:
            return True
        return bool(self.compute.all(self.compute.starts_with(self.keys, prefix)).as_py())

    def between(self, after: str, until: str | None) -> KeyPage:
        """Return those after a name and not after another, of names in order."""
        start, stop = 0, len(self.keys)
        if self.first <= after:
            start = self._count_to(after)
        if until is not None and self.last > until:
            stop = max(start, self._count_to(until))
        columns = (self.keys, self.nbytes, self.modified)
        return KeyPage(*[column[start:stop] for column in columns])

    def _count_to(self, name: str) -> int:
        ahead = self.compute.less_equal(self.keys, name)
        return int(self.compute.sum(ahead).as_py())


async def columns_of(page: Any) -> Columns | None:
    """Return the columns of a page, which are not copied; None if it has none.

    None also for a page that is not full while pyarrow was not imported: that takes
    longer than all the names of a short listing.
    """
    nrows = getattr(page, "num_rows", 0)
    if not nrows or (nrows < PAGE and "pyarrow.compute" not in sys.modules):
        return None
    arrow, compute = await _imported()
    whole = arrow.int64()
    # One by one: a batch would keep the tags of all objects in memory with their names.
    sizes, times = (arrow.array(page[name]) for name in ("size", "last_modified"))
    keys = arrow.array(page["path"])
    return Columns(keys, sizes.view(whole), times.view(whole), compute)


def lists_of(batch: Any) -> Iterable[tuple[str, int, int]]:
    """Iterate over (name, bytes, microseconds since 1970) of a record batch of obstore."""
    # obstore has imported it to make the batch. As they are, the times would be objects
    # with a time zone, which is read from a file.
    whole = importlib.import_module("arro3.core").DataType.int64()
    times = batch["last_modified"].cast(whole)
    columns = batch["path"], batch["size"], times
    return zip(*[column.to_pylist() for column in columns], strict=True)


_modules: list[Any] = []


async def _imported() -> list[Any]:
    """Return pyarrow and pyarrow.compute."""
    if not _modules:
        # It takes a third of a second. Not by `sys.modules`: there a module is before it
        # is whole, while another thread imports it.
        names = ("pyarrow", "pyarrow.compute")
        _modules[:] = [await run_in_thread(importlib.import_module, name) for name in names]
    return _modules
