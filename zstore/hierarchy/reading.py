"""Groups and arrays, read from a store."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from zstore.concurrency import run_in_thread
from zstore.errors import AccessDeniedError
from zstore.hierarchy.documents import MAX_METADATA_NBYTES
from zstore.hierarchy.fetching import fetch
from zstore.hierarchy.nodes import Format, Node
from zstore.hierarchy.parsing import parse_node
from zstore.keys import check_prefix, prefix_of
from zstore.ranges import RangeByteRequest
from zstore.store import Store

__all__ = ["read_node", "read_nodes"]

_NAMES: Final[dict[Format, tuple[str, ...]]] = {
    "zarr3": ("zarr.json",),
    "zarr2": (".zarray", ".zgroup", ".zattrs", ".zmetadata"),
    "n5": ("attributes.json",),
}
_ALL_NAMES: Final = tuple(name for names in _NAMES.values() for name in names)
# Of a document whose presence says all.
_PRESENCE: Final = RangeByteRequest(0, 1)
# One byte more than is parsed tells that there is more.
_WHOLE: Final = RangeByteRequest(0, MAX_METADATA_NBYTES + 1)
# Less is parsed in a millisecond, sooner than a thread takes over.
_MAX_NBYTES_AT_ONCE: Final = 2**16


async def read_node(
    store: Store,
    path: str = "",
    *,
    format: Format | None = None,  # noqa: A002 -- what zarr calls it
) -> Node | None:
    """Return the group or array at `path`, or None if there is none.

    Parameters
    ----------
    store
        Any store; it need not be able to list.
    path
        ``""`` is the root.
    format
        What the node most likely is: that of its parent. It is asked for first, and the
        other formats only if nothing is found.

    Returns
    -------
    Node or None
        With a `Node.problem` if its metadata are there and cannot be understood.

    Raises
    ------
    InvalidKeyError
        If `path` is no prefix.
    AccessDeniedError
        If documents are refused and no other makes a node. A bucket that may be read and
        not listed refuses what it does not have, so one refusal alone says little.
    BackendError, StoreClosedError
        As `Store.get` does.

    Notes
    -----
    Requests for one key each, all at once: 6 without a format; with one, 1 for ``zarr3``
    and ``n5`` and 4 for ``zarr2``, and the rest of the 6 after them if nothing is there.
    No more than `MAX_METADATA_NBYTES` are read of a document.
    """
    return (await read_nodes(store, [path], format=format))[path]


async def read_nodes(
    store: Store,
    paths: Iterable[str],
    *,
    format: Format | None = None,  # noqa: A002 -- what zarr calls it
) -> dict[str, Node | None]:
    """Return the groups and arrays at `paths`.

    Parameters
    ----------
    store
        Any store; it need not be able to list.
    paths
        As for `read_node`; a path may come again.
    format
        What the nodes most likely are; see `read_node`.

    Returns
    -------
    dict
        By the paths as they were given; None where there is no node.

    Raises
    ------
    InvalidKeyError
        If a path is no prefix.
    AccessDeniedError, BackendError, StoreClosedError
        As `read_node` does.

    Notes
    -----
    The requests of `read_node`, a bounded number of them at once; with a format two
    rounds if one of the paths has nothing of it.
    """
    places = {path: check_prefix(path) for path in paths}
    rounds = [_ALL_NAMES]
    if format is not None:
        first = _NAMES[format]
        rounds = [first, tuple(name for name in _ALL_NAMES if name not in first)]
    nodes: dict[str, Node | None] = dict.fromkeys(places)
    refusals: list[tuple[str, AccessDeniedError]] = []
    for names in rounds:
        missing = [path for path in places if nodes[path] is None]
        if not missing:
            break
        found = await _documents_at(store, [places[path] for path in missing], names)
        nodes.update(zip(missing, await _parsed(found), strict=True))
        pairs = zip(missing, found, strict=True)
        refusals += [(path, at.refusal) for path, at in pairs if at.refusal is not None]
    for path, refusal in refusals:
        if nodes[path] is None:
            raise refusal
    return nodes


class _Found(NamedTuple):
    """What lies at one prefix."""

    prefix: str
    documents: dict[str, bytes]
    refusal: AccessDeniedError | None


async def _documents_at(
    store: Store, prefixes: Sequence[str], names: Sequence[str]
) -> list[_Found]:
    """Return for each of `prefixes` those of the documents `names` that it has."""
    requests = [
        (prefix_of(prefix) + name, _PRESENCE if name == ".zmetadata" else _WHOLE)
        for prefix in prefixes
        for name in names
    ]
    contents = await fetch(store, requests)
    found: list[_Found] = []
    for place, prefix in enumerate(prefixes):
        own = contents[place * len(names) : (place + 1) * len(names)]
        pairs = list(zip(names, own, strict=True))
        documents = {name: text for name, text in pairs if isinstance(text, bytes)}
        refused = (text for text in own if isinstance(text, AccessDeniedError))
        found.append(_Found(prefix, documents, next(refused, None)))
    return found


async def _parsed(found: Sequence[_Found]) -> list[Node | None]:
    def parse() -> list[Node | None]:
        return [parse_node(at.prefix, at.documents) for at in found]

    nbytes = sum(len(text) for at in found for text in at.documents.values())
    return await run_in_thread(parse) if nbytes > _MAX_NBYTES_AT_ONCE else parse()
