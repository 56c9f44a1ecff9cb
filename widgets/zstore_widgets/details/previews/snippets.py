"""Code that reads what is selected, to copy into a cell.

Every key stands there as Python writes it, so that none of its characters can end the
text, hide, or be lost.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from zstore.keys import prefix_of

__all__ = ["NodeKind", "Snippet", "key_snippets", "keys_snippet", "prefix_snippets"]

NodeKind: TypeAlias = Literal["group", "array"]


class Snippet(NamedTuple):
    """Some lines of Python.

    Attributes
    ----------
    title
        What they do.
    code
        They stand on ``store``, and in a notebook, where `await` is allowed.
    """

    title: str
    code: str


def key_snippets(key: str) -> list[Snippet]:
    """Return what reads one value."""
    name = repr(key)
    read = f"value = await store.get_bytes({name})"
    if key.endswith((".json", ".zarray", ".zattrs")):
        read += f"\nfields = await store.get_json({name})"
    return [
        Snippet("Read the value", read),
        Snippet(
            "Read a part of it",
            "from zstore import RangeByteRequest\n\n"
            f"part = await store.get({name}, byte_range=RangeByteRequest(0, 1024))\n"
            "part.to_bytes()",
        ),
        Snippet(
            "Keep the place",
            "from zstore import StorePath\n\n"
            f"place = StorePath(store, {name})\n"
            "buffer = await place.get()",
        ),
        Snippet(
            "Without await",
            "from zstore.sync import SyncStore\n\n"
            f"value = SyncStore(store).get_bytes({name})",
        ),
    ]


def keys_snippet(keys: Sequence[str]) -> Snippet:
    """Return what reads several values at once."""
    names = "".join([f"    {key!r},\n" for key in keys])
    code = f"keys = [\n{names}]\nvalues = await store.get_many(keys)"
    return Snippet("Read the values", code)


def prefix_snippets(path: str, node: NodeKind | None) -> list[Snippet]:
    """Return what reads and lists what lies below a path; `path` has no final slash."""
    prefix = repr(prefix_of(path))
    listing = [
        Snippet(
            "List what is there",
            f"async for entries in store.list_entries({prefix}):\n"
            "    for entry in entries:\n"
            "        print(entry.name, entry.kind, entry.nbytes)",
        ),
        Snippet("Add up the sizes", f"nbytes = await store.getsize_prefix({prefix})"),
        Snippet(
            "Without await",
            "from zstore.sync import SyncStore\n\n"
            f"names = list(SyncStore(store).list_dir({prefix}))",
        ),
    ]
    if node is None:
        return listing
    opened = [
        Snippet(
            f"Open the {node} with zarr",
            "import zarr\nfrom zstore import as_zarr\n\n"
            f'{node} = zarr.open_{node}(as_zarr(store), path={path!r}, mode="r")\n'
            + ("values = array[...]" if node == "array" else "group.tree()"),
        ),
        Snippet(
            "Read its metadata",
            "from zstore.hierarchy import read_node\n\n"
            f"node = await read_node(store, {path!r})",
        ),
    ]
    return opened + listing
