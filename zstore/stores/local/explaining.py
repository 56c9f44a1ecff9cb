"""Failed system calls, told as errors of the tree."""

import errno
from collections.abc import Generator
from contextlib import contextmanager

from zstore.errors import InvalidKeyError, OutsideRootError, ZStoreError
from zstore.stores.failures import from_os_error
from zstore.stores.local.beneath import check_names

__all__ = ["MISSING", "explain", "explained"]

MISSING = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""A folder is no value, and what lies below a file does not exist."""


def explain(key: str, error: OSError) -> ZStoreError:
    """Return the error of the tree for a failed system call."""
    if error.errno == errno.ELOOP:
        return OutsideRootError(key)
    if error.errno == errno.ENAMETOOLONG:
        return InvalidKeyError(key, "it is too long for this file system")
    return from_os_error(key, error)


@contextmanager
def explained(key: str) -> Generator[None]:
    """Turn failed system calls into errors of the tree, but for those that mean missing.

    A key that no file can have is refused first.
    """
    try:
        check_names(key)
        yield
    except (ZStoreError, *MISSING):
        raise
    except OSError as error:
        raise explain(key, error) from error
