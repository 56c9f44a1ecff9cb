"""One copy: what is read, written, counted and kept in bounds."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Literal, TypeAlias

from zstore.buffer import Buffer
from zstore.concurrency import run_in_thread
from zstore.copying.overlap import writes_into
from zstore.copying.report import CopyProgress, CopyReport
from zstore.errors import InvalidTypeError, KeyExistsError, ReadOnlyError, UnsupportedError
from zstore.keys import check_prefix
from zstore.opening import StoreLike, open_store
from zstore.store import Store

__all__ = ["IfExists", "copy"]

IfExists: TypeAlias = Literal["error", "skip", "replace"]
"""What to do about a key that the destination has already."""

# Often enough for the eye, and too seldom to cost anything.
_PROGRESS_SECONDS = 0.1


async def copy(  # noqa: PLR0913 -- two places, and what the caller may choose
    source: StoreLike,
    destination: StoreLike,
    prefix: str = "",
    *,
    if_exists: IfExists = "error",
    dry_run: bool = False,
    max_concurrency: int = 16,
    max_nbytes_in_flight: int = 256 * 2**20,
    on_progress: Callable[[CopyProgress], object] | None = None,
) -> CopyReport:
    """Copy the values that `prefix` selects, under the same keys.

    Parameters
    ----------
    source, destination
        Stores, or what `open_store` makes stores of; those that are opened here (paths
        and URLs) are closed at the end. To copy to other keys, open one of them with
        ``open_store(..., path=...)``.
    prefix
        By whole segments: ``"ab"`` is the key ``ab`` and all below ``ab/``.
    if_exists
        What to do about a key that the destination has: ``"error"`` stops there,
        ``"skip"`` keeps the old value, ``"replace"`` the new one.
    dry_run
        Count only, by the sizes in the listing; read and write no value.
    max_concurrency
        How many values are on their way at once.
    max_nbytes_in_flight
        How many bytes they may have together; a larger value goes alone.
    on_progress
        Called on the event loop, at most ten times a second and once at the end. What it
        raises stops the copy.

    Returns
    -------
    CopyReport
        What was done.

    Raises
    ------
    KeyExistsError
        If `if_exists` is ``"error"`` and the destination has one of the keys. Nothing is
        overwritten; values copied before stay.
    ReadOnlyError, UnsupportedError
        If the destination takes no values, or the source cannot list its keys.
    StoreNotFoundError
        If `source` is a path or URL where there is nothing.
    InvalidTypeError
        If an argument makes no sense, as a copy onto or into what is copied.
    Exception
        The first failure of either store, with a note that names the key. What was copied
        stays, also after a cancellation: call again with ``if_exists="skip"``.

    Notes
    -----
    One `scan` of the source; then a request to read and one to write for each key. If the
    destination has keys below `prefix`, and for ``"error"`` only in a dry run, one more
    for each key, to see whether it is there. Where the destination has no atomic
    `set_if_not_exists` the check and the write are two steps.
    """
    prefix = check_prefix(prefix)
    if if_exists not in {"error", "skip", "replace"}:
        msg = f"if_exists must be 'error', 'skip' or 'replace', got {if_exists!r}"
        raise InvalidTypeError(msg)
    room = _Room(max_concurrency, max_nbytes_in_flight)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(_opened(source, "r"))
        there = await stack.enter_async_context(_opened(destination, None))
        await _check_apart(here, there, prefix)
        copying = _Copying(here, there, if_exists, dry_run, on_progress)
        await copying.run(prefix, room)
        return copying.report()


@asynccontextmanager
async def _opened(
    like: StoreLike, mode: Literal["r"] | None
) -> AsyncGenerator[Store, None]:
    """Open a store for as long as it is needed; the caller's own stays open."""
    if not _is_place(like):
        yield await open_store(like)
        return
    async with await open_store(like, mode=mode) as store:
        yield store


def _is_place(like: object) -> bool:
    return isinstance(like, str | os.PathLike)


async def _check_apart(source: Store, destination: Store, prefix: str) -> None:
    if destination.read_only:
        raise ReadOnlyError(destination, "copy")
    if not destination.supports_writes:
        raise UnsupportedError(destination, "copy", "it takes no values")
    if await run_in_thread(writes_into, destination, source, prefix):
        msg = f"cannot copy {source} onto or into itself: to {destination}"
        raise InvalidTypeError(msg)


