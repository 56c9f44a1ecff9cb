"""Reading the parts of a snapshot again: their keys, or only where to cut them."""

from bisect import bisect_left
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from itertools import accumulate
from typing import Any

from zstore.concurrency import batches_in_thread, map_limited, run_in_thread
from zstore.errors import CorruptStoreError
from zstore.inventory.engines import pa, pq
from zstore.inventory.snapshot.arrow_memory import release
from zstore.inventory.snapshot.key_batches import SCHEMA
from zstore.inventory.snapshot.manifest import Part
from zstore.keys import is_key
from zstore.ranges import SuffixByteRequest
from zstore.store import Store

__all__ = ["batches_of", "cut_points", "read_file", "read_keys"]

_BATCH_NKEYS = 16_384

# Enough for the footer of most parts; of some a second request brings the rest.
_FOOTER_NBYTES = 2**15
_END_NBYTES = 8
_FOOTERS_AT_ONCE = 16


async def read_file(
    place: Store, name: str, byte_range: SuffixByteRequest | None = None
) -> memoryview:
    """Return a file of a snapshot, or its end.

    Raises
    ------
    CorruptStoreError
        If it is not there.
    AccessDeniedError, BackendError
        If the place refuses or fails.
    """
    found = await place.get(name, byte_range=byte_range)
    if found is None:
        msg = f"the snapshot in {place} has lost its file {name!r}"
        raise CorruptStoreError(msg)
    return found.as_buffer_like()


def batches_of(file: memoryview, part: Part) -> Iterator[Any]:
    """Iterate over the keys of a part, in batches of `SCHEMA`; blocks while it decodes.

    Raises
    ------
    CorruptStoreError
        If the file is damaged, or does not hold what the manifest says.

    Notes
    -----
    Some 0.03 us a key. Memory: a batch, and the pages that it lies in.
    """
    nkeys = 0
    try:
        groups = pq.ParquetFile(pa.py_buffer(file), pre_buffer=False)
        for batch in groups.iter_batches(_BATCH_NKEYS, use_threads=False):
            nkeys += batch.num_rows
            release()
            yield batch.cast(SCHEMA)
        del groups
        release()
    except (pa.ArrowException, OSError) as error:
        raise _damaged(part, error) from error
    if nkeys != part.nkeys:
        raise _damaged(part, f"it has {nkeys:,} keys instead of {part.nkeys:,}")


async def read_keys(place: Store, parts: Iterable[Part]) -> AsyncGenerator[Any, None]:
    """Iterate over the keys of parts, in batches of `SCHEMA`.

    Raises
    ------
    CorruptStoreError
        If a part is damaged or missing.
    AccessDeniedError, BackendError
        If the place refuses or fails.

    Notes
    -----
    A request for each part, which lies in memory while it is read.
    """
    for part in parts:
        file = await read_file(place, part.name)
        async with aclosing(batches_in_thread(batches_of, file, part)) as batches:
            async for batch in batches:
                yield batch


async def cut_points(place: Store, parts: Sequence[Part], npieces: int) -> list[str]:
    """Return keys that cut a snapshot into pieces of about the same number of keys.

    Parameters
    ----------
    place
        Where the snapshot lies.
    parts
        Of its manifest.
    npieces
        How many pieces; there may be fewer, since parts are cut between row groups only.

    Returns
    -------
    list
        In their order; each is the last key of its piece.

    Raises
    ------
    CorruptStoreError
        If a part is damaged or missing.
    AccessDeniedError, BackendError
        If the place refuses or fails.

    Notes
    -----
    A request for the footer of each part that is cut, up to 16 at once; no key is read.
    """
    ends = list(accumulate(part.nkeys for part in parts))
    total = ends[-1] if ends else 0
    wanted = [total * piece // npieces for piece in range(1, npieces)]
    # Positions that are wanted, by the part that they lie in.
    inside: dict[int, list[int]] = {}
    for position in wanted:
        index = bisect_left(ends, position)
        start = ends[index] - parts[index].nkeys if parts else 0
        inside.setdefault(index, []).append(position - start)

    async def cut(index: int) -> list[str]:
        groups = await _row_groups(place, parts[index])
        if index == len(parts) - 1:
            # Nothing comes after the last key of all.
            groups.pop()
        return [_nearest(groups, position) for position in inside[index] if groups]

    if not total:
        return []
    found = await map_limited(cut, sorted(inside), limit=_FOOTERS_AT_ONCE)
    return sorted({key for keys in found for key in keys if is_key(key)})


def _nearest(groups: list[tuple[int, str]], position: int) -> str:
    return min(groups, key=lambda group: abs(group[0] - position))[1]


async def _row_groups(place: Store, part: Part) -> list[tuple[int, str]]:
    """Return for each row group how many keys there are up to its last one, and that."""
    end = await read_file(place, part.name, SuffixByteRequest(_FOOTER_NBYTES))
    needed = int.from_bytes(end[-_END_NBYTES:][:4], "little") + _END_NBYTES
    if len(end) < needed <= part.file_nbytes:
        end = await read_file(place, part.name, SuffixByteRequest(needed))
    return await run_in_thread(_decode_footer, end, part)


def _decode_footer(end: memoryview, part: Part) -> list[tuple[int, str]]:
    try:
        footer = pq.read_metadata(pa.BufferReader(pa.py_buffer(end)))
        groups = [footer.row_group(index) for index in range(footer.num_row_groups)]
        counts = accumulate(group.num_rows for group in groups)
        return [
            (count, str(group.column(0).statistics.max))
            for count, group in zip(counts, groups, strict=True)
        ]
    except (pa.ArrowException, OSError, AttributeError) as error:
        raise _damaged(part, error) from error


def _damaged(part: Part, reason: object) -> CorruptStoreError:
    return CorruptStoreError(f"the part {part.name!r} of a snapshot is damaged: {reason}")
