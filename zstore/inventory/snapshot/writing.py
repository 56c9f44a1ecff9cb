"""Writing a snapshot: parts as they come, manifests that always name whole ones."""

import time
from bisect import bisect_left
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from zstore.concurrency import run_in_thread
from zstore.errors import CorruptStoreError, SnapshotError
from zstore.inventory.planning import KeyRange
from zstore.inventory.planning.gaps import gaps
from zstore.inventory.snapshot.claiming import ManifestWriter
from zstore.inventory.snapshot.cleaning import clean
from zstore.inventory.snapshot.finishing import rewrite
from zstore.inventory.snapshot.manifest import FINISHED, UNFINISHED, Hole, Manifest, Part
from zstore.inventory.snapshot.parts import PartWriter, new_name, table_file
from zstore.inventory.snapshot.reading import cut_points, read_keys
from zstore.inventory.snapshot.resuming import resume
from zstore.store import Store
from zstore.store.writing import BytesLike

__all__ = ["SnapshotWriter"]


class SnapshotWriter:
    """A scan on its way into a snapshot; made by `begin`.

    Used from one event loop; calls may overlap.

    Attributes
    ----------
    place
        Where the snapshot lies.
    manifest
        What was written down last, and the parts that came since.
    pending
        Ranges that were not listed when `checkpoint` was last called.
    previous
        The finished scan that this one will replace; None if there is none.

    Notes
    -----
    Whenever the program dies, ``manifest.json`` is whole and names files that are there,
    and so does ``unfinished.json``. Files that nobody names are deleted when a scan is
    finished. Of two scans that write to one place the one that began first stops.
    """

    def __init__(
        self,
        place: Store,
        manifest: Manifest,
        previous: Manifest | None,
        *,
        checkpoint_seconds: float = 2.0,
    ) -> None:
        self.place = place
        self.manifest = manifest
        self.previous = previous
        self._checkpoint_seconds = checkpoint_seconds
        self.pending = manifest.pending
        self._nrequests_before = manifest.nrequests
        self._next_checkpoint = 0.0
        self._manifests = ManifestWriter(place)

    @classmethod
    async def begin(
        cls,
        place: Store,
        *,
        store: str,
        prefix: str,
        source: str = "scan",
        restart: bool = False,
        checkpoint_seconds: float = 2.0,
    ) -> "SnapshotWriter":
        """Begin a scan, or go on with one that was interrupted.

        Parameters
        ----------
        place
            Where the snapshot lies, or is to lie.
        store, prefix, source
            As in `zstore.inventory.snapshot.manifest.Manifest`.
        restart
            Begin anew, whatever is there. A finished scan stays until this one is.
        checkpoint_seconds
            How much time passes between two checkpoints that are not asked for at once.

        Raises
        ------
        SnapshotError
            If there is a snapshot of another store or prefix, and `restart` is False, or
            one that a later version of zstore has written.
        CorruptStoreError
            If a manifest is damaged, and `restart` is False.
        AccessDeniedError, BackendError
            If the place refuses or fails.

        Notes
        -----
        Two requests; nothing is written yet.
        """
        new = Manifest(
            store=store,
            prefix=prefix,
            source=source,
            started=datetime.now(UTC),
            pending=(KeyRange(),),
            run=uuid4().hex,
        )
        begun, previous = await resume(place, new, restart=restart)
        return cls(place, begun, previous, checkpoint_seconds=checkpoint_seconds)

    def batches(self) -> AsyncGenerator[Any, None]:
        """Iterate over the keys so far, in batches; see `read_keys`."""
        return read_keys(self.place, self.manifest.parts)

    async def cut_points(self, npieces: int) -> list[str]:
        """Return keys that cut the previous scan into pieces of about equal size.

        See `zstore.inventory.snapshot.reading.cut_points`. Of a damaged snapshot there are
        none: it is about to be replaced.
        """
        if self.previous is None:
            return []
        try:
            return await cut_points(self.place, self.previous.parts, npieces)
        except CorruptStoreError:
            return []

    async def add_part(self, part: PartWriter, one: KeyRange) -> Part | None:
        """Write a part, and count it.

        Parameters
        ----------
        part
            To which all keys of the range were added.
        one
            The range.

        Raises
        ------
        SnapshotError
            If another part has keys of that range.
        AccessDeniedError, BackendError
            If the place refuses or fails, as a full disk does; then it can be tried again.
        """
        saved = await part.save(self.place, one)
        if saved is not None:
            self._insert(saved)
        return saved

    async def adopt(self, part: Part, content: BytesLike | None = None) -> None:
        """Count a part that somebody else has made.

        Parameters
        ----------
        part
            What `PartWriter.save` returned.
        content
            The file, if it does not lie in `place` yet.

        Raises
        ------
        SnapshotError, AccessDeniedError, BackendError
            As `add_part` does.
        """
        if content is not None:
            await self.place.set(part.name, content)
        self._insert(part)

    async def checkpoint(
        self, pending: Iterable[KeyRange], nrequests: int, *, at_once: bool = False
    ) -> None:
        """Write down what there is and what is left to do, if it is time to.

        Parameters
        ----------
        pending
            All ranges that no part holds yet, but for those known to be empty. So what was
            listed and waits to be written is pending too.
        nrequests
            Pages that this run has asked for.
        at_once
            Whether it is time in any case.

        Raises
        ------
        SnapshotError
            If another scan writes to the place.
        AccessDeniedError, BackendError
            If the place refuses or fails. The last checkpoint is still there.
        """
        self.pending = tuple(pending)
        if not at_once and not self.is_due:
            return
        self._next_checkpoint = time.monotonic() + self._checkpoint_seconds
        self.manifest = replace(
            self.manifest,
            pending=self.pending,
            nrequests=self._nrequests_before + nrequests,
        )
        await self._manifests.write(UNFINISHED, self.manifest)

    @property
    def is_due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return time.monotonic() >= self._next_checkpoint

    async def finish(
        self,
        *,
        holes: Iterable[Hole] = (),
        nrequests: int = 0,
        arrays: Any = None,
        folders: Any = None,
        finished: datetime | None = None,
    ) -> Manifest:
        """Write down how the scan ended.

        Parameters
        ----------
        holes
            Ranges that could not be listed.
        nrequests
            Pages that this run has asked for.
        arrays, folders
            Tables of Arrow to keep beside the keys.
        finished
            The moment that the snapshot is of; now by default.

        Returns
        -------
        Manifest
            With holes, or ranges that are pending, it is not `complete`; the
            scan then stays unfinished, and the next `begin` goes on with them.

        Raises
        ------
        CorruptStoreError
            If a part is damaged or missing.
        SnapshotError, AccessDeniedError, BackendError
            As `checkpoint` does. If the place fails, as a full disk does, what was there
            is still valid, and the next `begin` goes on with it.

        Notes
        -----
        A scan that is complete reads all its parts once more; see
        `zstore.inventory.snapshot.finishing.rewrite`. A failure to delete what is no
        longer needed is a `ZStoreWarning`.
        """
        holes = tuple(holes)
        known = [*gaps(self.pending), *(hole.range for hole in holes)]
        self.pending = tuple(gaps(known))
        self.manifest = replace(
            self.manifest,
            pending=self.pending,
            holes=holes,
            nrequests=self._nrequests_before + nrequests,
            arrays=await self._write_table("arrays", arrays),
            folders=await self._write_table("folders", folders),
        )
        if self.pending or holes:
            await self._manifests.write(UNFINISHED, self.manifest)
            return self.manifest
        parts, dirs = await rewrite(self.place, self.manifest.parts)
        finished = finished or datetime.now(UTC)
        self.manifest = replace(
            self.manifest, parts=tuple(parts), dirs=dirs, finished=finished
        )
        await self._manifests.write(FINISHED, self.manifest)
        await clean(self.place, self.manifest)
        return self.manifest

    def _insert(self, part: Part) -> None:
        parts = self.manifest.parts
        index = bisect_left(parts, part.range.after, key=lambda one: one.range.after)
        for other in parts[max(0, index - 1) : index + 1]:
            if part.range.overlaps(other.range):
                msg = f"the keys of {part.range} are in the snapshot already: {other.range}"
                raise SnapshotError(msg)
        self.manifest = replace(self.manifest, parts=(*parts[:index], part, *parts[index:]))

    async def _write_table(self, folder: str, table: Any) -> str | None:
        if table is None:
            return None
        name = new_name(folder)
        await self.place.set(name, await run_in_thread(table_file, table))
        return name
