"""A place in a store, by its path."""

import re
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias, get_args

from zstore._compat import override
from zstore.buffer import Buffer, BufferPrototype
from zstore.errors import (
    InvalidKeyError,
    InvalidModeError,
    InvalidTypeError,
    ReadOnlyError,
    StoreExistsError,
    UnsupportedError,
)
from zstore.keys import check_prefix
from zstore.ranges import ByteRequest
from zstore.store import Displayed, Store
from zstore.store.writing import Value

__all__ = ["AccessMode", "StorePath", "normalize_path"]

AccessMode: TypeAlias = Literal["r", "r+", "a", "w", "w-"]
"""How a `StorePath` is opened; see `StorePath.open`."""

_MODES: tuple[AccessMode, ...] = get_args(AccessMode)
_SLASHES = re.compile("//+")


def normalize_path(path: str | bytes | Path | None) -> str:
    r"""Return `path` in the form that a store takes: a key, or empty for the root.

    None is the root; a backslash counts as ``/``; slashes at the ends are dropped and
    several in a row are one.

    Raises
    ------
    InvalidKeyError
        If a segment is ``.`` or ``..``, or the rest is no key (`zstore.keys.check_key`).
    InvalidTypeError
        If `path` is of another type.

    Notes
    -----
    Source: seed ``zarr.storage.StorePath``.

    Examples
    --------
    >>> normalize_path("/group//array\\c/"), normalize_path(None)
    ('group/array/c', '')
    """
    text = _SLASHES.sub("/", _as_text(path).replace("\\", "/").strip("/"))
    if not {".", ".."}.isdisjoint(text.split("/")):
        reason = (
            f"The path {path!r} is invalid because its string representation contains "
            "'.' or '..' segments."
        )
        raise InvalidKeyError(path, reason)
    return check_prefix(text)


def _as_text(path: object) -> str:
    match path:
        case None:
            return ""
        case bytes():
            try:
                return path.decode("ascii")
            except UnicodeDecodeError as error:
                raise InvalidKeyError(path, "as bytes it has to be ASCII") from error
        case Path() | str():
            return str(path)
        case _:
            msg = f'Object {path} has an invalid type for "path": {type(path).__name__}'
            raise InvalidTypeError(msg)


