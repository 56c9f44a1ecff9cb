"""What an object store has to have. Importing this module imports no obstore."""

import atexit
import importlib
import os
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

from zstore.errors import BackendError, MissingDependencyError, UnsupportedError
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zstore.stores.failures import plain_text, redact, speakable

__all__ = [
    "Meta",
    "ObjectStoreClient",
    "check_process",
    "from_url",
    "kind_of",
    "place_of",
    "range_option",
    "wait_at_exit",
]

Meta: TypeAlias = Mapping[str, Any]
"""What a listing says of an object: ``path``, ``size`` in bytes, ``last_modified``."""


@runtime_checkable
class ObjectStoreClient(Protocol):
    """The methods that are used of an object store; those of obstore have them."""

    def get_async(self, path: str, *, options: Any = None) -> Awaitable[Any]:
        """Ask for a value, or a range of it."""
        ...

    def head_async(self, path: str) -> Awaitable[Meta]:
        """Ask what is known of a value."""
        ...

    @property
    def put_async(self) -> Callable[..., Awaitable[Any]]:
        """Store a value; called with its path and bytes, ``mode`` and ``use_multipart``."""
        ...

    def delete_async(self, paths: str | Sequence[str]) -> Awaitable[None]:
        """Delete values."""
        ...

    def list(
        self, prefix: str | None = None, *, offset: str | None = None, chunk_size: int = 50
    ) -> AsyncIterable[Sequence[Meta]]:
        """Iterate over what is below a prefix."""
        ...

    def list_with_delimiter_async(self, prefix: str | None = None) -> Awaitable[Any]:
        """Ask for one level."""
        ...


def from_url(url: str, options: dict[str, Any]) -> Any:
    """Return the object store of obstore that a URL names.

    Raises
    ------
    MissingDependencyError
        If obstore is not installed.
    BackendError
        If obstore refuses the URL or the options.
    """
    try:
        module = importlib.import_module("obstore.store")
    except ImportError as error:
        raise MissingDependencyError("obstore", extra="obstore") from error
    try:
        return module.from_url(url, **{k: v for k, v in options.items() if v is not None})
    except Exception as error:  # noqa: BLE001 -- raised again, without secrets
        raise BackendError(redact(url), plain_text(error)) from speakable(error)


def kind_of(client: object) -> str:
    """Return the name of the class: ``"S3Store"``, ``"HTTPStore"``."""
    return type(client).__name__


def place_of(client: Any) -> str:
    """Return where the values lie, as far as it is known and no secret."""
    url = getattr(client, "url", None)
    if url is not None:
        return redact(str(url))
    config: Mapping[str, Any] = getattr(client, "config", None) or {}
    root = config.get("bucket") or config.get("container_name")
    prefix = getattr(client, "prefix", None)
    return "/".join(str(part).rstrip("/") for part in (root, prefix) if part)


# The process in which the threads of obstore were started.
_started_in: list[int] = []


def check_process(store: object) -> None:
    """Refuse the use of obstore in a forked child, where its threads are missing.

    Raises
    ------
    UnsupportedError
        If the parent of this process used obstore; a call would wait for ever.
    """
    if not _started_in:
        _started_in.append(os.getpid())
    elif _started_in[0] != os.getpid():
        reason = "obstore was used before the fork; start processes with 'spawn'"
        raise UnsupportedError(store, "use in a forked process", reason)


# Threads of obstore drop the last of an answer after it was given, and abort the process
# if the interpreter is gone by then. That takes them microseconds, once they may run.
_LAST_WORDS_SECONDS = 0.05
_waits_at_exit: list[int] = []


def wait_at_exit() -> None:
    """Have the exit of this process wait for what obstore does behind its last answer."""
    if not _waits_at_exit:
        _waits_at_exit.append(os.getpid())
        atexit.register(_wait)


def _wait() -> None:
    # A forked child has none of the threads.
    if _waits_at_exit == [os.getpid()] and _started_in:
        time.sleep(_LAST_WORDS_SECONDS)


def range_option(request: ByteRequest) -> tuple[int, int] | dict[str, int]:
    """Return the option ``range`` of a request."""
    match request:
        case RangeByteRequest(start, end):
            return start, end
        case OffsetByteRequest(offset):
            return {"offset": offset}
        case SuffixByteRequest(suffix):
            return {"suffix": suffix}
