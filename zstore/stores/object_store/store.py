"""The store on an object store of obstore."""

from typing import Any, Self

from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.errors import (
    BackendError,
    InvalidTypeError,
    UnsupportedError,
    ZStoreError,
)
from zstore.ranges import (
    ByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
    resolve,
)
from zstore.stores.answers import refuse_empty
from zstore.stores.checksums import check_md5, md5_of
from zstore.stores.failures import speakable
from zstore.stores.object_store.asking import (
    client_options_for,
    patience_for,
)
from zstore.stores.object_store.client import (
    ObjectStoreClient,
    check_process,
    from_url,
    kind_of,
    place_of,
    range_option,
    wait_at_exit,
)
from zstore.stores.object_store.failures import (
    failure_of,
    is_about_the_range,
    is_called,
)
from zstore.stores.object_store.naming import lists_in_order
from zstore.stores.object_store.written import WrittenObjects
from zstore.stores.tries import DEADLINE_SECONDS, Try

__all__ = ["ObjectStore"]


class ObjectStore(WrittenObjects):
    """Values in an object store: S3, Google Cloud Storage, Azure, HTTP, local, memory.

    Parameters
    ----------
    store
        An object store of obstore, or any object with the same asynchronous methods
        (`zstore.stores.object_store.client.ObjectStoreClient`).
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.
    timeout
        Seconds for a request to a server, with all its tries and the pauses between them;
        a second more for each MiB that is sent. None waits for ever. A listing waits as
        long as obstore does.
    verify
        Whether values are compared with their MD5, where S3 gives it: what was written in
        parts has none. What is encrypted by a key of the caller's or of KMS cannot be read
        so. A byte range is then cut out of the whole value.

    Attributes
    ----------
    store, timeout, verify
        As they were given.

    Raises
    ------
    InvalidTypeError
        If `store` lacks one of the methods.
    UnsupportedError
        If `verify` is asked for on anything but S3.

    Notes
    -----
    One request a call; a value is read into one piece of memory and not copied. A suffix on
    Azure, which has no such ranges, costs one request more. Over HTTP values can only be
    read, and listed if the server speaks WebDAV. Where arro3-core and pyarrow are installed
    listings make no Python object a key. obstore drops the slash that tells a folder marker
    (``"a/"``) of S3: one with nothing below it is listed as an empty value. `scan_pages`
    takes every empty object with names below its own for a marker; `scan` asks (one HEAD).
    A name that obstore refuses (``"a//b"``) makes a listing fail.

    obstore cannot be used in a forked process if its parent used it: the call is refused.
    The store can be pickled if `store` can. On a local folder obstore follows symbolic
    links wherever they lead: keys cannot name anything outside, but a link can.
    `zstore.LocalStore` follows none, and is faster.

    Source: https://developmentseed.org/obstore.
    """

    def __init__(
        self,
        store: ObjectStoreClient,
        *,
        read_only: bool = False,
        timeout: float | None = DEADLINE_SECONDS,
        verify: bool = False,
    ) -> None:
        super().__init__(read_only=read_only)
        if not isinstance(store, ObjectStoreClient):
            msg = f"store is an object store of obstore, got {type(store).__name__}"
            raise InvalidTypeError(msg)
        self.store = store
        self.timeout, self.verify = timeout, verify
        self._patience = patience_for(store, timeout)
        if verify and kind_of(store) != "S3Store":
            raise UnsupportedError(self, "verify=True", "only S3 gives checksums")
        over_http = kind_of(store) == "HTTPStore"
        self._can_write = not over_http
        self._can_delete = not over_http
        self._lists_in_order = lists_in_order(store)
        wait_at_exit()

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        read_only: bool = False,
        timeout: float | None = DEADLINE_SECONDS,
        verify: bool = False,
        **options: Any,
    ) -> Self:
        """Make a store on what a URL names.

        Parameters
        ----------
        url
            ``s3://bucket/path``, ``gs://...``, ``az://...``, ``https://host/path``,
            ``file:///path``, ``memory:///``.
        read_only, timeout, verify
            As for the class; the requests of a listing end within `timeout` as well.
        **options
            As for ``obstore.store.from_url``: ``config``, ``client_options``,
            ``retry_config``, region, endpoint, credentials, timeouts.

        Raises
        ------
        MissingDependencyError
            If obstore is not installed.
        BackendError
            If obstore refuses the URL or the options.
        """
        client = from_url(url, client_options_for(url, timeout, options))
        return cls(client, read_only=read_only, timeout=timeout, verify=verify)

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"store": self.store, "timeout": self.timeout, "verify": self.verify}

    @override
    def __str__(self) -> str:
        parts = [kind_of(self.store), place_of(self.store)]
        return f"<ObjectStore({', '.join(filter(None, parts))})>"

    @override
    def __repr__(self) -> str:
        return str(self)

    @override
    async def _open(self) -> None:
        check_process(self)

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        check_process(self)
        refuse_empty(request)

        async def receive(attempt: Try) -> Buffer:
            return await self._receive(attempt, key, request)

        try:
            return await self._patience.ask(key, receive)
        except Exception as error:  # noqa: BLE001 -- the next line says what it means
            return await self._read_failed(key, request, error)

    async def _receive(self, attempt: Try, key: str, request: ByteRequest | None) -> Buffer:
        # The bytes of a range have no checksum.
        part = None if self.verify else request
        options = None if part is None else {"range": range_option(part)}
        answer = await self.store.get_async(key, options=options)
        sent = tuple(answer.range)
        attempt.allow(sent[1] - sent[0])
        data = cpu.Buffer.from_bytes(await answer.bytes_async())
        size: int = answer.meta["size"]
        start, stop = resolve(part, size)
        if sent != (start, stop) or len(data) != stop - start:
            reason = f"asked for {part} of {size} bytes, it sent {len(data)} bytes"
            raise BackendError(key, reason)
        _require_as_stored(self.store, key, answer)
        if self.verify:
            md5 = md5_of(answer.meta.get("e_tag"))
            await check_md5(key, data.as_buffer_like(), md5)
            start, stop = resolve(request, size)
            data = data[start:stop]
        return data.toreadonly()

    async def _read_failed(
        self, key: str, request: ByteRequest | None, error: Exception
    ) -> Buffer | None:
        """Tell a range that the value does not have from failures, and say so."""
        failure = failure_of(key, error, self)
        if failure is None:
            return None
        no_suffixes = is_called(error, "NotSupportedError", "NotImplementedError")
        unclear = no_suffixes or is_about_the_range(error)
        if request is None or type(failure) is not BackendError or not unclear:
            raise failure from speakable(error)
        try:
            size = await self._size(key)
        except ZStoreError:
            raise failure from speakable(error)
        if size is None:
            return None
        # Raises if the value has none of the bytes.
        start, stop = resolve(request, size)
        if no_suffixes and isinstance(request, SuffixByteRequest):
            return await self._read(key, RangeByteRequest(start, stop))
        raise failure from speakable(error)

    @override
    async def _size(self, key: str) -> int | None:
        check_process(self)
        try:
            found = await self._patience.ask(key, lambda _: self.store.head_async(key))
            return int(found["size"])
        except Exception as error:  # noqa: BLE001 -- raised again unless it means missing
            self._raise(key, error)
            return None


def _require_as_stored(client: ObjectStoreClient, key: str, answer: Any) -> None:
    """Refuse what is no value of the server, or not as it lies there."""
    kind = kind_of(client)
    if kind == "S3Store" and answer.meta.get("e_tag") is None:
        # A proxy, or a page that asks to log in.
        raise BackendError(key, "what came is no value of S3: it has no ETag")
    if kind == "HTTPStore":
        # The server has compressed it on its own; obstore leaves it so.
        encoding = answer.attributes.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise BackendError(key, f"it was sent in the encoding {encoding!r}")
