"""A web server by its own requests, through the session of fsspec's HTTP filesystem.

The common methods of fsspec take any failure of a HEAD for a missing file, and an answer
that ignored the range for the range. The requests are therefore made here.

Source: RFC 9110, sections 14 (ranges) and 15 (status codes).
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from zstore._compat import override
from zstore.concurrency import map_limited
from zstore.entries import Entry, EntryBatch, SizeBatch
from zstore.errors import BackendError, InvalidByteRangeError
from zstore.ranges import ByteRequest
from zstore.stores.answers import checked, range_header
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.fsspec.links import names_linked, says_it_lists
from zstore.stores.fsspec.remote import Remote
from zstore.stores.listed import ListedNames, page_of

__all__ = ["HttpRemote"]

_GONE = (404, 410)
_NO_HEAD = (405, 501)
_PARTIAL, _NOT_SATISFIABLE = 206, 416
# Characters of a path that need no percent-encoding; "%" does, or "%41" would be "A".
_SAFE = "/~!$&'()*+,;=:@"
_BATCH = 1000
_MAX_CONCURRENCY = 16


class HttpRemote(Remote):
    """What a web server has below a URL.

    Parameters
    ----------
    url
        The root; a query (a token, for one) is sent along with each request.
    """

    can_write = False
    can_delete = False

    def __init__(self, url: str, names: ListedNames) -> None:
        super().__init__(names)
        parts = urlsplit(url)
        self._parts = parts._replace(path=parts.path.rstrip("/"))
        self._known_to_list = False

    def _url(self, key: str) -> str:
        path = f"{self._parts.path}/{quote(key, safe=_SAFE)}"
        return urlunsplit(self._parts._replace(path=path))

    @asynccontextmanager
    async def _answer(
        self, client: Client, method: str, key: str, **headers: str
    ) -> AsyncGenerator[Any, None]:
        """Send a request; what is missing, or no success, is raised."""
        fs = client.fs
        session = await fs.set_session()
        options: dict[str, Any] = dict(fs.kwargs)
        # As it is stored: ranges and sizes count those bytes.
        headers = {**options.pop("headers", {}), "Accept-Encoding": "identity", **headers}
        url = self._url(key)
        options.setdefault("allow_redirects", True)
        request = session.request(method, fs.encode_url(url), headers=headers, **options)
        async with request as answer:
            if answer.status in _GONE:
                raise FileNotFoundError(key)
            if answer.status != _NOT_SATISFIABLE and answer.status not in _NO_HEAD:
                answer.raise_for_status()
            folder = str(answer.url.path).endswith("/")
            if folder and key and not key.endswith("/"):
                # The server led on to the page of a folder.
                raise FileNotFoundError(key)
            yield answer

    @override
    async def read(self, client: Client, key: str, request: ByteRequest | None) -> bytes:
        headers = {} if request is None else {"Range": range_header(request)}
        async with self._answer(client, "GET", key, **headers) as answer:
            if answer.status == _NOT_SATISFIABLE and request is not None:
                msg = f"{request} asks for no byte of the value of {key!r}"
                raise InvalidByteRangeError(msg)
            answer.raise_for_status()
            data: bytes = await answer.read()
            if request is None:
                return data
            partial = answer.status == _PARTIAL
            sent = answer.headers.get("Content-Range", "") if partial else None
            return checked(key, request, data, sent)

    @override
    async def size(self, client: Client, key: str) -> int:
        async with self._answer(client, "HEAD", key) as answer:
            if answer.status not in _NO_HEAD:
                answer.raise_for_status()
                announced = answer.headers.get("Content-Length")
                if announced is not None and "Content-Encoding" not in answer.headers:
                    return int(announced)
        return await self._size_by_range(client, key)

    async def _size_by_range(self, client: Client, key: str) -> int:
        """Ask for the first byte: the answer to that says how many there are."""
        async with self._answer(client, "GET", key, Range="bytes=0-0") as answer:
            if answer.status in (_PARTIAL, _NOT_SATISFIABLE):
                total = answer.headers.get("Content-Range", "").rpartition("/")[2]
                if total.isdigit():
                    return int(total)
                raise BackendError(key, "the server does not tell the size")
            answer.raise_for_status()
            return len(await answer.read())

    @override
    async def write(self, client: Client, key: str, data: bytes) -> None:
        raise NotImplementedError  # pragma: no cover -- the store asks `can_write` first

    @override
    async def create(self, client: Client, key: str, data: bytes) -> None:
        raise NotImplementedError  # pragma: no cover -- the store asks `can_write` first

    @override
    async def remove(self, client: Client, key: str) -> None:
        raise NotImplementedError  # pragma: no cover -- the store asks `can_delete` first

    async def _level(self, client: Client, prefix: str) -> list[str]:
        """Return the names of one level, as the server's page links to them."""
        try:
            async with self._answer(client, "GET", prefix) as answer:
                answer.raise_for_status()
                if answer.content_type != "text/html":
                    msg = f"the server sent {answer.content_type}, not a page of links"
                    raise NotImplementedError(msg)
                page: str = await answer.text(errors="replace")
                names = names_linked(page, str(answer.url))
        except FileNotFoundError as error:
            # Nothing there, or a server that lists nothing: the root tells.
            if prefix and (self._known_to_list or await self._level(client, "")):
                return []
            msg = "the server has no page for this folder"
            raise NotImplementedError(msg) from error
        if not names and not says_it_lists(page):
            msg = "the server's page for this folder has no links to names in it"
            raise NotImplementedError(msg)
        self._known_to_list = True
        return [
            name for name in names if self._names.admit(prefix + name.removesuffix("/"))
        ]

    @override
    async def keys(self, client: Client, prefix: str) -> AsyncGenerator[list[str], None]:
        folders = [prefix]
        while folders:
            folder = folders.pop()
            names = await self._level(client, folder)
            folders += [folder + name for name in names if name.endswith("/")]
            yield [folder + name for name in names if not name.endswith("/")]

    @override
    async def scan(self, client: Client, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        # A page of links has no sizes to rely on.
        async def sized(key: str) -> tuple[str, int]:
            return key, await self.size(client, key)

        async for keys in self.keys(client, prefix):
            for first in range(0, len(keys), _BATCH):
                batch = keys[first : first + _BATCH]
                yield await map_limited(sized, batch, limit=_MAX_CONCURRENCY)

    @override
    async def entries(
        self, client: Client, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[EntryBatch, None]:
        level = [
            Entry(name[:-1], "prefix") if name.endswith("/") else Entry(name, "key")
            for name in await self._level(client, prefix)
        ]
        yield page_of(level, limit, after)
