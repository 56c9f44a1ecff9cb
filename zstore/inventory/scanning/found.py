"""What a scan has found: totals, the tree of prefixes, and parts for the snapshot."""

import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from zstore.concurrency.finishing import to_the_end
from zstore.inventory.engines import pa, pc
from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.scanning.documents import documents_in
from zstore.inventory.scanning.slices import SliceResult
from zstore.inventory.snapshot.arrays import MAX_DOCUMENTS
from zstore.inventory.snapshot.parts import PartWriter
from zstore.inventory.snapshot.rollup import LiveTree, runs_of
from zstore.inventory.snapshot.writing import SnapshotWriter

__all__ = ["Found", "OpenPart"]

# A program that dies loses what is in no part yet: this many seconds of a scan, about.
_PART_SECONDS = 10.0

# A page is looked at with others: most of what a look costs is the same for many keys.
_LOOK_NKEYS = 16_384


class OpenPart:
    """Keys of one range on their way into a part.

    Parameters
    ----------
    after
        Where the range begins.
    """

    def __init__(self, after: str) -> None:
        self.after = after
        self.writer = PartWriter()
        self._begun = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is large or old enough to be kept, and another to be begun."""
        return self.writer.is_full or time.monotonic() - self._begun > _PART_SECONDS


class Found:
    """What a scan has found so far.

    Parameters
    ----------
    writer
        The snapshot.
    tree
        Totals by prefix, for those who watch.
    watched
        Whether somebody does; otherwise nothing is added to the tree.
    """

    def __init__(self, writer: SnapshotWriter, tree: LiveTree, *, watched: bool) -> None:
        self._tree = tree
        self._watched = watched
        self.nkeys, self.nbytes = writer.manifest.nkeys, writer.manifest.nbytes
        self.nkeys_here = 0
        self.nrequests = 0
        self._documents: list[str] = []
        # Batches that are counted, and nothing else so far.
        self._unseen: list[Any] = []
        self._nunseen = 0
        self._writer = writer
        # Ranges that are in the snapshot or need no part: the rest is pending.
        self._done: list[KeyRange] = gaps(writer.pending)
        self._unsaved: list[tuple[PartWriter, KeyRange, bool]] = []

    async def recall(self) -> None:
        """Look at the keys that an interrupted scan has found; they count already."""
        async with aclosing(self._writer.batches()) as batches:
            async for batch in batches:
                self._look_at(batch)

    @property
    def tree(self) -> LiveTree:
        """Totals by prefix of all that was found; empty if nobody watches."""
        self._look()
        return self._tree

    @property
    def documents(self) -> Sequence[str]:
        """Keys of documents of metadata among all that was found."""
        self._look()
        return self._documents

    def count(self, batch: Any) -> None:
        """Count a batch of keys."""
        if batch.num_rows:
            self._add(batch.num_rows, pc.sum(batch.column(1)).as_py())
            self._unseen.append(batch)
            self._nunseen += batch.num_rows
            if self._nunseen >= _LOOK_NKEYS:
                self._look()

    def _look(self) -> None:
        if self._unseen:
            table = pa.Table.from_batches(self._unseen).combine_chunks()
            self._unseen, self._nunseen = [], 0
            for batch in table.to_batches():
                self._look_at(batch)

    def _look_at(self, batch: Any) -> None:
        if self._watched:
            self._tree.add(runs_of(batch), batch)
        self._see_documents(documents_in(batch))

    async def adopt(self, result: SliceResult) -> None:
        """Take what somebody else has listed."""
        self.nrequests += result.npages
        if result.part is not None:
            await self._writer.adopt(result.part, result.content)
            self._add(result.part.nkeys, result.part.nbytes)
        self._done.append(result.range)
        if self._watched:
            self._tree.merge(result.tree)
        self._see_documents(result.documents)

    def _add(self, nkeys: int, nbytes: int) -> None:
        self.nkeys += nkeys
        self.nkeys_here += nkeys
        self.nbytes += nbytes

    def _see_documents(self, keys: Sequence[str]) -> None:
        self._documents += keys[: MAX_DOCUMENTS + 1 - len(self._documents)]

    def keep(self, part: OpenPart, until: str | None, *, is_whole: bool = True) -> None:
        """Take a part for the snapshot, which `save` writes.

        Parameters
        ----------
        part
            Nothing is added to it any more.
        until
            Where its range ends.
        is_whole
            Whether it has all keys of the range, which is still pending otherwise.
        """
        if until != part.after:
            self._unsaved.append((part.writer, KeyRange(part.after, until), is_whole))

    @property
    def nunsaved(self) -> int:
        """How many parts wait to be written."""
        return len(self._unsaved)

    async def save(self, *, at_once: bool = False) -> None:
        """Write the parts that were kept, and now and then what is left to do.

        Raises
        ------
        AccessDeniedError, BackendError
            If the place of the snapshot refuses or fails, as a full disk does.
        """
        while self._unsaved:
            # A part is written wholly and counted, or not at all.
            await to_the_end(self._save_the_first())
        if at_once or self._writer.is_due:
            # What is in no part is pending; the parts of 10^9 keys are many.
            pending = gaps(self._done)
            self._done = gaps(pending)
            await self._writer.checkpoint(pending, self.nrequests, at_once=at_once)

    async def _save_the_first(self) -> None:
        part, one, is_whole = self._unsaved[0]
        await self._writer.add_part(part, one)
        del self._unsaved[0]
        if is_whole:
            self._done.append(one)
