"""What the metadata of the arrays in a store say, as a table of a snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from os.path import commonprefix
from typing import Any, Final

from zstore.concurrency import map_limited, run_in_thread
from zstore.errors import AccessDeniedError, StoreClosedError, ZStoreError
from zstore.hierarchy import (
    MAX_METADATA_NBYTES,
    ArrayMetadata,
    Format,
    Node,
    consolidated_nodes,
    parse_node,
    read_consolidated,
)
from zstore.hierarchy.fetching import fetch
from zstore.inventory.engines import pa
from zstore.keys import check_key, prefix_of
from zstore.ranges import RangeByteRequest
from zstore.store import Store
from zstore.stores.failures import plain_text

__all__ = ["MAX_DOCUMENTS", "MAX_NCHUNKS", "SCHEMA", "read_arrays"]

MAX_DOCUMENTS: Final = 10_000
"""How many documents are read at most, if nothing else is said."""

MAX_NCHUNKS: Final = 10**18
"""Of an array with more chunks nothing is said: far more than any array has."""

SCHEMA: Any = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("zarr_format", pa.string(), nullable=False),
        pa.field("dtype", pa.string()),
        pa.field("itemsize", pa.int64()),
        pa.field("shape", pa.list_(pa.int64())),
        pa.field("chunks", pa.list_(pa.int64())),
        pa.field("codecs", pa.string()),
        pa.field("nchunks", pa.int64()),
        pa.field("lead", pa.string()),
        pa.field("separator", pa.string()),
        pa.field("reverses", pa.bool_()),
        pa.field("problem", pa.string()),
    ]
)
"""The columns of ``arrays``: a row for each array, sorted by `path`.

