"""What is asked about the selection: metadata, values, bytes, code."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal

from zstore import Store
from zstore.concurrency import run_in_thread
from zstore.errors import KeyNotFoundError, ZStoreError
from zstore.hierarchy import Node, read_node, scan_chunks
from zstore.keys import prefix_of
from zstore_widgets.channel import Job, request
from zstore_widgets.details.previews.heads import read_head, read_part
from zstore_widgets.details.previews.images import MAX_IMAGE_NBYTES, image_header
from zstore_widgets.details.previews.json_rows import JsonRow, rows_of_value
from zstore_widgets.details.previews.kinds import Look, look_at
from zstore_widgets.details.previews.nodes import node_facts
from zstore_widgets.details.previews.snippets import (
    Snippet,
    key_snippets,
    keys_snippet,
    prefix_snippets,
)
from zstore_widgets.details.previews.texts import ENCODINGS, decode_part
from zstore_widgets.root import Root

__all__ = ["Details"]

MAX_TEXT_NBYTES = 64 * 1024
MAX_JSON_NBYTES = 1024 * 1024
MAX_BYTES = 128 * 1024
# Characters of a part with rows; none becomes more than four bytes of JSON.
_MAX_ROWS_LENGTH = 40 * 1024
_ROW_LENGTH = 40
_TELL_EVERY_SECONDS = 0.1


class PreviewError(ZStoreError, ValueError):
    """A value that is not shown this way."""


class Details:
    """Answers what the details pane asks.

    Parameters
    ----------
    root
        The store that is shown; nothing outside of it can be named.
    """

    def __init__(self, root: Root) -> None:
        self._root = root

    @request
    async def describe(self, job: Job, *, path: str) -> dict[str, Any] | None:
        """Return what the metadata at `path` say; None if it is a plain folder.

        Parts: ``rows`` of the attributes, as of JSON.

        Notes
        -----
        The requests of `zstore.hierarchy.read_node`.
        """
        node = await read_node(await self._root.store(), path.removesuffix("/"))
        if node is None:
            return None
        attributes = await run_in_thread(rows_of_value, dict(node.attributes))
        for rows in _in_parts(attributes.rows):
            await job.part({"rows": rows})
        cut = attributes.problem or "these are the first of them"
        return {
            **node_facts(node),
            "attributes_problem": None if attributes.status == "whole" else cut,
        }

    @request
    async def stored(self, job: Job, *, path: str) -> dict[str, Any]:
        """Count what is stored below `path`: the chunks of an array, or all keys.

        Parts and result: ``count`` and ``nbytes``; ``chunks`` tells what was counted.

        Notes
        -----
        One listing of all keys below.
        """
        store, path = await self._root.store(), path.removesuffix("/")
        node = await read_node(store, path)
        is_array = node is not None and node.array is not None
        count = nbytes = 0
        told = 0.0
        async with aclosing(_amounts(store, path, node)) as amounts:
            async for more, more_nbytes in amounts:
                count, nbytes = count + more, nbytes + more_nbytes
                if time.monotonic() - told > _TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    await job.part({"count": count, "nbytes": nbytes, "chunks": is_array})
        return {"count": count, "nbytes": nbytes, "chunks": is_array}

    @request
    async def value_head(
        self,
        job: Job,
        *,
        key: str,
        wish: Literal["auto", "json", "text", "hex"] = "auto",
        all_json: bool = False,
    ) -> dict[str, Any]:
        """Return what a value is, and its first 64 KiB as text or rows of JSON.

        Parts: ``rows`` of JSON, or ``text`` with one buffer in UTF-8. With `all_json` up
        to 1 MiB of JSON is read.

        Notes
        -----
        Two requests to the store, of which one reads at most that much.
        """
        limit = MAX_JSON_NBYTES if all_json else MAX_TEXT_NBYTES
        head = await read_head(await self._root.store(), key, limit)
        if head is None:
            return _about(Look("missing", "No such key"), 0)
        look = await run_in_thread(look_at, head, wish)
        if look.json is not None:
            for rows in _in_parts(look.json.rows):
                await job.part({"rows": rows})
        if look.text is not None:
            await job.bytes({"text": True}, look.text.encode())
        return _about(look, head.nbytes)

    @request
    async def value_text(
        self, job: Job, *, key: str, start: int, encoding: str
    ) -> dict[str, Any]:
        """Return the next 64 KiB of a text, from byte `start` on.

        One part or more with a buffer in UTF-8; the result says where the next starts.
        """
        if encoding not in ENCODINGS:
            msg = f"text is not read as {ascii(encoding)[:40]}"
            raise PreviewError(msg)
        store = await self._root.store()
        content = await read_part(store, key, start, start + MAX_TEXT_NBYTES)
        is_end = len(content) < MAX_TEXT_NBYTES
        text, nbytes = await run_in_thread(_decode, content, encoding, is_end)
        await job.bytes({}, text.encode())
        return {"start": start, "stop": start + nbytes}

    @request
    async def value_bytes(self, job: Job, *, key: str, start: int, stop: int) -> int:
        """Send the bytes from `start` up to `stop`, 128 KiB at most; return how many."""
        stop = min(stop, start + MAX_BYTES)
        content = await read_part(await self._root.store(), key, max(0, start), stop)
        await job.bytes({}, content)
        return len(content)

    @request
    async def value_image(self, job: Job, *, key: str) -> str:
        """Send a picture whole; return its kind for browsers.

        Only of formats that can hold no script, and of bounded size in bytes and pixels.
        """
        content = await _whole_image(await self._root.store(), key)
        header = image_header(content)
        problem = "this is no picture" if header is None else header.problem
        if header is None or problem is not None:
            raise PreviewError(problem)
        await job.bytes({}, content)
        return header.mime

    @request
    async def snippets(
        self,
        job: Job,
        keys: list[str],
        nodes: list[Literal["group", "array"] | None],
    ) -> list[Snippet]:
        """Return code that reads the selection from the store as the user knows it.

        `nodes` says of each key what it is. A prefix ends in a slash, or is empty. Of one
        there are several snippets; of more, one for each prefix and one for all values.
        """
        del job
        root = prefix_of(self._root.path)
        paths = [root + key for key in keys]
        values = [path for path in paths if path and not path.endswith("/")]
        if len(values) == 1:
            snippets = key_snippets(values[0])
        else:
            snippets = [keys_snippet(values)] if values else []
        if len(keys) > 1:
            del snippets[1:]
        for path, node in zip(paths, nodes, strict=True):
            if not path or path.endswith("/"):
                told = prefix_snippets(path.removesuffix("/"), node)
                snippets += told if len(keys) == 1 else told[:1]
        return snippets


async def _amounts(
    store: Store, path: str, node: Node | None
) -> AsyncGenerator[tuple[int, int], None]:
    """Iterate over how many chunks of an array, or keys, a batch has, and their bytes."""
    if node is not None and node.array is not None:
        async with aclosing(scan_chunks(store, node)) as batches:
            async for chunks in batches:
                yield len(chunks), int(chunks.nbytes.sum())
        return
    async with aclosing(store.scan(prefix_of(path))) as listing:
        async for keys in listing:
            yield len(keys), sum([nbytes for _, nbytes in keys])


async def _whole_image(store: Store, key: str) -> bytes:
    nbytes = await store.getsize(key)
    if nbytes > MAX_IMAGE_NBYTES:
        msg = f"pictures of more than {MAX_IMAGE_NBYTES // 2**20} MiB are not shown"
        raise PreviewError(msg)
    value = await read_part(store, key, 0, nbytes)
    if not value:
        raise KeyNotFoundError(key)
    return value


def _decode(content: bytes, encoding: str, is_end: bool) -> tuple[str, int]:
    return decode_part(content, encoding, is_end=is_end)


def _about(look: Look, nbytes: int) -> dict[str, Any]:
    image = look.image
    problem = look.json.problem if look.json else None
    if image is not None:
        problem = image.problem
        if nbytes > MAX_IMAGE_NBYTES:
            problem = f"pictures of more than {MAX_IMAGE_NBYTES // 2**20} MiB are not shown"
    return {
        "kind": look.kind,
        "label": look.label,
        "nbytes": nbytes,
        "shown": look.nbytes,
        "encoding": look.encoding,
        "status": look.json.status if look.json else None,
        "problem": problem,
        "note": look.note,
    }


def _in_parts(rows: list[JsonRow]) -> list[list[JsonRow]]:
    """Cut rows into lists that fit into one message each."""
    parts: list[list[JsonRow]] = [[]]
    length = 0
    for row in rows:
        length += _ROW_LENGTH + len(row.text) + len(row.name or "")
        if length > _MAX_ROWS_LENGTH and parts[-1]:
            parts.append([])
            length = 0
        parts[-1].append(row)
    return parts
