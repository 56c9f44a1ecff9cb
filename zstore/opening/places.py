"""Paths and URLs, and which store opens which."""

import importlib.util
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from zstore.concurrency import run_in_thread
from zstore.errors import (
    InvalidTypeError,
    MissingDependencyError,
    StoreNotFoundError,
    ZStoreError,
)
from zstore.keys import check_prefix, is_key
from zstore.path import AccessMode
from zstore.store import Store
from zstore.stores.failures import redact, speakable
from zstore.stores.fsspec import FsspecStore
from zstore.stores.local import LocalStore
from zstore.stores.object_store import ObjectStore
from zstore.stores.zip import ZipStore
from zstore.wrappers.prefix import PrefixStore

__all__ = ["SCHEMES", "Place", "is_url", "open_path", "open_url"]

_MUST_EXIST = frozenset({"r", "r+"})
_WEB = frozenset({"http", "https"})

# "s3://..." or "simplecache::...". Two letters at least: a path of Windows starts with
# one, as "C:/data".
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(?:://|::)")


@dataclass(frozen=True, slots=True)
class Place:
    """A URL, and how to open it.

    Attributes
    ----------
    url
        A URL, or a chain of them as in fsspec.
    mode
        As in `zstore.open_store`.
    options
        For the file system or object store behind the URL.
    """

    url: str
    mode: AccessMode | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def scheme(self) -> str:
        """What the URL starts with, in lower case."""
        match = _URL.match(self.url)
        return match[1].lower() if match else ""

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed."""
        return self.mode == "r"


def is_url(text: str) -> bool:
    """Tell whether `text` is a URL or a chain of them, and not a path.

    Examples
    --------
    >>> is_url("s3://bucket/a"), is_url("zip::x.zip"), is_url("C:/data"), is_url("a:b")
    (True, True, False, False)
    """
    return _URL.match(text) is not None


async def open_path(path: Path, mode: AccessMode | None = None) -> Store:
    """Return the store of a folder, or of an archive if the name ends in ``.zip``."""
    is_folder, exists = await run_in_thread(_look_at, path)
    if mode in _MUST_EXIST and not exists:
        raise StoreNotFoundError(path)
    if path.suffix.lower() != ".zip" or is_folder:
        return LocalStore(path, read_only=mode == "r")
    return ZipStore(path, mode=_archive_mode(mode, exists=exists))


def _archive_mode(mode: AccessMode | None, *, exists: bool) -> str:
    """Return the mode of a `ZipStore`: one that exists is only read, by default."""
    if mode == "r" or (mode is None and exists):
        return "r"
    return "w" if mode == "w" else "a"


def _look_at(path: Path) -> tuple[bool, bool]:
    return path.is_dir(), path.exists()


async def open_url(place: Place) -> Store:
    """Return the store that opens a URL; an archive if there is one of that name."""
    if place.scheme not in _ARE_PATHS and (archive := await _archive_at(place)) is not None:
        return archive
    return await SCHEMES.get(place.scheme, _open_with_fsspec)(place)


async def _archive_at(place: Place) -> Store | None:
    """Return the store of a remote archive, if the URL is the name of one."""
    folder, key = _parent(place.url)
    if not key.lower().endswith(".zip") or not is_key(key):
        return None
    above = await SCHEMES.get(place.scheme, _open_with_fsspec)(_reading(place, folder))
    if await _has_key(above, key):
        return ZipStore.from_store(above, key, close_store=True)
    await above.aclose()
    # On a web server nothing else would tell: every key of its "folder" would be missing.
    if place.mode in _MUST_EXIST and place.scheme in _WEB:
        raise StoreNotFoundError(redact(place.url))
    return None


def _parent(url: str) -> tuple[str, str]:
    """Split a URL before its last segment; the key is empty if it has only one.

    Examples
    --------
    >>> _parent("s3://bucket/a/x.zip"), _parent("s3://bucket")
    (('s3://bucket/a', 'x.zip'), ('s3://bucket', ''))
    >>> _parent("https://host/a/x.zip?token=b/c"), _parent("memory://x.zip")
    (('https://host/a', 'x.zip?token=b/c'), ('memory://', 'x.zip'))
    """
    start = url.rfind("://") + len("://")
    # In a query, as that of a signed URL, a slash separates nothing.
    end = url.find("?", start) if url[:start].endswith(("http://", "https://")) else -1
    slash = url.rfind("/", start, end if end >= 0 else None)
    if slash >= 0:
        return url[:slash], url[slash + 1 :]
    # The other schemes name a bucket or a host first.
    return (url[:start], url[start:]) if url[:start].endswith("memory://") else (url, "")


def _reading(place: Place, url: str) -> Place:
    # Without a mode: the folder of an archive need not be there to be looked into.
    return replace(place, url=url, mode=None)


async def _open_folder(place: Place) -> Store:
    if place.options:
        msg = f"'storage_options' was provided but unused. {place.url} is a local path"
        raise InvalidTypeError(msg)
    return await open_path(_path_of(place.url), place.mode)


def _path_of(url: str) -> Path:
    """Return the path that a ``file:`` URL names (RFC 8089)."""
    if "://" not in url:  # "file::/data", as in a chain
        return Path(url.partition("::")[2])
    parts = urlsplit(url, allow_fragments=False)
    host = "" if parts.netloc == "localhost" else parts.netloc
    # "file://data/x" names a host, but is written for the relative path.
    return Path(host + url2pathname(parts.path))


async def _open_archive(place: Place) -> Store:
    """Open ``zip::URL``, ``zip://inner/prefix::URL`` or ``zip:///path``."""
    head, chained, target = place.url.partition("::")
    inner = head.partition("://")[2]
    if not chained:
        inner, target = "", inner
    options = {key: value for key, value in place.options.items() if key != "zip"}
    outer = Place(target, place.mode, options)
    # In a chain each file system may have options of its own, under its name.
    own = options.get(outer.scheme)
    if isinstance(own, Mapping):
        outer = replace(outer, options=dict(own))  # pyright: ignore[reportUnknownArgumentType] -- the caller's
    archive = await _archive(outer)
    prefix = check_prefix(inner.strip("/"))
    return PrefixStore(archive, prefix) if prefix else archive


async def _archive(place: Place) -> Store:
    if not is_url(place.url) or place.scheme in _ARE_PATHS - {"zip"}:
        path = _path_of(place.url) if is_url(place.url) else Path(place.url)
        exists = await run_in_thread(path.exists)
        if place.mode in _MUST_EXIST and not exists:
            raise StoreNotFoundError(path)
        return ZipStore(path, mode=_archive_mode(place.mode, exists=exists))
    folder, key = _parent(place.url)
    signed = place.scheme in _WEB and "?" in key
    if signed or not is_key(key):
        msg = f"zip:: takes the URL of an archive, and no query, got {redact(place.url)!r}"
        raise InvalidTypeError(msg)
    above = await open_url(_reading(place, folder))
    if not await _has_key(above, key):
        await above.aclose()
        raise StoreNotFoundError(redact(place.url))
    return ZipStore.from_store(above, key, close_store=True)


async def _has_key(store: Store, key: str) -> bool:
    """Tell whether there is a key; a store that fails is closed."""
    try:
        return await store.exists(key)
    except BaseException:
        await store.aclose()
        raise


async def _open_with_fsspec(place: Place) -> Store:
    # In a thread: it imports fsspec and the package behind the scheme.
    store = await run_in_thread(_make_fsspec_store, place)
    return await _that_exists(store, place)


def _make_fsspec_store(place: Place) -> Store:
    try:
        return FsspecStore.from_url(
            place.url, storage_options=place.options, read_only=place.read_only
        )
    except ZStoreError:
        raise
    except ValueError as error:
        msg = f"Unsupported URL for store_like: '{redact(place.url)}' ({error})"
        raise InvalidTypeError(msg) from speakable(error)


def _open_with(package: str, extra: str) -> Callable[[Place], Awaitable[Store]]:
    """Return what opens a remote URL: fsspec if it has `package`, obstore otherwise."""

    def make(place: Place) -> Store:
        if _has("fsspec") and _has(package):
            return _make_fsspec_store(place)
        if _has("obstore"):
            return ObjectStore.from_url(
                place.url, read_only=place.read_only, **place.options
            )
        raise MissingDependencyError(
            "obstore" if extra == "obstore" else package, extra=extra
        )

    async def open_remote(place: Place) -> Store:
        return await _that_exists(await run_in_thread(make, place), place)

    return open_remote


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


async def _that_exists(store: Store, place: Place) -> Store:
    """Return the store if its mode does not ask for keys, or there are some."""
    # Most web servers do not list, and what they send instead may look like nothing.
    asked = place.mode in _MUST_EXIST and place.scheme not in _WEB
    if asked and store.supports_listing and await store.is_empty():
        await store.aclose()
        raise StoreNotFoundError(redact(place.url))
    return store


# To open a new kind of URL, add a line; anything else goes to fsspec, chains included.
SCHEMES: dict[str, Callable[[Place], Awaitable[Store]]] = {
    "file": _open_folder,
    "local": _open_folder,
    "zip": _open_archive,
    "s3": _open_with("s3fs", "s3"),
    "s3a": _open_with("s3fs", "s3"),
    "gs": _open_with("gcsfs", "obstore"),
    "gcs": _open_with("gcsfs", "obstore"),
    "az": _open_with("adlfs", "obstore"),
    "abfs": _open_with("adlfs", "obstore"),
    "abfss": _open_with("adlfs", "obstore"),
    "http": _open_with("aiohttp", "http"),
    "https": _open_with("aiohttp", "http"),
}

# These look at the disk themselves.
_ARE_PATHS = frozenset({"file", "local", "zip"})
