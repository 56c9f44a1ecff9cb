"""Requests of obstore: tried again where obstore itself does not, within one deadline."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar

from zstore.errors import BackendError, CorruptStoreError
from zstore.stores.failures import PASSING, may_pass
from zstore.stores.object_store.client import ObjectStoreClient, kind_of
from zstore.stores.object_store.failures import is_called, status_of, was_repeated
from zstore.stores.tries import Patience, Try

__all__ = ["client_options_for", "limited", "patience_for", "tells_writers"]

T = TypeVar("T")

_TELLING = ("S3Store", "GCSStore", "AzureStore")
_REMOTE = (*_TELLING, "HTTPStore")
_LOCAL_URLS = ("file:", "memory:")
# What another try would raise as well.
_FINAL = (
    "AlreadyExistsError",
    "InvalidPathError",
    "NotFoundError",
    "NotImplementedError",
    "NotModifiedError",
    "NotSupportedError",
    "PermissionDeniedError",
    "PreconditionError",
    "UnauthenticatedError",
    "UnknownConfigurationKeyError",
)
_NOT_PARTIAL = "Received non-partial response"
# obstore stops trying after this share of the time, so that its last failure is told.
_TRYING = 2 / 3
_SILENCE = 1 / 3
_LONGEST_PAUSE = 1 / 10
_FIRST_PAUSE = 1 / 300
# After the timeout itself, which has to know that it was the one.
_LATER_SECONDS = 0.001


def patience_for(client: ObjectStoreClient, seconds: float | None) -> Patience:
    """Return how long a request may take; what is on this machine takes what it takes."""
    if kind_of(client) in _REMOTE:
        return Patience(seconds, may_pass=_may_pass)
    return Patience(None, tries=1)


def tells_writers(client: ObjectStoreClient) -> bool:
    """Tell whether values have metadata, to see from who created one."""
    return kind_of(client) in _TELLING


def _may_pass(error: Exception) -> bool:
    if isinstance(error, (BackendError, CorruptStoreError)):
        return True
    # obstore has tried for long enough, or the value is empty.
    if was_repeated(error) or _NOT_PARTIAL in str(error):
        return False
    if is_called(error, *_FINAL):
        return False
    return may_pass(error) and status_of(error) in (None, *PASSING)


def limited(request: Awaitable[T], attempt: Try) -> asyncio.Future[T]:
    """Return a request that is called off when the time of the try is over.

    For those that are waited for to their end; see `to_the_end`.
    """
    pending = asyncio.ensure_future(request)
    if attempt.until is not None:
        late = attempt.until + _LATER_SECONDS
        timer = pending.get_loop().call_at(late, pending.cancel)
        pending.add_done_callback(lambda _: timer.cancel())
    return pending


def client_options_for(
    url: str, seconds: float | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Return the options of an object store, so that a listing has a deadline as well.

    Parameters
    ----------
    url
        What is opened.
    seconds
        That a request may take; see `patience_for`.
    options
        ``client_options`` and ``retry_config`` as given, which win.
    """
    if url.startswith(_LOCAL_URLS):
        return options
    # The scheme asks for it; obstore wants to be told.
    client: dict[str, Any] = {"allow_http": True} if url.startswith("http://") else {}
    given = {**options, "client_options": client}
    if seconds is not None:
        client["read_timeout"] = timedelta(seconds=seconds * _SILENCE)
        given.setdefault("retry_config", _retries(seconds))
    client.update(options.get("client_options") or {})
    return given


def _retries(seconds: float) -> dict[str, Any]:
    return {
        "retry_timeout": timedelta(seconds=seconds * _TRYING),
        "backoff": {
            "init_backoff": timedelta(seconds=seconds * _FIRST_PAUSE),
            "max_backoff": timedelta(seconds=seconds * _LONGEST_PAUSE),
            "base": 2,
        },
    }
