"""Who lists slices: threads, processes, or the workers of a cluster of Dask."""

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from zstore._compat import override
from zstore.concurrency import run_in_thread, run_to_the_end
from zstore.errors import (
    BackendError,
    InvalidTypeError,
    MissingDependencyError,
    ZStoreError,
)
from zstore.inventory.scanning.slices import Slice, SliceResult, list_slice
from zstore.stores.failures import plain_text, redact

__all__ = ["Workforce", "WorkforceGoneError", "workforce"]

# Where it cannot be known how many workers there are, or not yet.
_NSLOTS = 8
# More slices than threads of a cluster; each makes all slices shorter, and more tasks.
_NSPARE = 2
# A cluster that adapts is asked again after so long, and not waited for much longer.
_REFRESH_SECONDS, _ANSWER_SECONDS = 1.0, 10.0
# What a slice needs that failed because of its worker, not of the store.
_WORKERS = "the workers"


class WorkforceGoneError(BackendError):
    """Nobody is left who could list: the executor or the client was closed, or broke."""

    def __init__(self, reason: str) -> None:
        super().__init__(_WORKERS, reason)


class Workforce:
    """The threads or processes of an executor.

    Parameters
    ----------
    executor
        Who lists.
    nslots
        How many slices it is given at once.

    Attributes
    ----------
    nslots
        How many slices are worth having at once; `refresh` may change it.
    """

    def __init__(self, executor: Executor, nslots: int) -> None:
        self.nslots = max(1, nslots)
        self._executor = executor

    async def refresh(self) -> None:
        """Look who is there.

        Raises
        ------
        WorkforceGoneError
            If nobody is, nor will be.
        """

    async def list(self, task: Slice) -> SliceResult:
        """Have a slice listed; a cancelled caller does not wait for it.

        Raises
        ------
        ZStoreError
            If its first page failed.
        BackendError
            If its worker died or failed in another way.
        WorkforceGoneError
            If nobody takes it.
        """
        try:
            # A pool of processes starts one when it needs it, which takes a while.
            outcome = await run_to_the_end(self._submit, task)
        except Exception as error:
            raise WorkforceGoneError(plain_text(error)) from error
        try:
            return await asyncio.wrap_future(outcome)
        except asyncio.CancelledError:
            if _is_being_cancelled():
                raise
            reason = "they were told to drop their work"
            raise WorkforceGoneError(reason) from None
        except ZStoreError:
            raise
        except BrokenExecutor as error:
            raise WorkforceGoneError(plain_text(error)) from error
        except Exception as error:
            reason = f"{type(error).__name__}: {plain_text(error)}"
            raise BackendError(_WORKERS, reason) from error

    def _submit(self, task: Slice) -> Future[SliceResult]:
        return self._executor.submit(list_slice, task)


class _DaskWorkforce(Workforce):
    """The workers that a client of Dask knows.

    Not the executor of the client: when its futures are cancelled it asks the scheduler,
    on the event loop, and waits for the answer.
    """

    def __init__(self, client: Any) -> None:
        self.nslots = _NSLOTS
        self._client = client
        self._next_look = 0.0

    @override
    async def refresh(self) -> None:
        if self._client.status in ("closing", "closed"):
            # Also if the scheduler did not come back: the client has tried for a while.
            reason = "the client of Dask was closed, or its scheduler is gone"
            raise WorkforceGoneError(reason)
        if time.monotonic() < self._next_look:
            return
        # A failure shows in the status, or is over the next time.
        with suppress(Exception):
            async with asyncio.timeout(_ANSWER_SECONDS):
                threads = await run_in_thread(self._client.nthreads)
            # More than there are: workers never wait, and a cluster that adapts sees that
            # there is more to do.
            self.nslots = _NSPARE + sum(threads.values())
        self._next_look = time.monotonic() + _REFRESH_SECONDS

    @override
    def _submit(self, task: Slice) -> Future[SliceResult]:
        outcome: Future[SliceResult] = Future()
        # Of what fails it is decided here when to try again.
        future = self._client.submit(list_slice, task, pure=False, retries=0)
        future.add_done_callback(partial(_deliver, outcome))
        # Nobody waits for a slice that was cancelled, and the scheduler forgets it.
        outcome.add_done_callback(lambda _: future.release())
        return outcome


def _deliver(outcome: Future[SliceResult], future: Any) -> None:
    """Take the result of a future of Dask, in a thread of Dask."""
    if not outcome.set_running_or_notify_cancel():
        return
    try:
        if future.cancelled():
            reason = "the scheduler, or the connection to it, was lost"
            raise BackendError(_WORKERS, reason)  # noqa: TRY301 -- for the one who waits
        result: SliceResult = future.result()
    except BaseException as error:  # noqa: BLE001 -- for the one who waits
        outcome.set_exception(error)
    else:
        outcome.set_result(result)


@asynccontextmanager
async def workforce(client: Any) -> AsyncGenerator[Workforce, None]:
    """Make a workforce of an executor, of a client of Dask, or of a scheduler's address.

    Raises
    ------
    InvalidTypeError
        If `client` is none of these, or forks its processes.
    MissingDependencyError
        If it is an address and ``dask.distributed`` is not installed.
    BackendError
        If there is no scheduler at the address.
    """
    if isinstance(client, Executor):
        _require_no_fork(client)
        yield Workforce(client, int(getattr(client, "_max_workers", _NSLOTS)))
    elif isinstance(client, str):
        own = await run_to_the_end(_connected, client)
        try:
            yield _DaskWorkforce(own)
        finally:
            await run_to_the_end(_close, own)
    elif hasattr(client, "get_executor") and not getattr(client, "asynchronous", False):
        yield _DaskWorkforce(client)
    else:
        msg = (
            "client is a dask.distributed.Client (not an asynchronous one), the address "
            f"of a scheduler, or an Executor, got {type(client).__name__}"
        )
        raise InvalidTypeError(msg)


def _require_no_fork(executor: Executor) -> None:
    context: Any = getattr(executor, "_mp_context", None)
    if context is not None and context.get_start_method() == "fork":
        msg = (
            "the processes of client are forks of this one, without the threads that "
            "obstore and pyarrow need; make it with "
            "mp_context=multiprocessing.get_context('spawn')"
        )
        raise InvalidTypeError(msg)


def _connected(address: str) -> Any:
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise MissingDependencyError("distributed", extra="dask") from error
    try:
        return distributed.Client(address, set_as_default=False)
    except Exception as error:
        raise BackendError(redact(address), plain_text(error)) from error


def _close(client: Any) -> None:
    # A scheduler that is gone cannot be told.
    with suppress(Exception):
        client.close()


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
