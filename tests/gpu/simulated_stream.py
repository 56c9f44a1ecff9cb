"""Copies that happen later, as those of a device. They happen in host memory, on no GPU."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["SimulatedEvent", "Stream"]

# The work of all streams happens under it, since one may wait for another. Reentrant locks
# are no concern of blockbuster, and the work takes no longer than the copy itself.
_WORK = threading.RLock()


class Stream:
    """Work in the order in which it was asked for.

    Attributes
    ----------
    delay
        Seconds until work that was asked for begins. ``math.inf``: only when somebody
        waits for it.
    error
        What every call raises from now on, as after a failed kernel.
    waits
        How often a thread waited.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.asked = self.done = self.waits = 0
        self.error: Exception | None = None
        self._later: deque[Callable[[], object]] = deque()
        self._asking = threading.RLock()
        self._wake: SimpleQueue[int | None] = SimpleQueue()
        threading.Thread(target=self._work, name="simulated stream", daemon=True).start()

    def ask(self, work: Callable[[], object]) -> None:
        """Have something done."""
        with self._asking:
            self._later.append(work)
            self.asked += 1
            self._wake.put(self.asked)

    def run_until(self, ticket: int) -> None:
        """Do what was asked for up to and with number `ticket`."""
        with _WORK:
            while self.done < ticket:
                work = self._later.popleft()
                try:
                    work()
                except Exception as error:  # noqa: BLE001 -- raised by the next call
                    self.error = error
                self.done += 1

    def check(self) -> None:
        """Raise what broke the device."""
        if self.error is not None:
            raise self.error

    def pass_time(self) -> None:
        """Let the delay pass, or what a test puts in place of it."""
        # Also at no delay: on an event loop it is refused.
        time.sleep(self.delay if self.delay < math.inf else 0)

    def close(self) -> None:
        """End the thread."""
        self._wake.put(None)

    def _work(self) -> None:
        while (ticket := self._wake.get()) is not None:
            if self.done < ticket and self.delay < math.inf:
                self.pass_time()
                self.run_until(ticket)


class SimulatedEvent:
    """A point in the order of a stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.ticket = stream, stream.asked

    @property
    def done(self) -> bool:
        self.stream.check()
        return self.stream.done >= self.ticket

    def synchronize(self) -> None:
        if self.stream.done < self.ticket:
            self.stream.waits += 1
            self.stream.pass_time()
            self.stream.run_until(self.ticket)
        self.stream.check()
