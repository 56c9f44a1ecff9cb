"""What the errors of obstore mean.

Most are one class, `GenericError`, that says the rest in its text. The classes are known
by their names, so that object stores of others can raise their own.
"""

import errno
import re

from zstore.errors import (
    AccessDeniedError,
    BackendError,
    BackendTimeoutError,
    InvalidKeyError,
    KeyConflictError,
    StoreNotFoundError,
    UnsupportedError,
    ZStoreError,
)
from zstore.stores.failures import plain_text

__all__ = [
    "failure_of",
    "is_about_the_range",
    "is_called",
    "listing_failure",
    "os_error_of",
    "status_of",
    "was_repeated",
    "write_failure",
]

_STATUS = re.compile(r"status code: (\d{3})\b")
_REPEATED = re.compile(r"\bafter [1-9]\d* retries\b")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_DENIED = (401, 403, 407)
_NOT_SATISFIABLE = 416
_TIMED_OUT = (408, 504)
# What a web server without WebDAV says to a request for a listing.
_NO_LISTING = (400, 404, 405, 501)
_NO_SUCH_PATH = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)


def is_called(error: BaseException, *names: str) -> bool:
    """Tell whether an error is of a class with one of these names."""
    return any(kind.__name__ in names for kind in type(error).__mro__)


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status in the text of an error."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def is_about_the_range(error: BaseException) -> bool:
    """Tell whether the answer, and not the way to it, is why a range was not read.

    As for an empty value, of which servers send all; obstore says that in its own words.
    """
    status, text = status_of(error), str(error)
    lost = isinstance(error, TimeoutError) or "HTTP error" in text
    return status == _NOT_SATISFIABLE or (status is None and not lost)


def was_repeated(error: BaseException) -> bool:
    """Tell whether obstore has sent the request more than once."""
    return _REPEATED.search(str(error)) is not None


def os_error_of(error: BaseException) -> int | None:
    """Return the number of a failed system call in the text of an error."""
    found = _OS_ERROR.search(str(error))
    return int(found[1]) if found else None


def failure_of(where: str, error: Exception, store: object) -> ZStoreError | None:
    """Return the error of zstore for an error of obstore; None for a missing value.

    Parameters
    ----------
    where
        The key or prefix that was asked for.
    error
        What obstore raised. Raise the result ``from error``.
    store
        Named in the message.
    """
    if isinstance(error, ZStoreError):
        return error
    if "NoSuchBucket" in str(error):
        return StoreNotFoundError(store)
    missing = isinstance(error, FileNotFoundError) or is_called(error, "NotFoundError")
    if missing or os_error_of(error) in _NO_SUCH_PATH:
        return None
    return _failure(where, error)


def _failure(where: str, error: Exception) -> ZStoreError:
    reason, text, status = plain_text(error), str(error), status_of(error)
    denied = is_called(error, "PermissionDeniedError", "UnauthenticatedError")
    denied = denied or isinstance(error, PermissionError) or status in _DENIED
    if denied or os_error_of(error) in (errno.EACCES, errno.EPERM):
        return AccessDeniedError(where, reason)
    if "Could not parse path" in text or "Filenames containing trailing" in text:
        return InvalidKeyError(where, f"this object store cannot hold it ({reason})")
    late = isinstance(error, TimeoutError) or "TimedOut" in text or "timed out" in text
    if late or status in _TIMED_OUT:
        return BackendTimeoutError(where, reason)
    return BackendError(where, reason)


def write_failure(key: str, error: Exception, store: object) -> ZStoreError:
    """Return the error of zstore for a failed write; see `failure_of`."""
    if is_called(error, "NotSupportedError", "NotImplementedError"):
        return UnsupportedError(store, f"this on {key!r}", plain_text(error))
    if os_error_of(error) in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
        return KeyConflictError(key, plain_text(error))
    return failure_of(key, error, store) or BackendError(key, plain_text(error))


def listing_failure(prefix: str, error: Exception, store: object, kind: str) -> ZStoreError:
    """Return the error of zstore for a failed listing; see `failure_of`."""
    if kind == "HTTPStore" and status_of(error) in _NO_LISTING:
        reason = f"the server speaks no WebDAV: {plain_text(error)}"
        return UnsupportedError(store, "listing", reason)
    if is_called(error, "InvalidPathError"):
        # It is not said where the others are, so nothing of the listing is known.
        reason = (
            f"obstore cannot list what lies there, but FsspecStore can: {plain_text(error)}"
        )
        return BackendError(prefix, reason)
    return failure_of(prefix, error, store) or BackendError(prefix, plain_text(error))
