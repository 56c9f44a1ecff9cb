"""The pages of a listing of obstore, none of which is called back half way."""

from collections.abc import AsyncGenerator, Callable
from functools import cache
from typing import Any

from zstore.concurrency.threads import Workers
from zstore.stores.object_store.client import ObjectStoreClient

__all__ = ["PAGE", "stream"]

PAGE = 1000
"""Objects in one answer of an object store."""

# They wait for a server. More listings at once than this take turns.
_MAX_THREADS = 128


async def stream(
    client: ObjectStoreClient,
    prefix: str,
    *,
    offset: str | None = None,
    arrow: bool = False,
) -> AsyncGenerator[Any, None]:
    """Iterate over what is listed below `prefix`, in pages of at most 1,000 objects.

    Parameters
    ----------
    offset
        Only objects after this path, in an object store that lists in order.
    arrow
        Whether the pages are record batches of Arrow, and not sequences of mappings.

    Notes
    -----
    One request a page, made when the page is asked for; a cancelled caller waits until it
    has ended. Pages of obstore are awaited in threads of ours: its own give an answer, and
    abort the process if the interpreter is gone before they could do what is left to do.
    """
    options = {"return_arrow": True} if arrow else {}
    # Any: what a page is depends on the options.
    listing: Any = client.list
    pages = listing(prefix[:-1] or None, offset=offset, chunk_size=PAGE, **options)
    if hasattr(pages, "__next__"):
        step: Callable[..., Any] = next
        while (page := await _workers().run_to_the_end(step, pages, None)) is not None:
            yield page
    else:
        async for page in pages:
            yield page


@cache
def _workers() -> Workers:
    # One pool a process: obstore is refused in a forked one.
    return Workers("zstore-listing", _MAX_THREADS)
