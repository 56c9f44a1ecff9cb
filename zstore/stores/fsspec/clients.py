"""One client of a filesystem for each event loop, closed before the loop is.

Network sessions belong to the loop that opened them. Each client is held by an
asynchronous generator that waits at a `yield`: event loops close their asynchronous
generators when they shut down (`asyncio.run` does so) or when nobody holds them any
more, and the generator then closes the client, on its own loop and in time.
"""

import asyncio
import atexit
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from zstore.stores.fsspec.filesystem import (
    Client,
    asynchronous_copy,
    connect,
    disconnect,
    send_once,
    synchronous,
    warm_up,
)

__all__ = ["LoopClients"]

_Loop: TypeAlias = asyncio.AbstractEventLoop
_Guard: TypeAlias = AsyncGenerator[Client, None]

# Every guard that waits, with its loop, for the end of the process and for forks.
_waiting: WeakKeyDictionary[_Guard, _Loop] = WeakKeyDictionary()
# Guards of which the end was asked for, kept until it came.
_ending: set[_Guard] = set()
_tasks: set[asyncio.Task[None]] = set()
# What a forked child has of its parent. Closing it would disturb the parent's sockets.
_inherited: list[_Guard] = []
# Whether this process, or its parent, has asked to be told of exits and forks.
_registered: set[str] = set()


async def _guard(template: Any, *, sends_once: bool) -> _Guard:
    fs = asynchronous_copy(template)
    if sends_once:
        send_once(fs)
    await warm_up(fs)
    try:
        yield connect(fs)
    finally:
        # Nobody can do anything about a session that fails to close.
        with suppress(Exception):
            await disconnect(fs)


class LoopClients:
    """The clients of one store.

    Parameters
    ----------
    template
        The filesystem that clients are copies of. It is never connected, so there is
        nothing of it to close. A synchronous one is used itself: it has no loop.
    sends_once
        Whether the clients leave it to the store to send requests again.
    """

    def __init__(self, template: Any, *, sends_once: bool = False) -> None:
        self._template = template
        self._sends_once = sends_once
        self._shared = connect(template) if synchronous(template) is not None else None
        self._pid = os.getpid()
        self._clients: dict[_Loop, tuple[Client, _Guard]] = {}
        self._opening: dict[_Loop, asyncio.Task[Client]] = {}

    async def get(self) -> Client:
        """Return the client of the running loop; made at its first use there."""
        if self._shared is not None:
            return self._shared
        if self._pid != os.getpid():
            self._clients, self._opening, self._pid = {}, {}, os.getpid()
        loop = asyncio.get_running_loop()
        held = self._clients.get(loop)
        if held is not None:
            return held[0]
        task = self._opening.get(loop)
        if task is None:
            task = self._opening[loop] = loop.create_task(self._open(loop))
        # Shielded: others may wait for it when one of them is cancelled.
        return await asyncio.shield(task)

    async def _open(self, loop: _Loop) -> Client:
        guard = _guard(self._template, sends_once=self._sends_once)
        try:
            client = await anext(guard)
        finally:
            del self._opening[loop]
        for other in list(self._clients):
            if other.is_closed():
                self._clients.pop(other, None)
        self._clients[loop] = client, guard
        _remember(guard, loop)
        return client

    async def aclose(self) -> None:
        """Close the client of the running loop, and have the other loops close theirs."""
        held = self._clients.pop(asyncio.get_running_loop(), None)
        if held is not None:
            await _end(held[1])
        self.close()

    def close(self) -> None:
        """Have each loop close its client, soon; from any thread."""
        _ending.difference_update([g for g in _ending if _is_over(g)])
        while self._clients:
            loop, (_, guard) = self._clients.popitem()
            # A loop that is closed has closed its clients.
            if not loop.is_closed() and not _is_over(guard):
                _ending.add(guard)
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(_spawn, loop, guard)


async def _end(guard: _Guard) -> None:
    with suppress(Exception):
        await guard.aclose()
    _ending.discard(guard)
    _waiting.pop(guard, None)


def _is_over(guard: _Guard) -> bool:
    return getattr(guard, "ag_frame", None) is None


def _spawn(loop: _Loop, guard: _Guard) -> None:
    task = loop.create_task(_end(guard))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _remember(guard: _Guard, loop: _Loop) -> None:
    if not _registered:
        _registered.add("exit")
        atexit.register(_close_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_keep_inherited)
    _waiting[guard] = loop


def _keep_inherited() -> None:
    _inherited.extend(_waiting)
    _waiting.clear()


def _close_at_exit() -> None:
    """Close what is open on loops that never were shut down, as that of a notebook."""
    for guard, loop in list(_waiting.items()):
        if not loop.is_closed() and not loop.is_running():
            with suppress(Exception):
                loop.run_until_complete(_end(guard))
