"""The store on an object store of obstore."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Self

from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.concurrency import run_to_the_end
from zstore.errors import (
    BackendError,
    InvalidTypeError,
    KeyConflictError,
    ZStoreError,
)
from zstore.ranges import (
    ByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
    resolve,
)
from zstore.stores.answers import refuse_empty
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
    is_called,
    status_of,
    write_failure,
)
from zstore.stores.object_store.folders import remove_empty
from zstore.stores.object_store.listed import ListedObjects
from zstore.stores.object_store.naming import lists_in_order
from zstore.stores.object_store.stream import waited_for

__all__ = ["ObjectStore"]

# Larger values are sent in parts, several at once.
_ONE_REQUEST_NBYTES = 64 * 2**20
_NOT_SATISFIABLE = 416


class ObjectStore(ListedObjects):
    """Values in an object store: S3, Google Cloud Storage, Azure, HTTP, local, memory.

    Parameters
    ----------
    store
        An object store of obstore, or any object with the same asynchronous methods
        (`zstore.stores.object_store.client.ObjectStoreClient`).
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.

    Attributes
    ----------
    store
        The object store.

    Raises
    ------
    InvalidTypeError
        If `store` lacks one of the methods.

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

    def __init__(self, store: ObjectStoreClient, *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        if not isinstance(store, ObjectStoreClient):
            msg = f"store is an object store of obstore, got {type(store).__name__}"
            raise InvalidTypeError(msg)
        self.store = store
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
        config: Any = None,
        client_options: dict[str, Any] | None = None,
        retry_config: dict[str, Any] | None = None,
        **options: Any,
    ) -> Self:
        """Make a store on what a URL names.

        Parameters
        ----------
        url
            ``s3://bucket/path``, ``gs://...``, ``az://...``, ``https://host/path``,
            ``file:///path``, ``memory:///``.
        read_only
            As for the class.
        config, client_options, retry_config, **options
            As for ``obstore.store.from_url``: region, endpoint, credentials, timeouts.

        Raises
        ------
        MissingDependencyError
            If obstore is not installed.
        BackendError
            If obstore refuses the URL or the options.
        """
        if url.startswith("http://"):
            # The scheme asks for it; obstore wants to be told.
            client_options = {"allow_http": True, **(client_options or {})}
        given = {
            "config": config,
            "client_options": client_options,
            "retry_config": retry_config,
            **options,
        }
        return cls(from_url(url, given), read_only=read_only)

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"store": self.store}

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

    def _raise(self, where: str, error: Exception) -> None:
        """Raise what an error means, unless it means that the value is missing."""
        check = failure_of(where, error, self)
        if check is not None:
            raise check from error

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        check_process(self)
        refuse_empty(request)
        options = None if request is None else {"range": range_option(request)}
        try:
            answer = await self.store.get_async(key, options=options)
            data = cpu.Buffer.from_bytes(await answer.bytes_async())
        except Exception as error:  # noqa: BLE001 -- the next line says what it means
            return await self._read_failed(key, request, error)
        size: int = answer.meta["size"]
        start, stop = resolve(request, size)
        if tuple(answer.range) != (start, stop) or len(data) != stop - start:
            reason = f"asked for {request} of {size} bytes, it sent {len(data)} bytes"
            raise BackendError(key, reason)
        return data.toreadonly()

    async def _read_failed(
        self, key: str, request: ByteRequest | None, error: Exception
    ) -> Buffer | None:
        """Tell a range that the value does not have from failures, and say so."""
        failure = failure_of(key, error, self)
        if failure is None:
            return None
        unclear = status_of(error) in (None, _NOT_SATISFIABLE)
        if request is None or type(failure) is not BackendError or not unclear:
            raise failure from error
        try:
            size = await self._size(key)
        except ZStoreError:
            raise failure from error
        if size is None:
            return None
        # Raises if the value has none of the bytes.
        start, stop = resolve(request, size)
        no_suffixes = is_called(error, "NotSupportedError", "NotImplementedError")
        if no_suffixes and isinstance(request, SuffixByteRequest):
            return await self._read(key, RangeByteRequest(start, stop))
        raise failure from error

    @override
    async def _size(self, key: str) -> int | None:
        check_process(self)
        try:
            return int((await self.store.head_async(key))["size"])
        except Exception as error:  # noqa: BLE001 -- raised again unless it means missing
            self._raise(key, error)
            return None

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        check_process(self)
        options: dict[str, Any] = {"use_multipart": len(value) > _ONE_REQUEST_NBYTES}
        if not overwrite:
            options = {"use_multipart": False, "mode": "create"}
        # A copy unless it is `bytes`: some object stores keep the memory they are given.
        data = value.to_bytes()
        try:
            await waited_for(self.store.put_async(key, data, **options))
        except Exception as error:
            taken = is_called(error, "AlreadyExistsError", "PreconditionError")
            if taken and not overwrite:
                await self._require_no_folder(key, error)
                return False
            raise write_failure(key, error, self) from error
        return True

    async def _require_no_folder(self, key: str, error: Exception) -> None:
        """On a disk, a folder of that name is in the way as well as a value."""
        if kind_of(self.store) == "LocalStore" and await self._size(key) is None:
            reason = "there is a folder of that name, with keys below it"
            raise KeyConflictError(key, reason) from error

    @override
    async def _remove(self, key: str) -> None:
        check_process(self)
        try:
            await waited_for(self.store.delete_async(key))
        except Exception as error:  # noqa: BLE001 -- raised again unless it means missing
            self._raise(key, error)
        await self._tidy([key])

    async def _tidy(self, keys: Sequence[str]) -> None:
        """Remove the empty folders that deleted keys leave on a disk."""
        root: Path | None = getattr(self.store, "prefix", None)
        if kind_of(self.store) == "LocalStore" and root is not None:
            for key in keys:
                await run_to_the_end(remove_empty, root, key)

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        async with aclosing(self._list(prefix)) as batches:
            async for batch in batches:
                try:
                    await waited_for(self.store.delete_async(batch))
                except Exception as error:  # noqa: BLE001 -- raised unless missing
                    self._raise(prefix, error)
                    # Somebody else deletes as well; which keys are left is not said.
                    for key in batch:
                        await self._remove(key)
                await self._tidy(batch)