class _Room:
    """Lets in so many values, with so many bytes together."""

    def __init__(self, max_count: int, max_nbytes: int) -> None:
        for name, limit in (
            ("max_concurrency", max_count),
            ("max_nbytes_in_flight", max_nbytes),
        ):
            if type(limit) is not int or limit < 1:
                msg = f"{name} must be a positive int, got {limit!r}"
                raise InvalidTypeError(msg)
        self._max_count = max_count
        self._max_nbytes = max_nbytes
        self._count = self._nbytes = 0
        self._left = asyncio.Event()

    async def enter(self, nbytes: int) -> None:
        """Wait until a value of so many bytes fits; one task at a time may wait."""
        while self._count and not self._fits(nbytes):
            self._left.clear()
            await self._left.wait()
        self._count += 1
        self._nbytes += nbytes

    def leave(self, nbytes: int) -> None:
        self._count -= 1
        self._nbytes -= nbytes
        self._left.set()

    def _fits(self, nbytes: int) -> bool:
        return self._count < self._max_count and self._nbytes + nbytes <= self._max_nbytes


class _Amount:
    """How many values came to one end, and how many bytes they have."""

    def __init__(self) -> None:
        self.nkeys = self.nbytes = 0

    def add(self, nbytes: int) -> None:
        self.nkeys += 1
        self.nbytes += nbytes


class _Copying:
    """One copy under way, and its counts."""

    def __init__(
        self,
        source: Store,
        destination: Store,
        if_exists: IfExists,
        dry_run: bool,
        on_progress: Callable[[CopyProgress], object] | None,
    ) -> None:
        self._source = source
        self._destination = destination
        self._if_exists = if_exists
        self._dry_run = dry_run
        self._on_progress = on_progress
        self._next_progress = time.monotonic() + _PROGRESS_SECONDS
        # The first write finds out whether the destination can do it atomically.
        self._atomic = True
        # Nothing is looked up in an empty destination.
        self._may_exist = True
        self._written = _Amount()
        self._skipped = _Amount()
        self._replaced = _Amount()
        self._vanished = 0

    def report(self) -> CopyReport:
        return CopyReport(
            nkeys=self._written.nkeys,
            nbytes=self._written.nbytes,
            skipped=self._skipped.nkeys,
            skipped_nbytes=self._skipped.nbytes,
            replaced=self._replaced.nkeys,
            replaced_nbytes=self._replaced.nbytes,
            vanished=self._vanished,
            dry_run=self._dry_run,
        )

    async def run(self, prefix: str, room: _Room) -> None:
        destination = self._destination
        if destination.supports_listing:
            self._may_exist = not await destination.is_empty(prefix)
        failure: BaseException | None = None
        try:
            async with (
                asyncio.TaskGroup() as group,
                aclosing(self._source.scan(prefix)) as batches,
            ):
                async for batch in batches:
                    for key, nbytes in batch:
                        await room.enter(nbytes)
                        group.create_task(self._copy_in(room, key, nbytes))
        except BaseExceptionGroup as failures:
            failure = failures.exceptions[0]
        if failure is not None:
            # Here, and not in the handler, so that it keeps its own cause.
            raise failure
        self._tell(last=True)

    async def _copy_in(self, room: _Room, key: str, nbytes: int) -> None:
        try:
            await self._copy(key, nbytes)
        except Exception as error:
            error.add_note(
                f"while copying {key!r} from {self._source} to {self._destination}"
            )
            raise
        finally:
            room.leave(nbytes)
        self._tell()

    async def _copy(self, key: str, nbytes: int) -> None:
        existed = await self._is_there(key)
        if existed and self._if_exists == "error":
            raise KeyExistsError(key, self._destination)
        if existed and self._if_exists == "skip":
            self._skipped.add(nbytes)
            return
        if not self._dry_run:
            value = await self._source.get(key)
            if value is None:
                self._vanished += 1
                return
            nbytes = len(value)
            if self._if_exists == "replace":
                await self._destination.set(key, value)
            elif not await self._add(key, value):
                if self._if_exists == "error":
                    raise KeyExistsError(key, self._destination)
                self._skipped.add(nbytes)
                return
        self._written.add(nbytes)
        if existed:
            self._replaced.add(nbytes)

    async def _is_there(self, key: str) -> bool:
        if not self._may_exist:
            return False
        # The write itself tells, in one request less.
        if self._if_exists == "error" and self._atomic and not self._dry_run:
            return False
        return await self._destination.exists(key)

    async def _add(self, key: str, value: Buffer) -> bool:
        """Write unless there is a value; tell whether it was written."""
        if self._atomic:
            try:
                return await self._destination.set_if_not_exists(key, value)
            except UnsupportedError:
                self._atomic = False
        if await self._destination.exists(key):
            return False
        await self._destination.set(key, value)
        return True

    def _tell(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if self._on_progress is not None and (last or now >= self._next_progress):
            self._next_progress = now + _PROGRESS_SECONDS
            written = self._written
            self._on_progress(
                CopyProgress(written.nkeys, written.nbytes, self._skipped.nkeys)
            )
