"""Which keys there are, and how large they are."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import final

from zstore.entries import EntryBatch, KeyPage, SizeBatch, Usage
from zstore.errors import InvalidTypeError
from zstore.keys import check_prefix, prefix_of
from zstore.store.totals import Totals

__all__ = ["Listing"]


class Listing(ABC):
    """Which keys there are, and how large they are.

    A prefix selects by whole segments (`zstore.keys`): ``"ab"`` is the key ``ab`` and all
    below ``ab/``; ``"ab/"`` only what is below; ``""`` everything. A prefix that selects
    nothing gives nothing. No order is promised unless a method says so.

    Each method raises `InvalidKeyError` if the prefix is none, `UnsupportedError` if the
    store cannot list, `AccessDeniedError` and `BackendError` if the backend refuses or
    fails: a listing is whole, or an error. Keys that come or go meanwhile may be in it
    or not.
    """

    @abstractmethod
    def list(self) -> AsyncIterator[str]:
        """Iterate over all keys; see `list_prefix`."""

    @abstractmethod
    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Iterate over the keys that `prefix` selects, relative to the root.

        Notes
        -----
        One listing pass; on S3 a request for each 1,000 keys. A prefix without a final
        ``/`` costs one request more, for the key of that very name.
        """

    @abstractmethod
    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Iterate over the names directly below `prefix`, each once.

        Names are single segments: of keys, and of prefixes that keys lie below.

        Notes
        -----
        One listing pass over one level.
        """

    @abstractmethod
    def list_entries(
        self, prefix: str = "", *, limit: int | None = None, after: str = ""
    ) -> AsyncGenerator[EntryBatch, None]:
        """Iterate over what lies directly below `prefix`, in batches of entries.

        Parameters
        ----------
        prefix
            The level; ``""`` is the root.
        limit
            Stop after so many entries.
        after
            Only entries that come after this cursor: the `Entry.cursor` of the last
            entry of the page before.

        Notes
        -----
        One listing pass over one level; sizes and times come with it, never by a request
        a key. In the order of `Entry.cursor` if `limit` or `after` is given, so that
        pages fit together; otherwise in the order in which the backend lists.
        """

    @abstractmethod
    def scan(self, prefix: str = "") -> AsyncGenerator[SizeBatch, None]:
        """Iterate over the keys that `prefix` selects, in batches of (key, nbytes).

        Notes
        -----
        One listing pass, streamed: memory is bounded by the batch (or the level), not by
        the number of keys. On S3 exactly ``ceil(nkeys / 1000)`` requests for ``""`` and
        ``"ab/"``, and one more for ``"ab"``, which is also a key.
        """

    @property
    @abstractmethod
    def lists_in_order(self) -> bool:
        """Whether `scan_pages` gives keys in order, and can start at any of them."""

    @abstractmethod
    def scan_pages(
        self, prefix: str = "", *, after: str = "", until: str | None = None
    ) -> AsyncGenerator[KeyPage, None]:
        """Iterate over all that the listing names below `prefix`, in pages.

        For those who measure a store rather than read it: names that are no keys
        (``"a//b"``, the marker ``"a/"`` of a folder) are named too where the backend is no
        file system, since they take room; no call could read them.

        Parameters
        ----------
        prefix
            As for `scan`.
        after
            Only names that come after this one, which need not be there.
        until
            No name that comes after this one.

        Raises
        ------
        UnsupportedError
            If `after` or `until` is given, and the store does not list in order.

        Notes
        -----
        One listing pass, as for `scan`. With `after` it starts there: on S3 a request for
        each 1,000 names of the range, and one request at most in vain.
        """

    @abstractmethod
    async def getsize_prefix(self, prefix: str) -> int:
        """Return the sum of the sizes of all keys that `prefix` selects, in bytes.

        Notes
        -----
        One `scan`. A prefix that selects nothing gives 0. To see the total grow, or to
        stop early, use `usage`.
        """

    @abstractmethod
    async def is_empty(self, prefix: str = "") -> bool:
        """Tell whether `prefix` selects no key.

        Notes
        -----
        Stops at the first key.
        """

    @final
    async def usage(
        self, prefix: str = "", *, depth: int = 1, max_children: int | None = None
    ) -> AsyncGenerator[Usage, None]:
        """Iterate over running totals of what `prefix` selects.

        Parameters
        ----------
        prefix
            What is counted.
        depth
            How many levels of children are told apart. With 2 the children are ``"a"``,
            ``"b"`` and also ``"a/x"``: paths below `prefix`.
        max_children
            Tell so many children apart at most. Further ones are counted in the paths
            above them and in the totals, and have no entry of their own.

        Yields
        ------
        Usage
            One after each batch of the listing, with `depth` above 1 after several of
            them once there are many children; each is complete in itself, so stop at
            any time and keep the last. The very last has ``complete=True``.

        Raises
        ------
        InvalidTypeError
            If `depth` or `max_children` is no positive int.

        Notes
        -----
        One `scan`. Memory: some 300 bytes and the path for each child. At depth 1 these
        are the names of one level; a `depth` as deep as the tree has one for each key and
        each folder, so give `max_children` where a store may be large.
        """
        for name, number in (("depth", depth), ("max_children", max_children)):
            if number is not None and (type(number) is not int or number < 1):
                msg = f"{name} must be a positive int, got {number!r}"
                raise InvalidTypeError(msg)
        totals = Totals(prefix_of(check_prefix(prefix)), depth, max_children)
        async with aclosing(self.scan(prefix)) as batches:
            async for batch in batches:
                totals.add(batch)
                if totals.is_due:
                    yield totals.so_far()
        yield totals.at_the_end()
