"""Running checks on a store, all of them."""

from collections.abc import Iterable

from zstore.testing.bad_keys import CHECKS as BAD_KEYS
from zstore.testing.batches import CHECKS as BATCHES
from zstore.testing.deleting import CHECKS as DELETING
from zstore.testing.key_pages import CHECKS as KEY_PAGES
from zstore.testing.lifecycle import CHECKS as LIFECYCLE
from zstore.testing.listing import CHECKS as LISTING
from zstore.testing.loops import CHECKS as LOOPS
from zstore.testing.naming import CHECKS as NAMING
from zstore.testing.paging import CHECKS as PAGING
from zstore.testing.partial_writes import CHECKS as PARTIAL_WRITES
from zstore.testing.promises import Check, MakeStore
from zstore.testing.ranges import CHECKS as RANGES
from zstore.testing.read_only import CHECKS as READ_ONLY
from zstore.testing.reading import CHECKS as READING
from zstore.testing.writing import CHECKS as WRITING

__all__ = ["CHECKS", "KEY_CHECKS", "check_store"]

CHECKS: tuple[Check, ...] = (
    *READING,
    *RANGES,
    *BATCHES,
    *WRITING,
    *PARTIAL_WRITES,
    *DELETING,
    *LISTING,
    *PAGING,
    *KEY_PAGES,
    *NAMING,
    *READ_ONLY,
    *LIFECYCLE,
    *LOOPS,
)
"""Every promise of a store; each check is named after what it promises."""

KEY_CHECKS: tuple[Check, ...] = BAD_KEYS
"""What no key may do; only for stores that touch neither files nor servers."""


async def check_store(make: MakeStore, checks: Iterable[Check] = CHECKS) -> None:
    """Try every promise on fresh stores, and report all that are broken.

    Parameters
    ----------
    make
        Called without arguments, once a check: returns a new store on an empty place of
        its own. The check closes it.
    checks
        All by default.

    Raises
    ------
    ExceptionGroup
        If a promise is broken. The message names each one; the errors are in their
        order, each with a note that says which promise it broke.

    Notes
    -----
    Some 10,000 calls: a second in memory, a minute on a slow server. A check is void
    where ``supports_*`` says that the store cannot do what it is about; that the store
    then raises `UnsupportedError` is a promise too. Nor has every backend an atomic step
    for `set_if_not_exists`; one that has none raises `UnsupportedError`.

    Examples
    --------
    >>> import asyncio
    >>> from zstore import MemoryStore
    >>> from zstore.testing import CHECKS, check_store
    >>> asyncio.run(check_store(MemoryStore, CHECKS[:10]))
    """
    failures: list[Exception] = []
    names: list[str] = []
    total = 0
    for check in checks:
        total += 1
        try:
            await check(make)
        except Exception as error:  # noqa: BLE001 -- raised below, with the others
            name = getattr(check, "__name__", repr(check))
            error.add_note(f"promise: {name}")
            failures.append(error)
            names.append(name)
    if failures:
        broken = f"{len(failures)} of {total} promises are broken: {', '.join(names)}"
        raise ExceptionGroup(broken, failures)
