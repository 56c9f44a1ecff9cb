"""The store on a filesystem of fsspec."""

from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeAlias, TypeVar

from zstore._compat import override
from zstore.buffer import Buffer, cpu
from zstore.concurrency.finishing import to_the_end
from zstore.errors import (
    InvalidKeyError,
    KeyConflictError,
    StoreNotFoundError,
    UnsupportedError,
    ZStoreError,
)
from zstore.ranges import ByteRequest, resolve
from zstore.stores.answers import refuse_empty
from zstore.stores.failures import redact, speakable, translate, unmask
from zstore.stores.fsspec.choosing import asynchronous, remote_for
from zstore.stores.fsspec.clients import LoopClients
from zstore.stores.fsspec.filesystem import (
    Client,
    check_filesystem,
    from_url,
    same_filesystem,
    synchronous,
    unwrapped,
    wrapped,
)
from zstore.stores.fsspec.listed import ListedFiles
from zstore.stores.fsspec.s3 import S3Remote
from zstore.stores.tries import DEADLINE_SECONDS

__all__ = ["ALLOWED_EXCEPTIONS", "FsspecStore"]

T = TypeVar("T")
Exceptions: TypeAlias = tuple[type[Exception], ...]

ALLOWED_EXCEPTIONS: Exceptions = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""What a filesystem raises for a missing value."""


class FsspecStore(ListedFiles):
    """Values on a filesystem of fsspec.

    Parameters
    ----------
    fs
        The filesystem. One that is asynchronous (S3, HTTP, Google, Azure) is used through
        copies with the same options, one for each event loop; it is never connected nor
        closed itself. One that is synchronous (local, memory, zip, simplecache, SFTP) is
        used itself, in worker threads.
    read_only
        Whether calls that would change the store raise `ReadOnlyError`.
    path
        The root, in the way the filesystem writes paths, without a scheme; for HTTP a URL.
    allowed_exceptions
        Failures that mean a missing value. With PermissionError among them a refusal (403)
        is one too, as S3 answers where the caller may not list the bucket.
    timeout
        Seconds for a request to S3 or a web server, with all its tries (5, or as many as
        s3fs is set to) and the pauses between them; a second more for each MiB that is
        sent. None waits for ever. Other filesystems have timeouts of their own.
    verify
        Whether values are compared with their MD5, where S3 gives it: what was written in
        parts, or is encrypted by a key of the caller's or of KMS, has none. A byte range is
        then cut out of the whole value.

    Attributes
    ----------
    fs
        The filesystem; a synchronous one in fsspec's ``AsyncFileSystemWrapper``.
    path, allowed_exceptions, timeout, verify
        As they were given.

    Raises
    ------
    InvalidTypeError
        If `fs` is no filesystem of fsspec; a `TypeError`.
    InvalidKeyError
        If `path` includes a scheme; a `ValueError`.
    UnsupportedError
        If `verify` is asked for on anything but S3.

    Warns
    -----
    ZStoreWarning
        If an asynchronous `fs` was not created with ``asynchronous=True``.

    Notes
    -----
    Listings are never cached. Local files are read and written by `LocalStore`. `set` is
    atomic on object stores and local files, elsewhere as far as the filesystem is.
    `set_if_not_exists` works on S3 (If-None-Match, which a server like it must honour) and
    on local files, and is atomic there; elsewhere it is refused. Over HTTP values can only
    be read; a listing takes the links of the server's pages, and `scan` then asks for each
    size (one HEAD a key, for want of sizes in the pages; entries have none).

    Source: seed ``zarr.storage.FsspecStore``.
    """

    def __init__(
        self,
        fs: Any,
        read_only: bool = False,
        path: str = "/",
        allowed_exceptions: Exceptions = ALLOWED_EXCEPTIONS,
        *,
        timeout: float | None = DEADLINE_SECONDS,
        verify: bool = False,
    ) -> None:
        super().__init__(read_only=read_only)
        check_filesystem(fs)
        if "://" in path and not path.startswith("http"):
            scheme = path.partition("://")[0]
            reason = f"path argument to FsspecStore must not include scheme ({scheme}://)"
            raise InvalidKeyError(redact(path), reason)
        self.path = path
        self.allowed_exceptions = tuple(allowed_exceptions)
        self.fs = wrapped(fs) if synchronous(fs) is fs else fs
        inner, self._inner_path = unwrapped(fs, path)
        self._template = asynchronous(inner)
        self.timeout, self.verify = timeout, verify
        self._remote = remote_for(
            self._template,
            self._inner_path,
            read_only=read_only,
            timeout=timeout,
            verify=verify,
        )
        if verify and not isinstance(self._remote, S3Remote):
            raise UnsupportedError(self, "verify=True", "only S3 gives checksums")
        self._clients = LoopClients(self._template, sends_once=self._remote.sends_once)
        self._can_write = self._remote.can_write
        self._can_delete = self._remote.can_delete
        self._lists_in_order = self._remote.lists_in_order

    @classmethod
    def from_url(
        cls,
        url: str,
        storage_options: dict[str, Any] | None = None,
        read_only: bool = False,
        allowed_exceptions: Exceptions = ALLOWED_EXCEPTIONS,
        **options: Any,
    ) -> Self:
        """Make a store on the filesystem that a URL names.

        Parameters
        ----------
        url
            As fsspec takes it: ``s3://bucket/path``, ``https://host/path``,
            ``simplecache::gs://bucket/path``.
        storage_options
            Options of the filesystem: credentials, endpoints.
        read_only, allowed_exceptions, **options
            As for the class.

        Raises
        ------
        MissingDependencyError
            If fsspec, or the package for this kind of URL, is not installed.
        """
        fs, path = from_url(url, storage_options or {})
        return cls(asynchronous(fs), read_only, path, allowed_exceptions, **options)

    @classmethod
    def from_upath(
        cls,
        upath: Any,
        read_only: bool = False,
        allowed_exceptions: Exceptions = ALLOWED_EXCEPTIONS,
    ) -> Self:
        """Make a store rooted at a ``UPath`` of universal-pathlib."""
        path = upath.path.rstrip("/") or "/"
        return cls(asynchronous(upath.fs), read_only, path, allowed_exceptions)

    @classmethod
    def from_mapper(
        cls,
        fs_map: Any,
        read_only: bool = False,
        allowed_exceptions: Exceptions = ALLOWED_EXCEPTIONS,
    ) -> Self:
        """Make a store with the filesystem and the root of an ``fsspec.FSMap``."""
        path = fs_map.root.rstrip("/") or "/"
        return cls(asynchronous(fs_map.fs), read_only, path, allowed_exceptions)

    @override
    def _arguments(self) -> dict[str, Any]:
        return {
            "fs": self._template,
            "path": self._inner_path,
            "allowed_exceptions": self.allowed_exceptions,
            "timeout": self.timeout,
            "verify": self.verify,
        }

    @override
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (
            self._inner_path == other._inner_path
            and self._read_only == other._read_only
            and self.allowed_exceptions == other.allowed_exceptions
            and same_filesystem(self._template, other._template)
        )

    __hash__ = None  # type: ignore[assignment]

    @override
    def __str__(self) -> str:
        plain = synchronous(self.fs)
        kind = type(self.fs if plain is None else plain).__name__
        return f"<FsspecStore({kind}, {redact(self.path)})>"

    @override
    def __repr__(self) -> str:
        return str(self)

    @override
    def _close(self) -> None:
        self._clients.close()

    @override
    async def _aclose(self) -> None:
        await self._clients.aclose()

    async def _ask(self, where: str, act: Callable[[Client], Awaitable[T]]) -> T | None:
        """Await a call of the filesystem; None if it says that the value is missing."""
        try:
            return await act(await self._clients.get())
        except Exception as error:  # noqa: BLE001 -- raised again, without secrets
            failure = self._failure(where, error)
            if failure is None:
                return None
            raise failure from speakable(error)

    def _failure(self, where: str, error: Exception) -> Exception | None:
        """Return the error to raise, or None for what is allowed."""
        bare = unmask(error)
        failure = translate(where, bare, self)
        # What is no bucket at all is no missing value.
        if isinstance(failure, StoreNotFoundError):
            return failure
        allowed = any(isinstance(e, self.allowed_exceptions) for e in (bare, failure))
        return None if allowed else failure

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        refuse_empty(request)
        data = await self._ask(key, lambda client: self._remote.read(client, key, request))
        if data is None:
            return None
        value = cpu.Buffer(data).toreadonly()
        if self.verify and request is not None:
            start, stop = resolve(request, len(value))
            return value[start:stop]
        return value

    @override
    async def _size(self, key: str) -> int | None:
        return await self._ask(key, lambda client: self._remote.size(client, key))

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        write = self._remote.write if overwrite else self._remote.create
        data = value.to_bytes()
        try:
            await to_the_end(write(await self._clients.get(), key, data))
        except ZStoreError:
            raise
        except FileExistsError as error:
            if overwrite:
                raise KeyConflictError(key, "a part of it is a value") from error
            return False
        except (IsADirectoryError, NotADirectoryError) as error:
            raise KeyConflictError(key, redact(str(error))) from speakable(error)
        except Exception as error:  # noqa: BLE001 -- raised again, without secrets
            raise translate(key, error, self) from speakable(error)
        return True

    @override
    async def _remove(self, key: str) -> None:
        await self._ask(key, lambda client: to_the_end(self._remote.remove(client, key)))

    @override
    async def _remove_prefix(self, prefix: str) -> None:
        try:
            await self._remote.remove_below(await self._clients.get(), prefix)
        except Exception as error:  # noqa: BLE001 -- raised again, without secrets
            raise translate(prefix, error, self) from speakable(error)
