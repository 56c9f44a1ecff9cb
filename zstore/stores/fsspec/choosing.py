"""Which way to speak to a filesystem is taken."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from zstore.stores.fsspec.filesystem import asynchronous_copy, protocols, synchronous
from zstore.stores.fsspec.generic import GenericRemote
from zstore.stores.fsspec.http import HttpRemote
from zstore.stores.fsspec.local import LocalRemote
from zstore.stores.fsspec.remote import Remote
from zstore.stores.fsspec.s3 import S3Remote
from zstore.stores.fsspec.s3_requests import S3Requests
from zstore.stores.listed import ListedNames
from zstore.stores.tries import Patience

__all__ = ["asynchronous", "remote_for"]


def asynchronous(fs: Any) -> Any:
    """Return `fs` for use on event loops, where it was made for blocking calls."""
    if synchronous(fs) is not None or fs.asynchronous:
        return fs
    return asynchronous_copy(fs)


def remote_for(
    fs: Any, path: str, *, read_only: bool, timeout: float | None, verify: bool
) -> Remote:
    """Choose how to speak to a filesystem."""
    plain = synchronous(fs)
    fs = fs if plain is None else plain
    kinds = protocols(fs)
    names = ListedNames()
    if fs.async_impl and "http" in kinds and urlsplit(path).scheme:
        return HttpRemote(path, names, Patience(timeout))
    root = _stripped(fs, path)
    if type(fs).__name__ == "LocalFileSystem" and "file" in kinds:
        return LocalRemote(root or "/", names, read_only=read_only)
    if fs.async_impl and "s3" in kinds and root:
        bucket, base, _ = fs.split_path(root)
        # s3fs says how often it tries; here that is done by the store.
        patience = Patience(timeout, tries=fs.retries)
        requests = S3Requests(bucket, patience, verify=verify)
        return S3Remote(requests, f"{base}/" if base else "", names)
    return GenericRemote(fs, root, names)


def _stripped(fs: Any, path: str) -> str:
    """Return the root as the filesystem writes paths, without a final ``/``."""
    strip: Callable[[str], str] = getattr(fs, _STRIP)
    return strip(path).rstrip("/")


# fsspec's method for the path that a URL, or an abbreviated path, stands for.
_STRIP = "_strip_protocol"
