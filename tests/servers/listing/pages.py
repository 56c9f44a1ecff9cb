"""Which keys and common prefixes stand in one answer of ListObjectsV2."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.inventory.planning.key_spaces import KeySpace
from tests.servers.listing.spaces import count_below, past

__all__ = ["MOST", "Page", "Query", "page_of"]

MOST = 1000
"""Keys and prefixes in an answer, at most."""

_SHORT_RUN = 8


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks for.

    Attributes
    ----------
    prefix
        What the keys begin with; any text, no matter where its segments end.
    delimiter
        What ends a common prefix; empty for none.
    after
        The listing goes on after this key or common prefix.
    limit
        Keys and prefixes in the answer, at most.
    """

    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    limit: int = MOST


@dataclass(slots=True)
class Page:
    """One answer.

    Attributes
    ----------
    start, stop
        The numbers of the keys that it stands for, without `stop`.
    indices, keys
        The keys in it, by number and name.
    prefixes
        The common prefixes in it.
    last
        The key or prefix that comes last.
    is_truncated
        Whether there is more.
    """

    start: int
    stop: int
    indices: Sequence[int]
    keys: list[str]
    prefixes: list[str] = field(default_factory=list[str])
    last: str = ""
    is_truncated: bool = False

    def __len__(self) -> int:
        return len(self.keys) + len(self.prefixes)


def page_of(space: KeySpace, query: Query, *, back: int = 0) -> Page:
    """Return one answer.

    Parameters
    ----------
    space
        The bucket.
    query
        What is asked for. After a common prefix (``after="a/"`` with the delimiter
        ``"/"``) the listing goes on behind all keys below it; after any other text with
        the next key, even in the midst of a common prefix.
    back
        Begin so many keys too early, as a server that lies.
    """
    start = max(_first_after(space, query) - back, count_below(space, query.prefix))
    stop = max(start, count_below(space, past(query.prefix) if query.prefix else None))
    if not query.limit:
        return Page(start, start, [], [])
    if query.delimiter:
        return _rolled_up(space, query, start, stop)
    end = min(stop, start + query.limit)
    keys = space.keys(start, end) if end > start else []
    last = keys[-1] if keys else ""
    return Page(start, end, range(start, end), keys, last=last, is_truncated=end < stop)


def _first_after(space: KeySpace, query: Query) -> int:
    """Return the number of the first key after `Query.after`."""
    if not query.after:
        return 0
    rest = query.after.removeprefix(query.prefix)
    is_below = query.after.startswith(query.prefix)
    if is_below and query.delimiter and _common(rest, query.delimiter) == rest != "":
        return count_below(space, past(query.after))
    return space.rank(query.after)


def _common(rest: str, delimiter: str) -> str:
    """Return `rest` up to the first delimiter, and with it; empty if there is none."""
    head, found, _ = rest.partition(delimiter)
    return head + found if found else ""


def _rolled_up(space: KeySpace, query: Query, start: int, stop: int) -> Page:
    indices: list[int] = []
    page = Page(start, start, indices, [])
    nrun = _SHORT_RUN
    while page.stop < stop and len(page) < query.limit:
        run = space.keys(page.stop, min(page.stop + nrun, stop))
        nrun = min(2 * nrun, MOST)
        if _take(run, query, page, indices):
            # Below this prefix there may be millions of keys: they are skipped at once.
            page.stop = count_below(space, past(page.last))
            nrun = _SHORT_RUN
    page.is_truncated = page.stop < stop
    return page


def _take(run: list[str], query: Query, page: Page, indices: list[int]) -> bool:
    """Add a run of keys to a page; tell whether it ends below a common prefix."""
    below = ""
    for key in run:
        if below and key.startswith(below):
            page.stop += 1
            continue
        if len(page) == query.limit:
            return False
        common = _common(key[len(query.prefix) :], query.delimiter)
        below = query.prefix + common if common else ""
        if below:
            page.prefixes.append(below)
        else:
            page.keys.append(key)
            indices.append(page.stop)
        page.last = below or key
        page.stop += 1
    return below != ""
