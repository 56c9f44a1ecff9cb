"""A whole tree from one document: consolidated metadata.

Sources: zarr-python 2, ``zarr.convenience.consolidate_metadata`` (``.zmetadata``, which
the specification of Zarr v2 does not have); zarr-python 3 (``consolidated_metadata`` in
``zarr.json``, kind ``inline``).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from zstore.concurrency import run_in_thread
from zstore.errors import AccessDeniedError, CorruptStoreError
from zstore.hierarchy.documents import is_object, parse_document, shown
from zstore.hierarchy.fetching import fetch
from zstore.hierarchy.nodes import Format, Node
from zstore.hierarchy.parsing import node_of
from zstore.keys import check_prefix, is_key, prefix_of
from zstore.ranges import RangeByteRequest
from zstore.store import Store

__all__ = ["MAX_CONSOLIDATED_NBYTES", "consolidated_nodes", "read_consolidated"]

MAX_CONSOLIDATED_NBYTES: Final = 32 * 2**20
"""No larger document of consolidated metadata is read."""

_MAX_NODES: Final = 250_000
_INLINE: Final = "consolidated_metadata"


def consolidated_nodes(document: bytes, path: str = "") -> dict[str, Node]:
    """Return all nodes that a document of consolidated metadata describes.

    Parameters
    ----------
    document
        A ``.zmetadata`` of Zarr v2, or a ``zarr.json`` of Zarr v3 that has
        ``consolidated_metadata``.
    path
        Where the document lies.

    Returns
    -------
    dict
        By `Node.path`; the node at `path` comes first. Whatever the document holds,
        nothing is raised: what cannot be understood, and how much was left out, is said
        in the `Node.problem` of that first node. At most 250,000 nodes, from at most
        32 MiB.

    Notes
    -----
    Takes some 50 us a node; `read_consolidated` leaves that to a worker thread.
    """
    path = path.removesuffix("/")
    try:
        content = parse_document(document, MAX_CONSOLIDATED_NBYTES)
    except CorruptStoreError as error:
        problem = f"its consolidated metadata are not understood: {error}"
        likely: Format = "zarr3" if _INLINE.encode() in document else "zarr2"
        return {path: Node(path, "group", likely, consolidated=True, problem=problem)}
    return _nodes(path, content)


def _nodes(path: str, content: dict[str, Any]) -> dict[str, Node]:
    if _INLINE in content:
        inline = content[_INLINE]
        metadata = inline.get("metadata") if is_object(inline) else None
        source, own = "zarr.json", {"zarr.json": content}
        places = _v3_places(metadata)
    else:
        metadata = content.get("metadata")
        source, own = ".zmetadata", {".zmetadata": content}
        places = _v2_places(metadata)
    documents = (prefix_of(path) + source,)
    first = node_of(path, {**places.pop("", {}), **own})
    assert first is not None  # noqa: S101 -- each of the two documents makes a node
    nodes = {path: first}
    for place, contents in places.items():
        full = prefix_of(path) + place
        good = len(nodes) < _MAX_NODES and is_key(place) and is_key(full)
        node = node_of(full, contents) if good else None
        if node is not None:
            nodes[full] = replace(node, documents=documents, consolidated=False)
    problems = [first.problem] if first.problem else []
    if not is_object(metadata):
        problems.append(f"its consolidated metadata list no nodes: {shown(metadata)}")
    if left_out := 1 + len(places) - len(nodes):
        problems.append(f"{left_out} nodes of its consolidated metadata were left out")
    problem = "; ".join(problems) or None
    nodes[path] = replace(first, documents=documents, consolidated=True, problem=problem)
    return nodes


def _v2_places(metadata: object) -> dict[str, Mapping[str, object]]:
    """Return the documents of Zarr v2 by the path that each lies at."""
    places: dict[str, dict[str, object]] = {}
    for key, value in metadata.items() if is_object(metadata) else ():
        place, _, name = key.rpartition("/")
        places.setdefault(place, {})[name] = value
    return dict(places)


def _v3_places(metadata: object) -> dict[str, Mapping[str, object]]:
    if not is_object(metadata):
        return {}
    return {place: {"zarr.json": value} for place, value in metadata.items()}


async def read_consolidated(store: Store, path: str = "") -> dict[str, Node] | None:
    """Return all nodes at and below `path`, if their metadata were consolidated there.

    Parameters
    ----------
    store
        Any store; it need not be able to list.
    path
        ``""`` is the root.

    Returns
    -------
    dict or None
        See `consolidated_nodes`; None if there are no consolidated metadata. They may be
        older than the nodes themselves.

    Raises
    ------
    InvalidKeyError
        If `path` is no prefix.
    AccessDeniedError
        If both documents are refused; of one, see `read_node`.
    BackendError, StoreClosedError
        As `Store.get` does.

    Notes
    -----
    Two requests at once. If both formats are there, Zarr v3 is taken.
    """
    below = prefix_of(check_prefix(path))
    whole = RangeByteRequest(0, MAX_CONSOLIDATED_NBYTES + 1)
    keys = [below + "zarr.json", below + ".zmetadata"]
    contents = await fetch(store, [(key, whole) for key in keys])
    refusals = [content for content in contents if isinstance(content, AccessDeniedError)]
    if len(refusals) == len(contents):
        raise refusals[0]
    v3, v2 = (content if isinstance(content, bytes) else None for content in contents)
    return await run_in_thread(_first_consolidated, below, v3, v2)


def _first_consolidated(
    below: str, v3: bytes | None, v2: bytes | None
) -> dict[str, Node] | None:
    # Looked for as a text first: most documents do not have it, and need no parsing.
    if v3 is not None and _has_inline(v3):
        return consolidated_nodes(v3, below)
    return None if v2 is None else consolidated_nodes(v2, below)


def _has_inline(document: bytes) -> bool:
    if f'"{_INLINE}"'.encode() not in document:
        return False
    try:
        return parse_document(document, MAX_CONSOLIDATED_NBYTES).get(_INLINE) is not None
    except CorruptStoreError:
        # Whose problem is then said.
        return True
