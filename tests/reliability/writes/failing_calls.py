"""Every system call of a write fails once: the old value is left, and no file."""

import asyncio
import errno
import functools
import os
import shutil
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.reliability.apart import apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.systems import opened
from tests.reliability.writes.lives import prepare
from tests.reliability.writes.values import number_of, value
from zstore.stores.local import beneath

__all__ = ["Shim", "failing_calls"]

_CHANGING = (
    *("open", "write", "fsync", "fdatasync", "ftruncate"),
    *("rename", "replace", "link", "unlink", "mkdir", "rmdir"),
)
_NAMING = frozenset({"rename", "replace", "link", "unlink"})
_OLD, _NEW, _NEXT = 1, 2, 3
_NBYTES = 100_000
# More calls than any write makes.
_MOST_CALLS = 200


class Shim:
    """Stands before the system calls that change a disk: counts them, and fails one.

    Parameters
    ----------
    fails
        Which of the calls fails, from 1 on; 0 for none.
    code
        With which error.
    """

    def __init__(self, fails: int = 0, code: int = errno.EIO) -> None:
        self._fails, self._code = fails, code
        self._writable: set[int] = set()
        self._lock = threading.Lock()
        self.calls: list[str] = []

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Stand there."""
        real = {name: getattr(os, name) for name in (*_CHANGING, "close")}
        openat2 = beneath._OpenAt2.__call__
        for name in _CHANGING:
            setattr(os, name, self._instead(name, real[name]))
        setattr(os, "close", self._close(real["close"]))  # noqa: B010 -- as above

        def opens(this: Any, path: bytes, flags: int, resolve: int) -> int:
            if self._is_to_fail("open"):
                return -self._code
            return self._opened(openat2(this, path, flags, resolve), flags)

        setattr(beneath._OpenAt2, "__call__", opens)  # noqa: B010 -- as above
        try:
            yield
        finally:
            setattr(beneath._OpenAt2, "__call__", openat2)  # noqa: B010 -- as above
            for name, call in real.items():
                setattr(os, name, call)

    def _is_to_fail(self, name: str) -> bool:
        with self._lock:
            self.calls.append(name)
            return len(self.calls) == self._fails

    @property
    def failed(self) -> str:
        """The name of the call that failed; empty if none did."""
        return self.calls[self._fails - 1] if 0 < self._fails <= len(self.calls) else ""

    @property
    def was_late(self) -> bool:
        """Whether a call failed, and one that gives or takes a name had not."""
        return bool(self.failed) and not _NAMING.isdisjoint(self.calls[: self._fails - 1])

    def _error(self) -> OSError:
        return OSError(self._code, os.strerror(self._code))

    def _instead(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*args: Any, **options: Any) -> Any:
            if self._is_to_fail(name):
                raise self._error()
            answer = real(*args, **options)
            return self._opened(answer, args[1]) if name == "open" else answer

        return call

    def _opened(self, fd: int, flags: int) -> int:
        if fd >= 0 and flags & (os.O_WRONLY | os.O_RDWR):
            self._writable.add(fd)
        return fd

    def _close(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def close(fd: int) -> None:
            real(fd)
            # Only files that were written have anything to say then.
            if fd in self._writable:
                self._writable.discard(fd)
                if self._is_to_fail("close"):
                    raise self._error()

        return close


Act = Callable[[Handle], Awaitable[object]]

# What is done, to which key, and whether there was a value before.
_ACTS: dict[str, tuple[Act, str, bool]] = {
    "overwrite": (lambda h: h.set("a/k", value("a/k", _NEW, _NBYTES)), "a/k", True),
    "new key": (lambda h: h.set("n/e/w", value("n/e/w", _NEW, _NBYTES)), "n/e/w", False),
    "create": (lambda h: h.create("a/c", value("a/c", _NEW, _NBYTES)), "a/c", False),
    "delete": (lambda h: h.delete("a/k"), "a/k", True),
}


async def _state(handle: Handle, key: str) -> int | str | None:
    data = await handle.get(key)
    return None if data is None else number_of(key, data)


async def _fail_one(
    system: str, place: Path, act: str, shim: Shim, found: Counter[str]
) -> None:
    """Do one thing while a call fails, and count what is wrong then."""
    do, key, is_there = _ACTS[act]
    old = _OLD if is_there else None
    new = None if act == "delete" else _NEW
    async with opened(system, place) as handle:
        await handle.set("a/k", value("a/k", _OLD, _NBYTES))
        try:
            with shim.armed():
                await do(handle)
            failed = False
        except OSError:
            failed = True
        # Once the name was given or taken, a failed sync cannot call that back.
        expected = {old, new} if shim.was_late else {old if failed else new}
        state = await _state(handle, key)
        found["wrong"] += state not in expected
        found["foreign"] += bool(set(await handle.keys()) - {"a/k", key})
        left = [path for path in place.rglob("*") if "partial" in path.name]
        found["left"] += len(left) if shim.failed != "unlink" else 0
        await handle.set(key, value(key, _NEXT, _NBYTES))
        found["next"] += await _state(handle, key) != _NEXT


def _fail_each(system: str, place: Path, codes: tuple[int, ...]) -> Counter[str]:
    prepare(system)
    found: Counter[str] = Counter()
    for act in _ACTS:
        for code in codes:
            for number in range(1, _MOST_CALLS):
                place.mkdir()
                shim = Shim(number, code)
                asyncio.run(_fail_one(system, place, act, shim, found))
                shutil.rmtree(place)
                if not shim.failed:
                    break
                found["failed calls"] += 1
            else:
                found["endless"] += 1
    return found


def failing_calls(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Fail the n-th system call of a write for every n, by EIO and by ENOSPC."""
    codes = effort.pick((errno.EIO,), (errno.EIO, errno.ENOSPC))
    found = apart(_fail_each, system, place / "failing", codes)
    for what, bad in (
        ("system calls whose failure left a wrong value", "wrong"),
        ("system calls whose failure left an unfinished file", "left"),
        ("system calls whose failure made an unfinished file a key", "foreign"),
        ("system calls after whose failure the next write failed", "next"),
        ("writes that never passed", "endless"),
    ):
        of = found["failed calls"]
        yield Figure(promise="W9", system=system, what=what, value=found[bad], of=of, bar=0)