`chunks` is the shape of what is stored under one key each, in elements: of shards, if there
are any. `nchunks` is how many of them the whole array has; `lead`, `separator` and
`reverses` say how their keys are made (`zstore.hierarchy.ChunkKeyEncoding`). All but `path`
and `zarr_format` are null where `problem` says why.
"""

_FORMATS: Final[dict[str, Format]] = {
    "zarr.json": "zarr3",
    ".zarray": "zarr2",
    "attributes.json": "n5",
}
_INLINE: Final = b'"consolidated_metadata"'
_WHOLE: Final = RangeByteRequest(0, MAX_METADATA_NBYTES + 1)
_MAX_CONCURRENCY: Final = 16


async def read_arrays(
    store: Store, keys: Iterable[str], *, max_documents: int = MAX_DOCUMENTS
) -> Any:
    """Return what the metadata documents of a store say about its arrays.

    Parameters
    ----------
    store
        Any store; it need not be able to list.
    keys
        Documents that the listing found: ``zarr.json``, ``.zarray``, ``attributes.json``
        of any folder. Others are passed over.
    max_documents
        Read so many of them at most, the first in the order of paths.

    Returns
    -------
    pyarrow.Table
        Of `SCHEMA`. Groups have no row. Its `schema.metadata` says under
        ``b"left_out"`` how many documents were not looked at.

    Raises
    ------
    StoreClosedError
        If the store was closed. Whatever else a store or a document does is said in the
        column `problem`.

    Notes
    -----
    A request for each document, 16 at once, but for those that consolidated metadata above
    repeat: they are believed. Two requests more to look for those of Zarr v2.
    """
    found = sorted({key for key in keys if key.rpartition("/")[2] in _FORMATS}, key=_order)
    rows: dict[str, dict[str, Any]] = {}
    left = await _from_zmetadata(store, found[:max_documents], rows)

    async def read(group: list[str]) -> list[str]:
        return await _read(store, group, rows)

    # From the top down: what a group repeats of the nodes below need not be read there.
    while left:
        rest = await map_limited(read, _by_top(left), limit=_MAX_CONCURRENCY)
        left = [key for group in rest for key in group]
    in_order = sorted(rows.values(), key=lambda row: prefix_of(row["path"]))
    table = pa.Table.from_pylist(_not_nested(in_order), schema=SCHEMA)
    left_out = max(0, len(found) - max_documents)
    return table.replace_schema_metadata({"left_out": str(left_out)})


def _order(key: str) -> tuple[str, int]:
    path, _, name = key.rpartition("/")
    # All that lies below a path follows it at once.
    return prefix_of(path), list(_FORMATS).index(name)


def _by_top(documents: Sequence[str]) -> list[list[str]]:
    """Divide documents in their order: each begins with the one that the rest lie below."""
    groups: list[list[str]] = []
    top: str | None = None
    for key in documents:
        below = _order(key)[0]
        if top is None or not below.startswith(top):
            top = below
            groups.append([])
        groups[-1].append(key)
    return groups


async def _from_zmetadata(
    store: Store, documents: Sequence[str], rows: dict[str, dict[str, Any]]
) -> list[str]:
    """Fill in what the group above all arrays of Zarr v2 repeats; return what is left."""
    ours = [key for key in documents if key.endswith(".zarray")]
    # To look costs two requests, which less than three documents cannot bring back.
    if len(ours) <= 2:  # noqa: PLR2004 -- two requests
        return list(documents)
    paths = [_order(key)[0] for key in ours]
    top = commonprefix(paths).rpartition("/")[0]  # noqa: RUF071 -- it ends at a slash
    try:
        nodes = await read_consolidated(store, top)
    except StoreClosedError:
        raise
    except ZStoreError:
        # Who cannot read this may still read the documents.
        nodes = None
    return _take(nodes or {}, documents, rows)


async def _read(
    store: Store, group: Sequence[str], rows: dict[str, dict[str, Any]]
) -> list[str]:
    """Read the first document, below which the others lie; return what is left of them."""
    key, below = group[0], group[1:]
    path, _, name = key.rpartition("/")
    try:
        check_key(key)
        [content] = await fetch(store, [(key, _WHOLE)])
        if isinstance(content, AccessDeniedError):
            raise content
        if content is None:
            # It was there when the store was listed, and is gone.
            return list(below)
        nodes: dict[str, Node] = {}
        if below and _INLINE in content:
            nodes = await _consolidated_in(store, path, content)
    except StoreClosedError:
        raise
    except ZStoreError as error:
        row: dict[str, Any] | None = _problem(path, _FORMATS[name], plain_text(error))
        nodes = {}
    else:
        node = parse_node(path, {name: content})
        row = None if node is None else _row(node)
    if row is not None:
        # Of two formats in one folder the first in the order of documents stands.
        rows.setdefault(path, row)
    return _take(nodes, below, rows)


async def _consolidated_in(store: Store, path: str, content: bytes) -> dict[str, Node]:
    if len(content) > MAX_METADATA_NBYTES:
        # Such a document may be larger than others.
        return await read_consolidated(store, path) or {}
    return await run_in_thread(consolidated_nodes, content, path)


def _take(
    nodes: Mapping[str, Node], documents: Sequence[str], rows: dict[str, dict[str, Any]]
) -> list[str]:
    """Fill in the rows of nodes that documents describe; return the others."""
    left: list[str] = []
    for key in documents:
        path, _, name = key.rpartition("/")
        node = nodes.get(path)
        if node is None or node.problem is not None or node.format != _FORMATS[name]:
            left.append(key)
        elif (row := _row(node)) is not None:
            rows.setdefault(path, row)
    return left


def _row(node: Node) -> dict[str, Any] | None:
    if node.kind == "group":
        return None
    array = node.array
    if array is None:
        return _problem(node.path, node.format, node.problem or "its metadata say nothing")
    grid = array.grid
    if grid.nchunks > MAX_NCHUNKS:
        return _problem(node.path, node.format, f"it has {grid.nchunks} chunks")
    return {
        "path": node.path,
        "zarr_format": node.format,
        "dtype": array.dtype,
        "itemsize": array.itemsize,
        "shape": grid.shape,
        "chunks": grid.stored_shape,
        "codecs": _codecs(array),
        "nchunks": grid.nchunks,
        "lead": grid.encoding.lead,
        "separator": grid.encoding.separator,
        "reverses": grid.encoding.reverses,
        "problem": node.problem,
    }


def _codecs(array: ArrayMetadata) -> str:
    inner = ", ".join(codec.text for codec in array.codecs) or "none"
    return inner if array.shard_shape is None else f"shards of {inner}"


def _problem(path: str, zarr_format: Format, problem: str) -> dict[str, Any]:
    return {"path": path, "zarr_format": zarr_format, "problem": problem}


def _not_nested(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows; an array below another has nothing but a problem."""
    found: list[dict[str, Any]] = []
    outer: dict[str, Any] | None = None
    for row in rows:
        if outer is not None and prefix_of(row["path"]).startswith(
            prefix_of(outer["path"])
        ):
            said = f"it lies below the array {outer['path']!r}"
            found.append(_problem(row["path"], row["zarr_format"], said))
            continue
        if row.get("nchunks") is not None:
            outer = row
        found.append(row)
    return found
