"""Handing a value to the page, to be saved as a file."""

from typing import Any, Final

from zstore.display import format_nbytes
from zstore.errors import InvalidByteRangeError, ZStoreError
from zstore.ranges import RangeByteRequest
from zstore_widgets.channel import BadRequestError, Job, request
from zstore_widgets.root import Root

__all__ = ["Downloads"]

MAX_NBYTES: Final = 256 * 2**20
"""Larger values are not held in a page."""

WINDOW_NBYTES: Final = 4 * 2**20
"""Of one request: the page asks for the next one when it has this one."""

_PIECE_NBYTES: Final = 192 * 1024


class TooLargeError(ZStoreError):
    """A value too large for a page to hold."""

    def __init__(self, key: str, nbytes: int) -> None:
        super().__init__(
            f"{key!r} is {format_nbytes(nbytes)}, and a page saves at most "
            f"{format_nbytes(MAX_NBYTES)}; copy it with zstore.copy() instead"
        )


class Downloads:
    """Answers the bytes of one value, window by window.

    Parameters
    ----------
    root
        What is shown.
    """

    def __init__(self, root: Root) -> None:
        self._root = root

    @request
    async def download(self, job: Job, key: str, start: int) -> dict[str, Any]:
        """Send the bytes of a value from `start` on, in parts of one buffer each.

        Returns
        -------
        dict
            ``stop``, where the next request starts, and ``total``, the size of the value.

        Raises
        ------
        TooLargeError
            If the value is larger than `MAX_NBYTES`.
        InvalidByteRangeError
            If the value has changed, and ends before `start`.

        Notes
        -----
        The size is asked for each time, and then one range is read.
        """
        if start < 0:
            msg = f"a value has no byte {start}"
            raise BadRequestError(msg)
        store = await self._root.store()
        total = await store.getsize(key)
        if total > MAX_NBYTES:
            raise TooLargeError(key, total)
        stop = min(total, start + WINDOW_NBYTES)
        if start < stop:
            content = memoryview(
                await store.get_bytes(key, byte_range=RangeByteRequest(start, stop))
            )
            for at in range(0, len(content), _PIECE_NBYTES):
                await job.part({"at": start + at}, [content[at : at + _PIECE_NBYTES]])
        elif start > total:
            msg = f"{key!r} has become shorter, {total:,} bytes, while it was read"
            raise InvalidByteRangeError(msg)
        return {"stop": stop, "total": total}
