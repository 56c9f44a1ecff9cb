"""A piece of a scan that any process can do: list some pages of one range."""

import pickle
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import lru_cache

from zstore.entries import KeyPage
from zstore.errors import BackendError, UnsupportedError, ZStoreError
from zstore.inventory.planning import KeyRange
from zstore.inventory.scanning.documents import documents_in
from zstore.inventory.snapshot.key_batches import batch_of, check_order, ends_of, within
from zstore.inventory.snapshot.manifest import Part
from zstore.inventory.snapshot.parts import PartWriter
from zstore.inventory.snapshot.rollup import LiveTree, runs_of
from zstore.store import Store
from zstore.stores.failures import plain_text
from zstore.stores.memory import MemoryStore
from zstore.sync import run

__all__ = ["Slice", "SliceResult", "list_slice", "packed"]


@dataclass(frozen=True, slots=True)
class Slice:
    """What is to be listed.

    Attributes
    ----------
    store, place
        The store, and where parts of the snapshot go, as `packed` makes them; never shown,
        since an engine that logs its tasks would log credentials. `place` is None if the
        part is to come back with the result.
    mark
        A key that is in the place, if it is the same place for whoever lists: a path may
        be another disk there. Otherwise the part comes back, too.
    prefix, range
        Which keys.
    max_npages
        Stop after so many pages, which bounds the time.
    depth
        Of the tree of totals.
    """

    store: bytes = field(repr=False)
    place: bytes | None = field(repr=False)
    mark: str
    prefix: str
    range: KeyRange
    max_npages: int
    depth: int


@dataclass(frozen=True, slots=True)
class SliceResult:
    """What was found.

    Attributes
    ----------
    range
        The keys that were listed.
    is_whole
        Whether that is all of the range that was asked for.
    part, content
        The part of the snapshot that holds them; `content` if nobody has stored it.
    ends
        First and last key, and number, of each page.
    npages
        Requests that were made.
    tree, documents
        Totals by prefix, and keys of documents of metadata.
    """

    range: KeyRange
    is_whole: bool
    part: Part | None
    content: bytes | None
    ends: list[tuple[str, str, int]]
    npages: int
    tree: LiveTree
    documents: list[str]


def packed(store: Store) -> bytes:
    """Return a store as it travels to another process.

    Raises
    ------
    UnsupportedError
        If it cannot be pickled.
    """
    try:
        return pickle.dumps(store)
    except Exception as error:
        raise UnsupportedError(store, "other processes", plain_text(error)) from error


# A worker makes many slices of one scan; the connections of its store stay open.
@lru_cache(maxsize=4)
def _unpacked(store: bytes) -> Store:
    unpacked: Store = pickle.loads(store)  # noqa: S301 -- from the process that asks
    return unpacked


def list_slice(task: Slice) -> SliceResult:
    """List a slice; blocks. The same slice twice gives two parts, of which one is used.

    Raises
    ------
    ZStoreError
        If the first page fails; a failure later on ends the slice early. What the place
        of the snapshot raises.
    BackendError
        If anything else goes wrong, without what it may tell to the logs of the engine.
    """
    try:
        place = None if task.place is None else _unpacked(task.place)
        return run(_list_slice(task, _unpacked(task.store), place))
    except ZStoreError:
        raise
    except Exception as error:  # noqa: BLE001 -- told, as far as it is no secret
        reason = f"{type(error).__name__}: {plain_text(error)}"
        raise BackendError(task.prefix, reason) from None


async def _list_slice(task: Slice, store: Store, place: Store | None) -> SliceResult:
    range_ = task.range
    listed = _Listed(LiveTree(task.prefix, task.depth))
    pages = store.scan_pages(task.prefix, after=range_.after, until=range_.until)
    try:
        async with aclosing(pages):
            while listed.npages < task.max_npages and not listed.is_whole:
                listed.add(await anext(pages, None), task)
    except ZStoreError:
        if not listed.ends:
            raise
        listed.npages += 1
    if place is not None and not await place.exists(task.mark):
        place = None
    return await listed.result(task, place)


class _Listed:
    """What a slice has listed so far."""

    def __init__(self, tree: LiveTree) -> None:
        self.npages = 0
        self.is_whole = False
        self.ends: list[tuple[str, str, int]] = []
        self._tree = tree
        self._documents: list[str] = []
        self._writer = PartWriter()

    def add(self, page: KeyPage | None, task: Slice) -> None:
        """Keep what belongs to the range; None is the end of the listing."""
        # Nobody was asked whether there is another page after the last.
        self.npages += page is not None or not self.ends
        if page is None:
            self.is_whole = True
            return
        batch = batch_of(page)
        check_order(batch, self._after(task), task.prefix)
        first, last = ends_of(batch)
        kept = within(batch, task.range.after, task.range.until)
        self._writer.add(kept)
        self._tree.add(runs_of(kept), kept)
        self._documents += documents_in(kept)
        self.ends.append((first, last, kept.num_rows))
        self.is_whole = task.range.until is not None and last >= task.range.until

    def _after(self, task: Slice) -> str:
        return self.ends[-1][1] if self.ends else task.range.after

    async def result(self, task: Slice, shared: Store | None) -> SliceResult:
        """Write the part, and tell what there is."""
        until = task.range.until if self.is_whole else self._after(task)
        listed = KeyRange(task.range.after, until)
        place = MemoryStore() if shared is None else shared
        part = await self._writer.save(place, listed)
        sent = part is not None and shared is None
        return SliceResult(
            range=listed,
            is_whole=self.is_whole,
            part=part,
            content=await place.get_bytes(part.name) if part and sent else None,
            ends=self.ends,
            npages=self.npages,
            tree=self._tree,
            documents=self._documents,
        )
