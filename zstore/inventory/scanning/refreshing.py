"""Bringing a snapshot up to date, listing only what may have changed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from zstore.concurrency import run_in_thread
from zstore.entries import KeyPage
from zstore.errors import SnapshotError
from zstore.inventory.asking.coverage import selects_all_of
from zstore.inventory.engines import pa, pc
from zstore.inventory.planning import KeyRange
from zstore.inventory.scanning.documents import documents_in
from zstore.inventory.scanning.folders import folder_table, read_folders
from zstore.inventory.scanning.scan import ScanOptions, begin, run_scan
from zstore.inventory.snapshot.arrays import read_arrays
from zstore.inventory.snapshot.key_batches import SCHEMA, batch_of, sorted_batches
from zstore.inventory.snapshot.manifest import FINISHED, Manifest
from zstore.inventory.snapshot.parts import PartWriter
from zstore.inventory.snapshot.reading import read_keys
from zstore.inventory.snapshot.resuming import read_manifest
from zstore.inventory.snapshot.rollup import directories_of
from zstore.inventory.snapshot.writing import SnapshotWriter
from zstore.keys import check_prefix, prefix_of
from zstore.store import Store
from zstore.stores.local import LocalStore
from zstore.stores.local.changes import Changes, Relisted

__all__ = ["run_refresh"]

_NANOSECONDS = 1_000_000_000


async def run_refresh(store: Store, place: Store, prefix: str | None) -> Manifest:
    """Bring a snapshot up to date; see `zstore.inventory.Inventory.refresh`."""
    before = await read_manifest(place, FINISHED)
    selected = before.prefix if before is not None else prefix or ""
    if before is not None and not _selects(selected, prefix):
        msg = f"the snapshot is of what {selected!r} selects, and {prefix!r} is not in it"
        raise SnapshotError(msg)
    writer = await begin(store, place, selected, restart=True)
    if writer.previous is not None and writer.previous.complete:
        if prefix is not None and prefix != selected:
            return await _refresh_prefix(store, writer, check_prefix(prefix))
        if isinstance(store, LocalStore):
            manifest = await _refresh_folders(store, writer)
            if manifest is not None:
                return manifest
    return await run_scan(store, selected, place, ScanOptions())


def _selects(outer: str, inner: str | None) -> bool:
    return inner is None or selects_all_of(outer, check_prefix(inner))


@dataclass(slots=True)
class _Difference:
    """What is to be done to the keys of the snapshot before.

    Attributes
    ----------
    keeps
        Returns the rows of a batch of them that stay.
    new
        The keys that come in, as sorted batches.
    nrequests
        Pages that were asked for to find out.
    folders
        The stamps of all folders, as they are now.
    """

    keeps: Callable[[Any], Any]
    new: Sequence[Any]
    nrequests: int = 0
    folders: Iterable[tuple[str, int]] = field(default=())


async def _refresh_folders(store: LocalStore, writer: SnapshotWriter) -> Manifest | None:
    """List the folders again that changed since the snapshot before.

    Parameters
    ----------
    store
        What the snapshot is of.
    writer
        Begun anew; `SnapshotWriter.previous` is the snapshot before.

    Returns
    -------
    Manifest or None
        None if the snapshot before does not say when its folders were changed; then
        nothing was done.

    Raises
    ------
    ZStoreError
        What the store or the place of the snapshot raises; the snapshot before stays.

    Notes
    -----
    A system call for each folder that did not change. If none did, that is all;
    otherwise all parts are written anew, 0.5 us a key.
    """
    previous = writer.previous
    if previous is None or previous.folders is None:
        return None
    known = await read_folders(writer.place, previous.folders)
    began = int(previous.started.timestamp() * _NANOSECONDS)
    affected: set[str] = set()
    relisted: list[Relisted] = []
    gone: list[str] = []
    changes = store.changes(prefix_of(previous.prefix), known=known, began_ns=began)
    async with aclosing(changes) as found:
        async for some in found:
            _note(some, affected, relisted, gone)
    if not affected:
        return await _confirm(writer.place, previous)
    stamps = dict(known)
    for prefix in gone:
        del stamps[prefix]
    stamps.update({one.prefix: one.stamp for one in relisted})
    folders = pa.array([prefix.removesuffix("/") for prefix in sorted(affected)])

    def keeps(batch: Any) -> Any:
        listed_again = pc.is_in(directories_of(batch.column(0)), value_set=folders)
        return batch.filter(pc.invert(listed_again))

    new = await run_in_thread(_files_of, relisted)
    return await _rewrite(store, writer, _Difference(keeps, new, 0, stamps.items()))


def _files_of(relisted: Sequence[Relisted]) -> list[Any]:
    pages = [
        KeyPage([one.prefix + name for name in one.names], one.nbytes, one.modified)
        for one in relisted
    ]
    return sorted_batches([batch_of(page) for page in pages if len(page)])


def _note(
    some: Changes, affected: set[str], relisted: list[Relisted], gone: list[str]
) -> None:
    relisted += some.relisted
    gone += some.gone
    affected.update(some.gone, (one.prefix for one in some.relisted))


async def _refresh_prefix(store: Store, writer: SnapshotWriter, prefix: str) -> Manifest:
    """List what a prefix selects again, and keep the rest of the snapshot before.

    Parameters
    ----------
    store, writer
        As for `_refresh_folders`; there is a snapshot before.
    prefix
        As in `Store.scan`.

    Raises
    ------
    ZStoreError
        As for `_refresh_folders`.

    Notes
    -----
    One listing of `prefix`, held in memory: some 80 bytes a key. All parts are written
    anew, 0.5 us a key.
    """
    below = prefix_of(prefix)

    def keeps(batch: Any) -> Any:
        selected = pc.starts_with(batch.column(0), pattern=below)
        if prefix != below:
            selected = pc.or_(selected, pc.equal(batch.column(0), prefix))
        return batch.filter(pc.invert(selected))

    batches: list[Any] = []
    async with aclosing(store.scan_pages(prefix)) as pages:
        async for page in pages:
            batches.append(batch_of(page))
            await asyncio.sleep(0)
    new = await run_in_thread(sorted_batches, batches)
    difference = _Difference(keeps, new, len(batches))
    return await _rewrite(store, writer, difference)


async def _confirm(place: Store, previous: Manifest) -> Manifest:
    """Write down that nothing changed."""
    manifest = replace(previous, finished=datetime.now(UTC))
    await place.set(FINISHED, manifest.to_json())
    return manifest


async def _rewrite(
    store: Store, writer: SnapshotWriter, difference: _Difference
) -> Manifest:
    """Write the keys of the snapshot before anew, with a difference."""
    part, after, last = PartWriter(), "", ""
    documents: list[str] = []
    async with aclosing(_merged(writer, difference)) as batches:
        async for batch in batches:
            if part.is_full:
                await writer.add_part(part, KeyRange(after, last))
                part, after = PartWriter(), last
            part.add(batch)
            documents += documents_in(batch)
            last = batch.column(0)[-1].as_py()
    await writer.add_part(part, KeyRange(after))
    await writer.checkpoint([], difference.nrequests, at_once=True)
    stamps = list(difference.folders)
    return await writer.finish(
        nrequests=difference.nrequests,
        arrays=await read_arrays(store, documents),
        folders=folder_table(stamps) if stamps else None,
    )


async def _merged(
    writer: SnapshotWriter, difference: _Difference
) -> AsyncGenerator[Any, None]:
    """Iterate over the keys that stay and those that come in, in order."""
    assert writer.previous is not None  # noqa: S101 -- the caller looked
    new = pa.Table.from_batches(difference.new, SCHEMA)
    async with aclosing(read_keys(writer.place, writer.previous.parts)) as batches:
        async for batch in batches:
            kept = difference.keeps(batch)
            upto = pc.less_equal(new.column("key"), batch.column(0)[-1])
            coming = new.filter(upto)
            new = new.slice(coming.num_rows)
            for merged in _joined(kept, coming):
                yield merged
    for merged in new.to_batches():
        yield merged


def _joined(kept: Any, coming: Any) -> list[Any]:
    if not coming.num_rows:
        return [kept] if kept.num_rows else []
    return sorted_batches([kept, *coming.to_batches()])
