"""What of fsspec is used, and how filesystems are made asynchronous.

fsspec gives asynchronous methods names that begin with an underscore; they are named
here and nowhere else. Importing this module imports no fsspec.
"""

import asyncio
import importlib
import inspect
import warnings
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from threading import Lock
from typing import Any, TypeAlias, cast

from zstore.concurrency import run_in_thread, run_to_the_end
from zstore.errors import InvalidTypeError, MissingDependencyError, ZStoreWarning

__all__ = [
    "Client",
    "asynchronous_copy",
    "check_filesystem",
    "connect",
    "disconnect",
    "from_url",
    "protocols",
    "same_filesystem",
    "send_once",
    "synchronous",
    "unwrapped",
    "warm_up",
    "wrapped",
]

Call: TypeAlias = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Client:
    """A filesystem and its asynchronous calls, for one event loop.

    Attributes
    ----------
    fs
        The filesystem, of any class of fsspec.
    cat_file, pipe_file, info, ls, find, rm_file, makedirs
        fsspec's methods of these names, to be awaited.
    """

    fs: Any
    cat_file: Call
    pipe_file: Call
    info: Call
    ls: Call
    find: Call
    rm_file: Call
    makedirs: Call


_CALLS = tuple(field.name for field in fields(Client) if field.name != "fs")
# These change something: a cancelled caller waits, so that they cannot happen later.
_CHANGES = ("pipe_file", "rm_file", "makedirs")


# All memory filesystems share one dict, which they iterate over while others change it.
_memory_lock = Lock()


