"""``zstore info``: what a store is, and a group, an array or a value in it."""

import argparse
import json
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from math import prod
from typing import Any

from zstore.cli.places import Commands, add_command, with_store
from zstore.cli.printing import console, print_json, print_table
from zstore.cli.progress import Tell, watched
from zstore.cli.status import INTERRUPTED
from zstore.display import (
    format_count,
    format_nbytes,
    format_shape,
    place_line,
    sentence,
    visible,
)
from zstore.errors import KeyNotFoundError, ZStoreError
from zstore.hierarchy import ArrayMetadata, Node, read_node, scan_chunks
from zstore.keys import check_prefix
from zstore.store import Store

__all__ = ["add", "run"]

_LONGEST = 300
_ABILITIES = {
    "listing": "supports_listing",
    "writes": "supports_writes",
    "deletes": "supports_deletes",
    "partial writes": "supports_partial_writes",
}


def add(commands: Commands) -> None:
    """Add the subcommand."""
    summary = "Tell what a store is, or a group, an array or a value in it."
    parser = add_command(commands, "info", run, summary)
    parser.add_argument(
        "path", metavar="PATH", nargs="?", default="", help="what to tell of; the root"
    )


def run(options: argparse.Namespace) -> int:
    """Print what is known; after Ctrl-C without the chunks that were not yet counted."""
    interrupted = False
    with watched(quietly=options.json) as tell:
        asking = _Asking(check_prefix(options.path).removesuffix("/"), tell)
        try:
            with_store(options.store, asking.ask)
        except KeyboardInterrupt:
            interrupted = True
            if not asking.place:
                raise
    if options.json:
        print_json(_as_json(asking))
    else:
        _print(asking, console())
    return INTERRUPTED if interrupted else 0


@dataclass(slots=True)
class _Asking:
    """What was found out so far."""

    path: str
    tell: Tell
    place: str = ""
    can: tuple[str, ...] = ()
    node: Node | None = None
    kind: str = ""
    nbytes: int | None = None
    nchunks: int | None = None
    complete: bool = False
    uncounted: str | None = None

    async def ask(self, store: Store) -> None:
        """Ask the store; an array costs a listing of its chunks."""
        self.node = await read_node(store, self.path)
        self.kind = await self._kind(store)
        self.place = place_line(store)
        self.can = tuple(word for word, name in _ABILITIES.items() if getattr(store, name))
        if self.node is not None and self.node.array is not None:
            try:
                await self._count(store, self.node)
            except ZStoreError as error:
                # What the metadata say is told all the same.
                self.nchunks = self.nbytes = None
                self.uncounted = sentence(error)

    async def _kind(self, store: Store) -> str:
        if self.node is not None:
            return self.node.kind
        if self.path and await store.exists(self.path):
            self.nbytes = await store.getsize(self.path)
            return "value"
        if self.path and store.supports_listing and await store.is_empty(self.path):
            raise KeyNotFoundError(self.path)
        return "prefix"

    async def _count(self, store: Store, node: Node) -> None:
        self.nbytes = self.nchunks = 0
        async with aclosing(scan_chunks(store, node)) as batches:
            async for chunks in batches:
                self.nchunks += len(chunks.nbytes)
                self.nbytes += int(chunks.nbytes.sum())
                present = format_count(self.nchunks)
                self.tell(f"{present} chunks, {format_nbytes(self.nbytes)}")
        self.complete = True


def _ratio(asking: _Asking, array: ArrayMetadata) -> float | None:
    """Return how many bytes one stored byte stands for, in the chunks that are there."""
    if not asking.nbytes or not asking.nchunks or array.itemsize is None:
        return None
    whole = asking.nchunks * prod(array.grid.stored_shape) * array.itemsize
    return whole / asking.nbytes


def _as_json(asking: _Asking) -> dict[str, Any]:
    told: dict[str, Any] = {
        "store": asking.place,
        "can": asking.can,
        "path": asking.path,
        "kind": asking.kind,
    }
    if asking.nbytes is not None:
        told["nbytes"] = asking.nbytes
    node = asking.node
    if node is None:
        return told
    told |= {
        "format": node.format,
        "consolidated": node.consolidated,
        "problem": node.problem,
        "attributes": dict(node.attributes),
    }
    return told if node.array is None else told | _array_as_json(asking, node.array)


