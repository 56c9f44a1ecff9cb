"""Processes of their own: for what forks, is killed, or must not meet other threads."""

import asyncio
import json
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["Forked", "Tell", "apart"]

T = TypeVar("T")
Tell = Callable[[object], None]
"""Tells the parent something that JSON can say."""

_ROOT = Path(__file__).parents[2]
# Seconds after which a process ends by itself, whatever happened to its parent.
_LONGEST = 3600


def apart(body: Callable[..., T], *args: object, within: Sequence[str] = ()) -> T:
    """Return what a function returns in a fresh process, which has no threads.

    Parameters
    ----------
    body
        At the top of a module.
    args
        Its arguments; they and what it returns are pickled.
    within
        A command that runs the process: ``("unshare", "--mount")``.

    Raises
    ------
    subprocess.SubprocessError
        If it failed, or took an hour.
    """
    command = [*within, sys.executable, "-W", "ignore", "-m", "tests.reliability.apart"]
    asked = pickle.dumps((body, args))
    done = subprocess.run(
        command,
        input=asked,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        timeout=_LONGEST,
        check=True,
    )
    answer: T = pickle.loads(done.stdout)  # noqa: S301 -- from the process just started
    return answer


class Forked:
    """A forked process that runs a coroutine; for processes without threads.

    Parameters
    ----------
    run
        Called with what tells the parent.
    """

    def __init__(self, run: Callable[[Tell], Coroutine[Any, Any, object]]) -> None:
        hears, says = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(hears)
            _live(run, says)
        os.close(says)
        self._hears = os.fdopen(hears, "rb")
        self._first: list[bytes] = []
        self._code: int | None = None

    def wait_for_a_line(self) -> None:
        """Wait until something was told, or the process ended."""
        self._first.append(self._hears.readline())

    def kill(self) -> None:
        """End it as nothing else does: at once, without a word."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def told(self) -> list[Any]:
        """Wait for its end, and return all that was told."""
        lines = b"".join([*self._first, self._hears.read()]).splitlines(keepends=True)
        self._hears.close()
        self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    @property
    def ended_well(self) -> bool:
        """Whether the coroutine returned; known after `told`."""
        return self._code == 0


def _live(run: Callable[[Tell], Coroutine[Any, Any, object]], says: int) -> None:
    code = 1
    try:
        signal.alarm(_LONGEST)

        def tell(what: object) -> None:
            line = memoryview(json.dumps(what).encode() + b"\n")
            while line:
                line = line[os.write(says, line) :]

        asyncio.run(run(tell))
        code = 0
    except BaseException:  # noqa: BLE001 -- the process ends here
        if os.environ.get("ZSTORE_BATTERY_VERBOSE"):
            traceback.print_exc()
    finally:
        # Not what else Python does at exit: that belongs to the parent.
        os._exit(code)


def _main() -> None:
    # What libraries print must not come between.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    body, args = pickle.load(sys.stdin.buffer)  # noqa: S301 -- from the parent
    found = body(*args)
    with answer:
        pickle.dump(found, answer)


if __name__ == "__main__":
    _main()
