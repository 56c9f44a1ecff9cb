"""How a store would feel if it were far away."""

import asyncio
import math
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any, Self, TypeVar, TypeVarTuple

from zstore._compat import override
from zstore.buffer import BufferPrototype
from zstore.errors import InvalidTypeError
from zstore.ranges import ByteRequest, RangeByteRequest, coalesce
from zstore.store import Store
from zstore.store.reading import Buffers
from zstore.wrappers.base import WrapperStore
from zstore.wrappers.calls import Call, as_generator, nbytes_of_result, nitems_of

__all__ = ["LatencyStore"]

S = TypeVar("S", bound=Store)
T = TypeVar("T")
Args = TypeVarTuple("Args")

# Keys in one answer to a listing of S3, and keys that one request deletes there.
_PAGE = 1000
# Requests at once where the caller does not say, as in `zstore.stores.hooks`.
_CONCURRENCY = 16
# Bytes that a remote store fetches in vain to save a request.
_GAP_NBYTES = 2**20
# Calls that make no request.
_FREE = frozenset({"ensure_open", "aclose"})


class LatencyStore(WrapperStore[S]):
    """Waits at every request, as for a store behind a network.

    Parameters
    ----------
    store
        The store that answers.
    latency
        Seconds that each request takes besides the transfer.
    bandwidth
        Bytes a second of one request, in or out; None for no limit. Requests at the same
        time do not slow each other down.
    jitter
        Seconds that a request may take longer: from 0 to this, drawn evenly.
    seed
        Of the jitter, for runs that can be repeated.

    Raises
    ------
    InvalidTypeError
        If a number is negative, or `bandwidth` is 0.

    Notes
    -----
    Requests are counted as on S3: a listing is one for each 1,000 names, a deletion of a
    prefix one listing and one request for each 1,000 keys. A batch makes `max_concurrency`
    requests at once (16 by default); ranges close to each other are one request.
    The waiting is in ``asyncio.sleep``; it can be cancelled, and nothing was written then.
    """

    _word = "slow"

    def __init__(
        self,
        store: S,
        *,
        latency: float,
        bandwidth: float | None = None,
        jitter: float = 0.0,
        seed: int | None = None,
    ) -> None:
        super().__init__(store)
        if not latency >= 0 or not jitter >= 0 or not (bandwidth is None or bandwidth > 0):
            msg = (
                "latency and jitter must be 0 or more and bandwidth more than 0, "
                f"got {latency!r}, {jitter!r} and {bandwidth!r}"
            )
            raise InvalidTypeError(msg)
        self.latency = latency
        self.bandwidth = bandwidth
        self.jitter = jitter
        self.seed = seed
        self._random = random.Random(seed)  # noqa: S311 -- no secret depends on it

    @classmethod
    def like_s3(cls, store: S) -> Self:
        """Return a store like S3 from a machine in the same region: 30 ms, 90 MB/s.

        Notes
        -----
        Source: AWS, "Performance guidelines for Amazon S3": 85 to 90 MB/s a connection.
        """
        return cls(store, latency=0.03, bandwidth=90e6)

    @classmethod
    def like_distant_s3(cls, store: S) -> Self:
        """Return a store like S3 from another continent: 150 ms, 10 MB/s."""
        return cls(store, latency=0.15, bandwidth=10e6)

    @override
    @classmethod
    async def open(
        cls,
        store_cls: type[S],
        *args: Any,
        latency: float = 0.0,
        bandwidth: float | None = None,
        jitter: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a store, open it and slow it down; see the class for the parameters."""
        store = await store_cls.open(*args, **kwargs)
        return cls(store, latency=latency, bandwidth=bandwidth, jitter=jitter, seed=seed)

    @override
    def _with_store(self, store: S) -> Self:
        return type(self)(
            store,
            latency=self.latency,
            bandwidth=self.bandwidth,
            jitter=self.jitter,
            seed=self.seed,
        )

    async def _wait(self, nrequests: int = 1, *, at_once: int = 1) -> None:
        """Wait for requests of which `at_once` run at the same time."""
        seconds = sum(
            [
                self.latency + self.jitter * self._random.random()
                for _ in range(math.ceil(nrequests / at_once))
            ]
        )
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def _transfer(self, nbytes: int, *, at_once: int = 1) -> None:
        if self.bandwidth is not None and nbytes:
            await asyncio.sleep(nbytes / self.bandwidth / at_once)

    @override
    async def _call(
        self,
        call: Call,
        run: Callable[[*Args], Awaitable[T]],
        *args: *Args,
    ) -> T:
        if call["method"] in _FREE:
            return await run(*args)
        nrequests = max(1, len(call.get("keys", ())))
        at_once = min(nrequests, call.get("max_concurrency") or _CONCURRENCY)
        await self._wait(nrequests, at_once=at_once)
        await self._transfer(call.get("nbytes_in", 0), at_once=at_once)
        result = await run(*args)
        await self._transfer(nbytes_of_result(result), at_once=at_once)
        return result

    @override
    async def _iterate(
        self,
        call: Call,
        run: Callable[[*Args], AsyncIterator[T]],
        *args: *Args,
    ) -> AsyncGenerator[T, None]:
        await self._wait()
        nitems, npages = 0, 1
        async with aclosing(as_generator(run(*args))) as items:
            async for item in items:
                nitems += nitems_of(item)
                new = max(0, math.ceil(nitems / _PAGE) - npages)
                if new:
                    await self._wait(new)
                    npages += new
                yield item

    @override
    async def get_ranges(
        self,
        key: str,
        byte_ranges: Iterable[ByteRequest],
        prototype: BufferPrototype | None = None,
        *,
        max_concurrency: int | None = None,
        max_gap_nbytes: int | None = None,
        max_coalesced_nbytes: int = 16 * 2**20,
    ) -> Buffers | None:
        requests = list(byte_ranges)
        bounded = [r for r in requests if isinstance(r, RangeByteRequest)]
        merged = coalesce(
            bounded,
            max_gap_nbytes=_GAP_NBYTES if max_gap_nbytes is None else max_gap_nbytes,
            max_nbytes=max_coalesced_nbytes,
        )
        nrequests = max(1, len(merged) + len(requests) - len(bounded))
        at_once = min(nrequests, max_concurrency or _CONCURRENCY)
        await self._wait(nrequests, at_once=at_once)
        parts = await self._store.get_ranges(
            key,
            requests,
            prototype,
            max_concurrency=max_concurrency,
            max_gap_nbytes=max_gap_nbytes,
            max_coalesced_nbytes=max_coalesced_nbytes,
        )
        await self._transfer(nbytes_of_result(parts), at_once=at_once)
        return parts

    @override
    async def getsize_prefix(self, prefix: str) -> int:
        nbytes, _ = await self._total(prefix)
        return nbytes

    @override
    async def delete_dir(self, prefix: str) -> None:
        if self.supports_listing:
            _, nkeys = await self._total(prefix)
            await self._wait(math.ceil(nkeys / _PAGE) - 1)
        await super().delete_dir(prefix)

    @override
    async def clear(self) -> None:
        await self.delete_dir("")

    async def _total(self, prefix: str) -> tuple[int, int]:
        """Return the bytes and the number of keys that `prefix` selects, by a listing."""
        nbytes = nkeys = 0
        async with aclosing(self.scan(prefix)) as batches:
            async for batch in batches:
                nkeys += len(batch)
                nbytes += sum([size for _, size in batch])
        return nbytes, nkeys
