"""What the errors of backends mean, and how to say so without their secrets."""

import re
from collections.abc import Mapping
from typing import Any, cast

from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    CorruptStoreError,
    StoreNotFoundError,
    UnsupportedError,
    ZStoreError,
)

__all__ = [
    "PASSING",
    "LastingError",
    "from_os_error",
    "http_status",
    "may_pass",
    "plain_text",
    "redact",
    "speakable",
    "translate",
    "unmask",
]

_USER_INFO = re.compile(r"(?<=://)[^/@\s'\"]+@")
_QUERY_VALUE = re.compile(r"([?&][^=&\s'\"<>]+=)[^&\s'\"<>]+")
# A message longer than this is a page or a dump, not a sentence.
_LONGEST = 400

_DENIED = (401, 403, 407)
_TIMED_OUT = (408, 504)
_GONE = (404, 410)
PASSING = (408, 409, 425, 429, 500, 502, 503, 504)
"""What the same request may get over: conflicts, throttling, failures of the server."""


class LastingError(OSError):
    """A server cannot do what was asked, and will not a little later."""


# What a later try would raise as well. InvalidByteRangeError is a ValueError.
_FINAL = (
    LastingError,
    FileNotFoundError,
    FileExistsError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
    NotImplementedError,
    TypeError,
    ValueError,
)
_STATUS_FIELDS = ("status", "status_code", "code")


def redact(text: str) -> str:
    """Hide what may be secret in the URLs of a text: user names and query values.

    Examples
    --------
    >>> redact("GET https://me:word@host/a?token=abc&v=1 failed")
    'GET https://...@host/a?token=...&v=... failed'
    """
    return _QUERY_VALUE.sub(r"\1...", _USER_INFO.sub("...@", text))


def http_status(error: BaseException | None) -> int | None:
    """Return the HTTP status that an error reports, or the error that caused it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        # What aiohttp says of broken answers has a code, but not from the server.
        broken = type(error).__module__ == "aiohttp.http_exceptions"
        for name in () if broken else _STATUS_FIELDS:
            status = getattr(error, name, None)
            if isinstance(status, int) and 100 <= status < 600:  # noqa: PLR2004 -- HTTP
                return status
        response: Any = getattr(error, "response", None)
        if isinstance(response, Mapping):
            # As botocore reports it.
            answer = cast("Mapping[str, Mapping[str, Any]]", response)
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if isinstance(status, int):
                return status
        error = error.__cause__
    return None


def unmask(error: Exception) -> Exception:
    """Return what is behind a "file not found" that hides another failure.

    Some filesystems of fsspec (HTTP, for one) answer so to any error of a server.
    """
    cause = error.__cause__
    if not isinstance(error, FileNotFoundError) or not isinstance(cause, Exception):
        return error
    status = http_status(cause)
    if status is not None:
        return error if status in _GONE else cause
    return cause if isinstance(cause, (ConnectionError, TimeoutError)) else error


def may_pass(error: Exception) -> bool:
    """Tell whether the same request may succeed a little later.

    So of lost connections, late and broken answers, and what the server says of itself;
    not of what it says of the request.
    """
    error = unmask(error)
    # Bytes may have been damaged on their way only.
    if isinstance(error, _FINAL) and not isinstance(error, CorruptStoreError):
        return False
    status = http_status(error)
    return status is None or status < 300 or status in PASSING  # noqa: PLR2004 -- HTTP


def plain_text(error: BaseException) -> str:
    """Return the message of an error as one line of bounded length, without secrets.

    Its notes follow: how often it was tried.
    """
    # obstore adds a dump of its structures, and servers add pages of HTML.
    text = str(error).partition("\n\nDebug source")[0]
    text = " ".join(text.split()) or type(error).__name__
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return redact(", ".join((text, *getattr(error, "__notes__", ()))))


def speakable(error: Exception) -> Exception:
    """Return the cause to raise an error from, which every traceback shows.

    That is `error`, or what it says, where it or what caused it names a URL with secrets.
    """
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        text = str(one)
        if redact(text) != text:
            return OSError(f"{type(error).__name__}: {plain_text(error)}")
        one = one.__cause__ or one.__context__
    return error


def translate(where: str, error: Exception, store: object) -> ZStoreError:
    """Return the error of zstore for a failure of a backend that is no missing key.

    Parameters
    ----------
    where
        The key or prefix that was asked for.
    error
        What the backend raised. Raise the result ``from error``.
    store
        Named in the message.
    """
    error = unmask(error)
    if isinstance(error, ZStoreError):
        return error
    status = http_status(error)
    reason = plain_text(error)
    if "NoSuchBucket" in f"{error} {error.__cause__}":
        return StoreNotFoundError(store)
    if isinstance(error, PermissionError) or status in _DENIED:
        return AccessDeniedError(where, reason)
    late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
    if late or status in _TIMED_OUT:
        return BackendTimeoutError(where, reason)
    if isinstance(error, NotImplementedError):
        return UnsupportedError(store, f"this on {where!r}", reason)
    return BackendError(where, reason)


def from_os_error(key: str, error: OSError) -> ZStoreError:
    """Return the error of the tree for a failed system call on `key`.

    For calls that already took "no such file" for a missing key: what is left is a
    refusal or a failure. Raise it ``from error``.
    """
    if isinstance(error, ZStoreError):
        return error
    if isinstance(error, PermissionError):
        return AccessDeniedError(key, error)
    if isinstance(error, TimeoutError):
        return BackendTimeoutError(key, error)
    return BackendError(key, error)
