"""The bytes of metadata documents, as many as are wanted and no more."""

from collections.abc import Sequence
from typing import Final

from zstore.concurrency import map_limited
from zstore.errors import AccessDeniedError, InvalidByteRangeError
from zstore.ranges import RangeByteRequest
from zstore.store import Store

__all__ = ["fetch"]

_MAX_CONCURRENCY: Final = 16


async def fetch(
    store: Store, requests: Sequence[tuple[str, RangeByteRequest]]
) -> list[bytes | AccessDeniedError | None]:
    """Return parts of values, in the order of `requests`; None where a key is missing.

    Unlike `Store.get_partial_values` it takes an empty value for what it is, and returns
    a refusal, which says nothing about the other values.

    Notes
    -----
    One request each, a bounded number of them at once; once more if one value is empty
    or refused.
    """

    async def one(
        request: tuple[str, RangeByteRequest],
    ) -> bytes | AccessDeniedError | None:
        try:
            value = await store.get(request[0], byte_range=request[1])
        except InvalidByteRangeError:
            # Of an empty value no byte can be asked for.
            return b""
        except AccessDeniedError as error:
            return error
        return None if value is None else value.to_bytes()

    try:
        values = await store.get_partial_values(None, requests)
    except (InvalidByteRangeError, AccessDeniedError):
        # Only one by one they say which.
        return await map_limited(one, requests, limit=_MAX_CONCURRENCY)
    return [None if value is None else value.to_bytes() for value in values]
