"""The last pass over the keys of a snapshot: larger parts, and totals of directories."""

from collections.abc import Iterator, Sequence

from zstore.concurrency import run_to_the_end
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.directories import DirectoryFile
from zstore.inventory.snapshot.manifest import Part
from zstore.inventory.snapshot.parts import MAX_PART_NKEYS, PartWriter, new_name
from zstore.inventory.snapshot.reading import batches_of, read_file
from zstore.store import Store

__all__ = ["groups_of", "rewrite"]


def groups_of(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """Iterate over neighbouring parts that together make one of the usual size.

    Parameters
    ----------
    parts
        In the order of their ranges, which follow each other.
    """
    start, nkeys = 0, 0
    for index, part in enumerate(parts):
        if index > start and nkeys + part.nkeys > MAX_PART_NKEYS:
            yield parts[start:index]
            start, nkeys = index, 0
        nkeys += part.nkeys
    if parts:
        yield parts[start:]


async def rewrite(place: Store, parts: Sequence[Part]) -> tuple[list[Part], str]:
    """Join small parts, and write the totals of all directories.

    Parameters
    ----------
    place
        Where the snapshot lies.
    parts
        All of a snapshot, in the order of their ranges.

    Returns
    -------
    tuple
        The parts, joined ones with new names, and the key of the file ``dirs``. Nothing
        is deleted.

    Raises
    ------
    CorruptStoreError
        If a part is damaged or missing.
    AccessDeniedError, BackendError
        If the place refuses or fails, as a full disk does.

    Notes
    -----
    Each part is read once: some 0.2 us a key, 0.2 us more for those that are joined, and
    2 us a directory. Memory: a part and what it is joined into.
    """
    with DirectoryFile() as directories:
        joined = [await _join(place, group, directories) for group in groups_of(parts)]
        name = new_name("dirs")
        await place.set(name, await run_to_the_end(directories.finish))
        return joined, name


async def _join(place: Store, group: Sequence[Part], directories: DirectoryFile) -> Part:
    writer = PartWriter() if len(group) > 1 else None
    for part in group:
        file = await read_file(place, part.name)
        await run_to_the_end(_take, file, part, directories, writer)
    if writer is None:
        return group[0]
    joined = await writer.save(place, KeyRange(group[0].range.after, group[-1].range.until))
    # Only a writer without a key gives none, and no part is empty.
    return joined or group[0]


def _take(
    file: memoryview, part: Part, directories: DirectoryFile, writer: PartWriter | None
) -> None:
    for batch in batches_of(file, part):
        directories.add(batch)
        if writer is not None:
            writer.add(batch)
