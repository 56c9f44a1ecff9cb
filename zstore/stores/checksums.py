"""Whether a value is what its checksum says, where a server gives one."""

import hashlib
import re

from zstore.concurrency import run_in_thread
from zstore.errors import CorruptStoreError

__all__ = ["check_md5", "md5_of"]

# Of a value sent in parts there is a dash in it, and it is no checksum of the value.
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')
# Shorter ones take less time than the way to a thread.
_SHORT_NBYTES = 2**16


def md5_of(etag: str | None, encryption: str | None = None) -> str | None:
    """Return the MD5 that an ETag of S3 is; None if it is none.

    Parameters
    ----------
    etag
        The header of that name.
    encryption
        How the server encrypted the value: by a key of its own (``"AES256"``) the ETag is
        the MD5 all the same, by others it is not.

    Examples
    --------
    >>> md5_of('"d41d8cd98f00b204e9800998ecf8427e"')
    'd41d8cd98f00b204e9800998ecf8427e'
    >>> md5_of('"d41d8cd98f00b204e9800998ecf8427e-2"')
    """
    if encryption not in (None, "AES256"):
        return None
    found = _MD5.fullmatch(etag or "")
    return found[1] if found else None


async def check_md5(key: str, data: bytes | memoryview, md5: str | None) -> None:
    """Compare a value with its checksum; with None there is nothing to compare.

    Raises
    ------
    CorruptStoreError
        If they differ.
    """
    if md5 is None:
        return
    long = len(data) > _SHORT_NBYTES
    found = await run_in_thread(_md5, data) if long else _md5(data)
    if found != md5:
        msg = f"{key!r} came damaged: the MD5 of what was sent is {found}, not {md5}"
        raise CorruptStoreError(msg)


def _md5(data: bytes | memoryview) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