class StorePath(Displayed):
    """A place in a store: a value under that key, or a group of keys below it.

    Parameters
    ----------
    store
        The store.
    path
        Where in it; brought into form by `normalize_path`.

    Attributes
    ----------
    store
        The store.
    path
        A key, or empty for the root of the store.

    Raises
    ------
    InvalidKeyError
        If `path` is no path.
    InvalidTypeError
        If `store` is no `Store`, or `path` no text.

    Notes
    -----
    Every method is one call of the store with this path; see `zstore.store` for errors and
    cost. At the root there is no value: `get`, `set`, `exists` and `delete` raise
    `InvalidKeyError` there.

    Source: seed ``zarr.storage.StorePath``.
    """

    def __init__(self, store: Store, path: str | bytes | Path | None = "") -> None:
        if not isinstance(store, Store):
            msg = f"StorePath needs a Store, got {type(store).__name__}"
            raise InvalidTypeError(msg)
        self.store = store
        self.path = normalize_path(path)

    @classmethod
    async def open(
        cls,
        store: Store,
        path: str | bytes | Path | None,
        mode: AccessMode | None = None,
    ) -> Self:
        """Open the store, and see that the place is what `mode` asks for.

        Parameters
        ----------
        store
            The store; it is opened unless it is open.
        path
            Where in it.
        mode
            ``"r"`` reads only: of a writable store a read-only twin is taken. ``"r+"`` and
            ``"a"`` change nothing. ``"w"`` deletes all that `path` selects, the value
            under that very key included. ``"w-"`` fails if there is something. None
            takes the store as it is.

        Raises
        ------
        InvalidModeError
            If `mode` is none of these; or is ``"r"`` and the store has no read-only twin.
        ReadOnlyError
            If `mode` is not ``"r"`` and the store is read-only.
        StoreExistsError
            If `mode` is ``"w-"`` and `path` selects a key.
        StoreClosedError, StoreNotFoundError
            If the store cannot be opened.
        """
        if mode is not None and mode not in _MODES:
            msg = f"Invalid mode: {mode!r}, expected one of {_MODES}"
            raise InvalidModeError(msg)
        if mode is not None and mode != "r" and store.read_only:
            reason = f"Store is read-only but mode is {mode!r}; StorePath.open"
            raise ReadOnlyError(store, reason)
        if mode == "r" and not store.read_only:
            store = _read_only_twin(store)
        opened = cls(store, path)
        await store.ensure_open()
        if mode == "w-" and not await opened.is_empty():
            raise StoreExistsError(opened)
        if mode == "w":
            await opened.delete_dir()
        return opened

    @property
    def read_only(self) -> bool:
        """Whether the store is read-only."""
        return self.store.read_only

    async def get(
        self,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """Return the value, or part of it; None if there is none. See `Store.get`."""
        return await self.store.get(self.path, prototype, byte_range)

    async def get_bytes(self, byte_range: ByteRequest | None = None) -> bytes:
        """Return the value, or part of it, as bytes. See `Store.get_bytes`."""
        return await self.store.get_bytes(self.path, byte_range)

    async def get_json(self) -> Any:
        """Return the value parsed as JSON. See `Store.get_json`."""
        return await self.store.get_json(self.path)

    async def set(self, value: Value, byte_range: ByteRequest | None = None) -> None:
        """Store a value. See `Store.set`.

        Raises
        ------
        UnsupportedError
            If `byte_range` is given; `Store.set_partial_values` writes parts.
        """
        if byte_range is not None:
            reason = "Store.set does not have partial writes yet"
            raise UnsupportedError(self.store, f"set with byte_range={byte_range}", reason)
        await self.store.set(self.path, value)

    async def set_if_not_exists(self, default: Value) -> bool:
        """Store a value unless there is one; return whether it was stored.

        See `Store.set_if_not_exists`.
        """
        return await self.store.set_if_not_exists(self.path, default)

    async def delete(self) -> None:
        """Delete the value; none is no error. See `Store.delete`."""
        await self.store.delete(self.path)

    async def delete_dir(self) -> None:
        """Delete the value and all keys below. See `Store.delete_dir`.

        At the root that is all keys of the store.
        """
        await self.store.delete_dir(self.path)

    async def exists(self) -> bool:
        """Tell whether there is a value. See `Store.exists`."""
        return await self.store.exists(self.path)

    async def is_empty(self) -> bool:
        """Tell whether there is neither a value nor a key below. See `Store.is_empty`."""
        return await self.store.is_empty(self.path)

    async def getsize(self) -> int:
        """Return the size of the value in bytes. See `Store.getsize`."""
        return await self.store.getsize(self.path)

    def __truediv__(self, other: str) -> Self:
        """Return the place `other` below this one.

        Raises
        ------
        InvalidKeyError
            If `other` is no path; it cannot lead upwards.
        """
        below = normalize_path(other)
        return type(self)(self.store, "/".join(filter(None, (self.path, below))))

    @override
    def __str__(self) -> str:
        root = str(self.store).rstrip("/")
        return (f"{root}/{self.path}" if root else self.path).rstrip("/")

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self.store).__name__}, {str(self)!r})"

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StorePath):
            return NotImplemented
        return bool(self.path == other.path and self.store == other.store)

    # Stores have no hash, since they compare by content or place.
    __hash__ = None  # type: ignore[assignment]


def _read_only_twin(store: Store) -> Store:
    try:
        return store.with_read_only(read_only=True)
    except NotImplementedError as error:
        msg = (
            "Store is not read-only but mode is 'r'. Unable to create a read-only copy of "
            "the store. Please use a read-only store or a storage class that implements "
            ".with_read_only()."
        )
        raise InvalidModeError(msg) from error
