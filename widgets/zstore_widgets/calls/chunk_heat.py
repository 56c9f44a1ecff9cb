"""Which chunks of an array the recorded calls touched, how often, and in which order."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zstore import Store
from zstore._compat import override
from zstore.display import format_count, visible
from zstore.errors import ZStoreError
from zstore.hierarchy import METADATA_NAMES, Node, read_nodes
from zstore.keys import check_prefix
from zstore.wrappers.trace import Record

__all__ = ["ChunkHeat", "Direction", "arrays_seen", "heat_of"]

Direction = Literal["read", "written"]

_METHODS: dict[Direction, frozenset[str]] = {
    "read": frozenset({"get", "get_many", "get_partial_values", "get_ranges"}),
    "written": frozenset({"set", "set_many", "set_if_not_exists", "set_partial_values"}),
}
_MAX_ARRAYS = 64
# The end of a key of a chunk: numbers apart by "/" or ".", perhaps below a "c".
_CHUNK_END = re.compile(r"(?:^|/)(?:c/|c\.)?[0-9]{1,18}(?:[/.][0-9]{1,18}){0,63}$")


@dataclass(frozen=True, slots=True, eq=False)
class ChunkHeat:
    """How the chunks of one array were touched.

    Attributes
    ----------
    path
        Of the array.
    direction
        Whether reads or writes were counted.
    what
        ``"chunk"``, or ``"shard"`` if that is what is stored.
    counts
        How many chunks the whole array has along each axis.
    indices
        Shape (n, ndim), int64: the chunks that were touched, in the order of the first
        touch.
    touches
        Shape (n,): how often.
    repeats
        Shape (n,): how often the very same bytes were asked for again.
    missing
        Shape (n,): how often nothing was stored there.
    """

    path: str
    direction: Direction
    what: Literal["chunk", "shard"]
    counts: tuple[int, ...]
    indices: NDArray[np.int64]
    touches: NDArray[np.int64]
    repeats: NDArray[np.int64]
    missing: NDArray[np.int64]

    @property
    def words(self) -> str:
        """What a person should know, as a sentence: what was touched twice, above all."""
        n = len(self.touches)
        if n == 0:
            return f"no {self.what} {self.direction}"
        parts = [f"{_counted(n, self.what)} {self.direction}"]
        twice = int(np.count_nonzero(self.repeats == 1))
        more = int(np.count_nonzero(self.repeats > 1))
        whose = "the same bytes of " if self.what == "shard" else ""
        if twice:
            parts.append(f"{whose}{format_count(twice)} of them twice")
        if more:
            parts.append(f"{whose}{format_count(more)} of them more often")
        if not twice and not more and n > 1:
            parts.append("none of them twice" if not whose else "no bytes of them twice")
        ntouches = int(self.touches.sum())
        if ntouches > n:
            parts.append(f"by {_counted(ntouches, 'call')}")
        if absent := int(np.count_nonzero(self.missing)):
            parts.append(f"{format_count(absent)} not stored")
        return ", ".join(parts)

    @override
    def __repr__(self) -> str:
        return f"ChunkHeat({visible(self.path)!r}: {self.words})"


def _counted(count: int, what: str) -> str:
    return f"{format_count(count)} {what}{'s' * (count != 1)}"


async def arrays_seen(store: Store, records: Sequence[Record]) -> list[Node]:
    """Return the arrays that the calls were about; the most used ones, 64 at most.

    Parameters
    ----------
    store
        Where the metadata are; not the store that is watched, which would record it.
    records
        The calls.

    Notes
    -----
    The requests of `zstore.hierarchy.read_nodes`, for each path that a key of metadata or
    of a chunk hints at.
    """
    counted: Counter[str] = Counter()
    for record in records:
        for key in record.keys:
            path = _array_of(key)
            if path is not None:
                counted[path] += 1
    paths = [path for path, _ in counted.most_common(4 * _MAX_ARRAYS) if _is_path(path)]
    nodes = await read_nodes(store, paths[:_MAX_ARRAYS])
    return [node for node in nodes.values() if node is not None and node.array is not None]


def _array_of(key: object) -> str | None:
    """Return the path of the node that a key may belong to."""
    if not isinstance(key, str):
        return None  # a call with an impossible key is recorded too
    folder, _, name = key.rpartition("/")
    if name in METADATA_NAMES:
        return folder
    end = _CHUNK_END.search(key)
    return None if end is None else key[: end.start()]


def _is_path(path: str) -> bool:
    try:
        check_prefix(path)
    except ZStoreError:
        return False
    return True


def heat_of(
    node: Node, records: Sequence[Record], direction: Direction = "read"
) -> ChunkHeat:
    """Return how the calls touched the chunks of an array.

    Parameters
    ----------
    node
        An array.
    records
        The calls; they are counted in the order in which they began.
    direction
        Count reads, or writes.
    """
    array = node.array
    assert array is not None  # noqa: S101 -- of an array, says the caller
    grid = array.grid
    prefix = f"{node.path}/" if node.path else ""
    found: dict[tuple[int, ...], list[int]] = {}
    asked: set[tuple[str, str]] = set()
    for record, key, byte_range in _touches(records, _METHODS[direction]):
        index = grid.index_of(key[len(prefix) :]) if key.startswith(prefix) else None
        if index is None:
            continue
        touch = found.setdefault(index, [0, 0, 0])
        touch[0] += 1
        touch[1] += (key, byte_range) in asked
        touch[2] += record.outcome == "missing"
        asked.add((key, byte_range))
    numbers = np.array(list(found.values()), dtype=np.int64).reshape(len(found), 3)
    ndim = len(grid.counts)
    return ChunkHeat(
        path=node.path,
        direction=direction,
        what="shard" if array.shard_shape is not None else "chunk",
        counts=grid.counts,
        indices=np.array(list(found), dtype=np.int64).reshape(len(found), ndim),
        touches=numbers[:, 0],
        repeats=numbers[:, 1],
        missing=numbers[:, 2],
    )


def _touches(
    records: Sequence[Record], methods: frozenset[str]
) -> Iterator[tuple[Record, str, str]]:
    """Yield each key of the calls with its range as text, in the order they began."""
    for record in sorted(records, key=lambda record: record.clock):
        if record.method in methods:
            for at, key in enumerate(record.keys):
                yield record, str(key), _range_at(record, at)


def _range_at(record: Record, at: int) -> str:
    # As text: what is no range may not be hashable.
    ranges = record.byte_ranges
    if len(record.keys) == len(ranges):
        return repr(ranges[at])
    return repr(ranges) if ranges else "None"
