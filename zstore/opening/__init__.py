"""Making a store of whatever stands for one: a path, a URL, a dict, a foreign store."""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias, assert_never, cast, get_args

from zstore.buffer import Buffer
from zstore.errors import (
    InvalidModeError,
    InvalidTypeError,
    ReadOnlyError,
    StoreExistsError,
    StoreNotFoundError,
    UnsupportedError,
)
from zstore.keys import check_prefix
from zstore.opening.foreign import opener_of
from zstore.opening.places import Place, is_url, open_path, open_url
from zstore.path import AccessMode, StorePath
from zstore.store import Store
from zstore.stores.memory import MemoryStore
from zstore.wrappers.prefix import PrefixStore

__all__ = ["StoreLike", "open_store"]

StoreLike: TypeAlias = (
    Store | StorePath | MutableMapping[str, Buffer] | os.PathLike[str] | str | Any | None
)
"""What `open_store` makes a store of.

A `Store`, `StorePath` or `SyncStore`; a dict; a path; a URL, or a chain of them as in
fsspec (``"zip::s3://bucket/x.zip"``); None for a new `MemoryStore`. Of other packages,
without importing them: a ``UPath``, an ``FSMap`` and a file system of fsspec, a store of
obstore, a store, a ``StorePath``, a group and an array of zarr.
"""


async def open_store(
    store_like: StoreLike,
    *,
    mode: AccessMode | None = None,
    storage_options: Mapping[str, Any] | None = None,
    path: str = "",
) -> Store:
    """Open the store that `store_like` stands for.

    Parameters
    ----------
    store_like
        See `StoreLike`. A path or URL that ends in ``.zip`` and is no folder opens as a
        `ZipStore`, from a URL by byte ranges, without a download. A string is a URL if it
        starts with a scheme (``s3://``) or a chain (``zip::``), and a path otherwise.
    mode
        ``"r"``: it must exist, and is opened read-only. ``"r+"``: it must exist. ``"a"``:
        it is made if needed. ``"w"``: what is there is deleted. ``"w-"``: there must be
        no key. By default a store is left as it is, a folder or bucket is opened for
        writing and nothing is made before the first use, and an archive that exists is
        opened read-only.
    storage_options
        For the file system or object store behind a URL: credentials, endpoints.
    path
        The prefix that the store returned is rooted at; see `PrefixStore`.

    Returns
    -------
    Store
        The very store that was given, if nothing had to be changed. Otherwise close it
        when it is no longer needed.

    Raises
    ------
    StoreNotFoundError
        If `mode` is ``"r"`` or ``"r+"`` and there is nothing: no folder or archive, no
        key below the URL or `path`. Of ``http(s)`` URLs it is not known: most servers do
        not list.
    StoreExistsError
        If `mode` is ``"w-"`` and there are keys.
    ReadOnlyError, UnsupportedError
        If `mode` asks for writing, and the store is read-only, or of a kind that cannot.
    MissingDependencyError
        If a package is needed and not installed; the message names the extra.
    InvalidModeError
        If `mode` is none.
    InvalidTypeError
        If `store_like` is none, or `storage_options` was given without a URL.
    InvalidKeyError
        If `path` is no prefix.

    Notes
    -----
    One listing of one key to see whether there is something, where `mode` asks for it; one
    request more for a URL that ends in ``.zip``. To add a kind of URL or a foreign type,
    add a line to `zstore.opening.places.SCHEMES` or `zstore.opening.foreign.FOREIGN`.

    Source: seed ``StoreLike``; ``zarr.storage`` for the modes.
    """
    if mode is not None and mode not in get_args(AccessMode):
        msg = f"mode must be one of {get_args(AccessMode)} or None, got {mode!r}"
        raise InvalidModeError(msg)
    path = check_prefix(path).removesuffix("/")
    if storage_options and not (isinstance(store_like, str) and is_url(store_like)):
        msg = (
            "'storage_options' was provided but unused. They go with a URL, and "
            f"store_like is a {type(store_like).__name__}"
        )
        raise InvalidTypeError(msg)
    if isinstance(store_like, StorePath):
        path = "/".join(filter(None, (store_like.path, path)))
        store_like = store_like.store
    # What is beside `path` is not to be emptied.
    outer = "a" if mode == "w" and path else mode
    store = await _find(store_like, outer, dict(storage_options or {}))
    try:
        return await _in_mode(store, mode, path)
    except BaseException:
        if isinstance(store_like, str | os.PathLike):  # else the store is the caller's
            await store.aclose()
        raise


async def _find(like: StoreLike, mode: AccessMode | None, options: dict[str, Any]) -> Store:
    """Return the store, not yet opened."""
    if isinstance(like, Store):
        return like
    if isinstance(like, str) and is_url(like):
        return await open_url(Place(like, mode, options))
    if (opener := opener_of(like)) is not None:
        return await opener(like, mode)
    if like is None or isinstance(like, MutableMapping):
        return MemoryStore(cast("MutableMapping[str, Buffer] | None", like))
    if isinstance(like, str | os.PathLike):
        return await open_path(Path(cast("str | os.PathLike[str]", like)), mode)
    msg = f"Unsupported type for store_like: '{type(like).__name__}'"
    raise InvalidTypeError(msg)


async def _in_mode(store: Store, mode: AccessMode | None, path: str) -> Store:
    """Root the store at `path`, and see that it is what `mode` asks for."""
    if mode == "r" and not store.read_only:
        store = store.with_read_only(read_only=True)
    opened = PrefixStore(store, path) if path else store
    if mode is None:
        return opened
    if mode != "r":
        _check_writable(opened, mode)
    await opened.ensure_open()
    match mode:
        case "r" | "r+":
            if path and opened.supports_listing and await opened.is_empty():
                raise StoreNotFoundError(opened)
        case "w":
            await opened.clear()
        case "w-":
            if not await opened.is_empty():
                raise StoreExistsError(opened)
        case "a":
            pass
        case _:
            assert_never(mode)
    return opened


def _check_writable(store: Store, mode: AccessMode) -> None:
    if store.read_only:
        raise ReadOnlyError(store, f"open_store(mode={mode!r})")
    if not store.supports_writes:
        raise UnsupportedError(store, f"open_store(mode={mode!r})", "it takes no values")
