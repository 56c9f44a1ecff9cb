"""The server, in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from tests.inventory.planning.key_spaces import KeySpace
from tests.servers.listing import documents
from tests.servers.listing.behaviour import Behaviour, Method
from tests.servers.listing.clients import Address
from tests.servers.listing.pages import MOST, Query, page_of
from tests.servers.listing.spaces import modified, position
from tests.servers.tracing import untraced

__all__ = ["CONTROL", "ListingServer"]

CONTROL = "-"
"""The bucket whose keys are switches of the server; S3 allows no such name."""

_LARGEST_NBYTES = 64 * 1024
_METADATA = ("zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata")
_STATUS = {
    "AccessDenied": 403,
    "InvalidArgument": 400,
    "MethodNotAllowed": 405,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NotImplemented": 501,
    "SlowDown": 503,
}


class ListingServer(Behaviour, Address):
    """Answers ListObjectsV2, HEAD and GET like S3, for buckets that are key spaces.

    Use it as a context manager, or call `start` and `stop`.

    Parameters
    ----------
    buckets
        Name to keys. More can be put into `buckets` at any time, or be replaced.
    seed
        Of the lots that `slow_down_share` draws.

    Notes
    -----
    Buckets stand in the path of the URL. Any signature is accepted. A value has the size
    that the listing says, up to 64 KiB; that of a metadata key is JSON. Ranges of values
    are sent as such. Below the bucket ``-`` are switches for other processes: ``GET
    counts``, ``POST reset``, ``POST behave`` with the attributes of `Behaviour` as JSON,
    ``POST fail`` with arguments of `fail`.
    """

    def __init__(self, buckets: Mapping[str, KeySpace], *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.buckets = dict(buckets)
        self._released = asyncio.Event()
        self._released.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve on a free port, and return when `url` is known."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    def _run(self) -> None:
        untraced()
        self._loop.run_forever()

    def stop(self) -> None:
        """Close all connections and end the thread."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def hold(self) -> None:
        """Let requests wait for `release`, for as long as it takes."""
        self._released = asyncio.Event()

    def release(self) -> None:
        """Answer the requests that wait, and those that come."""
        self._loop.call_soon_threadsafe(self._released.set)

    async def _open(self) -> None:
        server = web.Server(self._answer, access_log=None)
        # 0 would be no limit: a request that is held would keep the server from stopping.
        self._runner = web.ServerRunner(server, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def bucket(self, name: str) -> KeySpace | None:
        """Return the keys of a bucket; None if there is no such bucket."""
        return self.buckets.get(name)

    @property
    def nlist(self) -> int:
        """How many listings were asked for; see `Counts`."""
        return self.counts.nlist

    @property
    def nhead(self) -> int:
        """How many HEAD requests of keys arrived."""
        return self.counts.nhead

    @property
    def nget(self) -> int:
        """How many GET requests of keys arrived."""
        return self.counts.nget

    @property
    def n503(self) -> int:
        """How many requests were answered SlowDown."""
        return self.counts.n503

    @property
    def most_in_flight(self) -> int:
        """How many requests were being answered at the same time, at most."""
        return self.counts.most_in_flight

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        bucket, _, key = path.removeprefix("/").partition("/")
        bucket, key = unquote(bucket), unquote(key)
        if bucket == CONTROL:
            return await self._control(request, key)
        fields = dict(parse_qsl(query, keep_blank_values=True))
        listed = request.method == "GET" and not key
        method: Method = "list" if listed else "head" if request.method == "HEAD" else "get"
        slow = self.begin(method)
        try:
            await self._released.wait()
            if self.latency:
                await asyncio.sleep(self.latency)
            if slow:
                return self._failure("SlowDown")
            if request.method not in ("GET", "HEAD"):
                return self._failure("MethodNotAllowed")
            if listed:
                return await self._list(request, bucket, fields)
            return self._value(request, bucket, key)
        finally:
            self.end()

    async def _control(self, request: web.BaseRequest, what: str) -> web.Response:
        body = await request.read()
        given = json.loads(body) if body else {}
        if what == "reset":
            self.reset()
        elif what == "behave":
            for name, value in given.items():
                setattr(self, name, value)
        elif what == "fail":
            self.fail(**given)
        return web.json_response(asdict(self.counts))

    def _failure(self, code: str, message: str = "as the test wants") -> web.Response:
        self.counts.n503 += code == "SlowDown"
        return web.Response(
            status=_STATUS[code],
            body=documents.error(code, message),
            content_type="application/xml",
        )

    async def _list(
        self, request: web.BaseRequest, bucket: str, fields: dict[str, str]
    ) -> web.StreamResponse:
        changed = self.changed(bucket)
        if changed is not None:
            self.buckets[bucket] = changed
        fault = self.meet()
        if fault in ("503", "403"):
            return self._failure("SlowDown" if fault == "503" else "AccessDenied")
        space = self.bucket(bucket)
        if space is None:
            return self._failure("NoSuchBucket", f"there is no bucket {bucket}")
        if fields.get("list-type") != "2":
            return self._failure("NotImplemented", "only ListObjectsV2 is")
        try:
            query = _query(fields)
        except ValueError as error:
            return self._failure("InvalidArgument", str(error))
        page = page_of(space, query, back=query.limit if fault == "repeat" else 0)
        if fault == "disorder":
            page.keys.reverse()
            page.indices = page.indices[::-1]
        sends_token = page.is_truncated and fault != "no-token"
        document = documents.listing(
            space,
            page,
            query,
            encoding=fields.get("encoding-type", ""),
            token=documents.token_of(page.last) if sends_token else "",
        )
        if fault == "cut":
            return await _cut(request, document)
        if fault == "garbled":
            document = document[: len(document) // 2]
        return web.Response(body=document, content_type="application/xml")

    def _value(self, request: web.BaseRequest, bucket: str, key: str) -> web.StreamResponse:
        space = self.bucket(bucket)
        if space is None:
            return self._failure("NoSuchBucket")
        if not key:
            return web.Response()
        index = position(space, key)
        if index is None:
            return self._failure("NoSuchKey", f"there is no key {key}")
        nbytes = space.nbytes(index)
        headers = {
            "ETag": f'"{documents.etag(index, nbytes)}"',
            "Last-Modified": f"{modified(index):%a, %d %b %Y %H:%M:%S GMT}",
        }
        if request.method == "HEAD":
            headers["Content-Length"] = str(nbytes)
            return web.Response(headers=headers)
        body = _body(key, nbytes)
        start, stop, _ = request.http_range.indices(len(body))
        if "Range" not in request.headers or start >= stop:
            return web.Response(body=body, headers=headers)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        return web.Response(status=206, body=body[start:stop], headers=headers)


def _query(fields: dict[str, str]) -> Query:
    """Return what a client asks for.

    Raises
    ------
    ValueError
        If a number or a token is none.
    """
    token = fields.get("continuation-token", "")
    after = documents.after_of(token) if token else fields.get("start-after", "")
    limit = int(fields.get("max-keys") or MOST)
    if limit < 0:
        msg = f"max-keys must not be negative, got {limit}"
        raise ValueError(msg)
    return Query(
        fields.get("prefix", ""), fields.get("delimiter", ""), after, min(limit, MOST)
    )


def _body(key: str, nbytes: int) -> bytes:
    if key.rpartition("/")[2] in _METADATA:
        return json.dumps({"zarr_format": 3, "node_type": "group"}).encode()
    return bytes(min(nbytes, _LARGEST_NBYTES))


async def _cut(request: web.BaseRequest, document: bytes) -> web.StreamResponse:
    """Send one half of a document, and close the connection."""
    answer = web.StreamResponse(headers={"Content-Length": str(len(document))})
    await answer.prepare(request)
    await answer.write(document[: len(document) // 2])
    if request.transport is not None:
        request.transport.close()
    return answer