def _array_as_json(asking: _Asking, array: ArrayMetadata) -> dict[str, Any]:
    return {
        "shape": array.shape,
        "dtype": array.dtype,
        "chunk_shape": array.chunk_shape,
        "shard_shape": array.shard_shape,
        "grid": array.grid.counts,
        "codecs": [
            {"name": codec.name, "configuration": codec.configuration}
            for codec in array.codecs
        ],
        "fill_value": array.fill_value,
        "order": array.order,
        "dimension_names": array.dimension_names,
        "nbytes_uncompressed": array.nbytes,
        "nchunks": array.grid.nchunks,
        "nchunks_stored": asking.nchunks,
        "complete": asking.complete,
        "uncounted": asking.uncounted,
        "ratio": _ratio(asking, array),
    }


def _print(asking: _Asking, out: Any) -> None:
    rows = [("store", asking.place), ("can", ", ".join(asking.can) or "only read keys")]
    if asking.path:
        rows.append(("path", visible(asking.path, _LONGEST)))
    node = asking.node
    if node is None:
        kind = {"value": "a value", "prefix": "no Zarr or N5 metadata"}[asking.kind]
        rows.append(("is", kind))
    else:
        rows.append(("is", f"{node.kind}, {_FORMATS[node.format]}"))
        if node.problem:
            rows.append(("problem", visible(node.problem, _LONGEST)))
        if node.consolidated:
            rows.append(("metadata", "consolidated"))
    if node is not None and node.array is not None:
        rows += _array_rows(asking, node.array)
    elif asking.nbytes is not None:
        rows.append(("size", _exact(asking.nbytes)))
    print_table(rows, faint="first")
    if node is not None and node.attributes:
        out.print("attributes")
        print_table(
            [(f"  {name}", text) for name, text in _texts(node.attributes)], faint="first"
        )


_FORMATS = {"zarr2": "Zarr v2", "zarr3": "Zarr v3", "n5": "N5"}


def _array_rows(asking: _Asking, array: ArrayMetadata) -> list[tuple[str, str]]:
    size = "" if array.nbytes is None else f", {format_nbytes(array.nbytes)}"
    rows = [
        ("shape", f"{format_shape(array.shape) or 'one value'}"),
        ("dtype", array.dtype + size),
    ]
    if array.dimension_names:
        names = [name if name is not None else "-" for name in array.dimension_names]
        rows.append(("dimensions", ", ".join(names)))
    rows.append(("chunks", format_shape(array.chunk_shape) or "one"))
    if array.shard_shape:
        rows.append(("shards", format_shape(array.shard_shape)))
    rows.append(("grid", format_shape(array.grid.counts) or "one"))
    codecs = [codec.text for codec in array.codecs]
    rows.append(("codecs", " → ".join(codecs) or "none"))
    rows.append(("fill", json.dumps(array.fill_value, ensure_ascii=False)))
    rows.append(("order", array.order))
    if asking.nchunks is None:
        rows.append(("stored", f"not counted: {asking.uncounted}"))
    else:
        total = format_count(array.grid.nchunks)
        mark = "" if asking.complete else " (partial: the count was interrupted)"
        rows.append(("present", f"{format_count(asking.nchunks)} of {total}{mark}"))
        rows.append(("stored", _exact(asking.nbytes or 0)))
    if (ratio := _ratio(asking, array)) is not None:
        rows.append(("ratio", f"{ratio:.1f}"))
    return [(name, visible(text, _LONGEST)) for name, text in rows]


def _texts(attributes: Mapping[str, object]) -> list[tuple[str, str]]:
    return [
        (visible(name, _LONGEST), visible(_text(value), _LONGEST))
        for name, value in attributes.items()
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _exact(nbytes: int) -> str:
    about = format_nbytes(nbytes)
    exact = f"{format_count(nbytes)} B"
    return exact if about == exact or nbytes < 1024 else f"{about} ({exact})"  # noqa: PLR2004 -- a KiB