def _in_thread(
    method: Callable[..., Any], lock: AbstractContextManager[Any], *, changes: bool
) -> Call:
    run = run_to_the_end if changes else run_in_thread

    def locked(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        with lock:
            return method(*args, **options)

    def call(*args: Any, **options: Any) -> Awaitable[Any]:
        return run(locked, args, options)

    return call


def connect(fs: Any) -> Client:
    """Return the calls of a filesystem; those of a synchronous one run in threads."""
    inner = synchronous(fs)
    if inner is None:
        return Client(fs, *(getattr(fs, f"_{name}") for name in _CALLS))
    lock = _memory_lock if "memory" in protocols(inner) else nullcontext()
    calls = {
        name: _in_thread(getattr(inner, name), lock, changes=name in _CHANGES)
        for name in _CALLS
    }
    return Client(inner, **calls)


def check_filesystem(fs: Any) -> None:
    """Refuse what is no filesystem, and warn about one that was made for blocking use.

    Raises
    ------
    InvalidTypeError
        If `fs` has no methods of an fsspec filesystem.
    """
    inner = fs
    while hasattr(inner, "cat_file") and "dir" in protocols(inner):
        inner = inner.fs
    if not hasattr(inner, "cat_file") or not hasattr(inner, "async_impl"):
        msg = f"Filesystem needs to support async operations. Got {type(fs).__name__}."
        raise InvalidTypeError(msg)
    if synchronous(inner) is None and not inner.asynchronous:
        msg = (
            f"fs ({type(fs).__name__}) was not created with `asynchronous=True`, this may "
            "lead to surprising behavior; the store uses asynchronous copies of it"
        )
        warnings.warn(msg, ZStoreWarning, stacklevel=3)


def synchronous(fs: Any) -> Any:
    """Return the synchronous filesystem that `fs` is or wraps; None if it is neither."""
    inner = getattr(fs, "sync_fs", None)
    if inner is not None:
        return inner
    # Of the class: a cache in front of an asynchronous filesystem says what that is.
    kind = cast("Any", type(fs))
    return None if getattr(kind, "async_impl", False) is True else fs


def unwrapped(fs: Any, path: str) -> tuple[Any, str]:
    """Return the filesystem below any `DirFileSystem`, and the path there."""
    while "dir" in protocols(fs):
        path = "/".join(part.rstrip("/") for part in (fs.path, path.lstrip("/")) if part)
        fs = fs.fs
    return fs, path


def wrapped(fs: Any) -> Any:
    """Return a synchronous filesystem in fsspec's asynchronous wrapper."""
    wrapper = _fsspec("fsspec.implementations.asyn_wrapper").AsyncFileSystemWrapper
    return wrapper(fs, asynchronous=True)


def asynchronous_copy(fs: Any) -> Any:
    """Return a new filesystem with the options of `fs`, unconnected, caching no listing."""
    options = {**fs.storage_options, "asynchronous": True, "skip_instance_cache": True}
    # The loop of the original; the copy belongs to the one that is running.
    options.pop("loop", None)
    copy = type(fs)(*fs.storage_args, **options)
    if hasattr(copy.dircache, "use_listings_cache"):
        copy.dircache.use_listings_cache = False
    return copy


def same_filesystem(one: Any, other: Any) -> bool:
    """Tell whether two filesystems were made by the same class with the same options."""
    if one is other:
        return True
    first, second = synchronous(one), synchronous(other)
    if first is not None or second is not None:
        return bool(first == second)
    return type(one) is type(other) and _identity(one) == _identity(other)


def _identity(fs: Any) -> tuple[object, ...]:
    transient = ("asynchronous", "skip_instance_cache", "loop")
    options = {k: v for k, v in fs.storage_options.items() if k not in transient}
    return fs.storage_args, options


def protocols(fs: Any) -> tuple[str, ...]:
    """Return the URL schemes of a filesystem."""
    # Before fsspec 2025.9, a cache in front of a filesystem gives the scheme of that one.
    own: object = inspect.getattr_static(fs, "protocol")
    # A property stands for what it gives.
    names: Any = fs.protocol if hasattr(type(own), "__get__") else own
    return (names,) if isinstance(names, str) else tuple(names)


def from_url(url: str, storage_options: dict[str, Any]) -> tuple[Any, str]:
    """Return a filesystem and the path in it that a URL names.

    Raises
    ------
    MissingDependencyError
        If fsspec, or the package for this kind of URL, is not installed.
    """
    core = _fsspec("fsspec.core")
    scheme = url.partition("::")[0].partition("://")[0] if "://" in url else "file"
    try:
        kind = _fsspec("fsspec").get_filesystem_class(scheme)
    except ImportError as error:
        if isinstance(error, MissingDependencyError):
            raise
        # fsspec says in its message which package brings the scheme.
        package = getattr(error, "name", None) or str(error)
        raise MissingDependencyError(package, extra="fsspec") from error
    options = {"asynchronous": True} if kind.async_impl is True else {}
    fs, path = core.url_to_fs(url, **{**options, **storage_options})
    return fs, path


def _fsspec(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingDependencyError("fsspec", extra="fsspec") from error


def send_once(fs: Any) -> None:
    """Have a client of S3 send each request once, where nobody has said otherwise.

    Neither s3fs nor botocore says that a write was sent again; then nobody can tell whose
    value is in its way.
    """
    if hasattr(fs, "config_kwargs"):
        fs.retries = 1
        retries = {"total_max_attempts": 1}
        fs.config_kwargs = {"retries": retries, **(fs.config_kwargs or {})}


async def warm_up(fs: Any) -> None:
    """Prepare what would block the loop at the first request."""
    # s3fs reads configuration files and the model of the service to make its client,
    # which belongs to no loop until its first request.
    if "s3" in protocols(fs) and hasattr(fs, "set_session"):
        await run_in_thread(_set_session, fs)


def _set_session(fs: Any) -> None:
    # It awaits nothing that waits, as a rule; then it needs no loop.
    steps = fs.set_session()
    try:
        steps.send(None)
    except StopIteration:
        return
    except RuntimeError:
        # It looked for the running loop.
        pass
    steps.close()
    asyncio.run(fs.set_session())


async def disconnect(fs: Any) -> None:
    """Close the network sessions of a filesystem that the store made."""
    creator = getattr(fs, "_s3creator", None)
    if creator is not None:
        await creator.__aexit__(None, None, None)
        return
    for name in ("_session", "service_client"):
        session = getattr(fs, name, None)
        if session is not None:
            await session.close()
