"""A web server by its own requests, through the session of fsspec's HTTP filesystem.

The common methods of fsspec take any failure of a HEAD for a missing file, and an answer
that ignored the range for the range. The requests are therefore made here.

Source: RFC 9110, sections 14 (ranges) and 15 (status codes).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
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
from zstore.stores.tries import Patience, Try

__all__ = ["HttpRemote"]

T = TypeVar("T")

_GONE = (404, 410)
_NO_HEAD = (405, 501)
_OK, _PARTIAL, _NOT_SATISFIABLE = 200, 206, 416
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
    patience
        How often a request is tried, and for how long.
    """

    can_write = False
    can_delete = False

    def __init__(self, url: str, names: ListedNames, patience: Patience) -> None:
        super().__init__(names)
        self._patience = patience
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        self._root = urlunsplit(parts._replace(path=path, query="", fragment=""))
        self._query = f"?{parts.query}" if parts.query else ""
        self._known_to_list = False

    def _url(self, key: str) -> str:
        return f"{self._root}/{quote(key, safe=_SAFE)}{self._query}"

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

    async def _ask(
        self,
        client: Client,
        method: str,
        key: str,
        take: Callable[[Any], Awaitable[T]],
        **headers: str,
    ) -> T:
        """Send a request, again if need be, and return what `take` makes of the answer."""

        async def send(attempt: Try) -> T:
            async with self._answer(client, method, key, **headers) as answer:
                attempt.allow(answer.content_length or 0)
                return await take(answer)

        return await self._patience.ask(key, send)

    @override
    async def read(self, client: Client, key: str, request: ByteRequest | None) -> bytes:
        headers = {} if request is None else {"Range": range_header(request)}

        async def take(answer: Any) -> bytes:
            if answer.status == _NOT_SATISFIABLE and request is not None:
                msg = f"{request} asks for no byte of the value of {key!r}"
                raise InvalidByteRangeError(msg)
            answer.raise_for_status()
            _require_an_end(key, answer)
            data: bytes = await answer.read()
            if request is None:
                if answer.status != _OK:
                    reason = f"asked for all of the value, the answer is {answer.status}"
                    raise BackendError(key, reason)
                return data
            partial = answer.status == _PARTIAL
            sent = answer.headers.get("Content-Range", "") if partial else None
            return checked(key, request, data, sent)

        return await self._ask(client, "GET", key, take, **headers)

    @override
    async def size(self, client: Client, key: str) -> int:
        async def take(answer: Any) -> int | None:
            if answer.status in _NO_HEAD:
                return None
            answer.raise_for_status()
            announced: str | None = answer.headers.get("Content-Length")
            if announced is None or "Content-Encoding" in answer.headers:
                return None
            return int(announced)

        size = await self._ask(client, "HEAD", key, take)
        return await self._size_by_range(client, key) if size is None else size

    async def _size_by_range(self, client: Client, key: str) -> int:
        """Ask for the first byte: the answer to that says how many there are."""

        async def take(answer: Any) -> int:
            if answer.status in (_PARTIAL, _NOT_SATISFIABLE):
                total = answer.headers.get("Content-Range", "").rpartition("/")[2]
                if total.isdigit():
                    return int(total)
                raise BackendError(key, "the server does not tell the size")
            answer.raise_for_status()
            _require_an_end(key, answer)
            return len(await answer.read())

        return await self._ask(client, "GET", key, take, Range="bytes=0-0")

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

        async def take(answer: Any) -> tuple[str, list[str]]:
            answer.raise_for_status()
            if answer.content_type != "text/html":
                msg = f"the server sent {answer.content_type}, not a page of links"
                raise NotImplementedError(msg)
            _require_an_end(prefix, answer)
            text: str = await answer.text(errors="replace")
            return text, names_linked(text, str(answer.url))

        try:
            page, names = await self._ask(client, "GET", prefix, take)
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


def _require_an_end(key: str, answer: Any) -> None:
    """Refuse a body that ends where the connection does: it may have been cut."""
    if answer.content_length is None and not answer.headers.get("Transfer-Encoding"):
        reason = "the server does not say how long its answer is, so it may be cut"
        raise BackendError(key, reason)
