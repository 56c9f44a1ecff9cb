"""One request that is being served: its parts, and how long it may take."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TypeAlias

from zstore.errors import ZStoreError

__all__ = [
    "MAX_MESSAGE_NBYTES",
    "PROGRESS_SECONDS",
    "Blob",
    "Job",
    "MessageTooLargeError",
    "Send",
]

PROGRESS_SECONDS = 30.0
"""What a handler has from one part of its answer to the next."""

MAX_MESSAGE_NBYTES = 256 * 1024
"""What one message to the front end may hold, so that a page is never stalled by one."""

# Room for the JSON beside a piece of a large answer.
_PIECE_NBYTES = MAX_MESSAGE_NBYTES - 16 * 1024

Blob: TypeAlias = bytes | bytearray | memoryview
Send: TypeAlias = Callable[[dict[str, object], list[Blob]], None]


class MessageTooLargeError(ZStoreError):
    """An answer that would stall the page; the handler should have cut it."""

    def __init__(self, nbytes: int) -> None:
        super().__init__(
            f"an answer of {nbytes:,} bytes is more than the {MAX_MESSAGE_NBYTES:,} that "
            "one message may hold"
        )


class Job:
    """What a handler is given: a way to answer in parts.

    Parameters
    ----------
    send
        Sends a message and its buffers to the front end.
    request_id
        The number of the request, chosen by the front end.
    clock
        The deadline, which each part moves.
    patience
        Seconds until the next part or the result.
    """

    def __init__(
        self, send: Send, request_id: int, clock: asyncio.Timeout, patience: float
    ) -> None:
        self._send = send
        self._id = request_id
        self._clock = clock
        self.patience = patience

    async def part(self, value: object, buffers: Sequence[Blob] = ()) -> None:
        """Send a part of the answer, and let others run.

        Parameters
        ----------
        value
            JSON, without NaN and infinity.
        buffers
            Binary columns; they reach the front end as ``DataView`` objects.

        Raises
        ------
        MessageTooLargeError
            If it is larger than `MAX_MESSAGE_NBYTES`.
        """
        self._answer({"rpc": "part", "id": self._id, "value": value}, buffers)
        self._move_deadline(max(self.patience, PROGRESS_SECONDS))
        await asyncio.sleep(0)

    def wait_for_events(self) -> None:
        """Take as long as it wants: what comes next is an event, not an answer."""
        self._clock.reschedule(None)

    async def bytes(self, value: dict[str, object], content: Blob) -> None:
        """Send bytes of any length in as many parts as they need.

        Each part is `value` with ``offset`` and ``total`` added, and one buffer.
        """
        view = memoryview(content).cast("B")
        for offset in range(0, max(1, view.nbytes), _PIECE_NBYTES):
            piece = view[offset : offset + _PIECE_NBYTES]
            await self.part({**value, "offset": offset, "total": view.nbytes}, [piece])

    def result(self, value: object) -> None:
        """Send the end of the answer."""
        self._answer({"rpc": "result", "id": self._id, "value": value}, ())

    def _move_deadline(self, seconds: float) -> None:
        if self._clock.when() is not None:
            self.patience = seconds
            self._clock.reschedule(asyncio.get_running_loop().time() + seconds)

    def _answer(self, message: dict[str, object], buffers: Sequence[Blob]) -> None:
        # Also refuses what JSON cannot say: it would break the front end, or get lost.
        text = json.dumps(message, allow_nan=False, ensure_ascii=False).encode()
        nbytes = len(text) + sum(memoryview(buffer).nbytes for buffer in buffers)
        if nbytes > MAX_MESSAGE_NBYTES:
            raise MessageTooLargeError(nbytes)
        self._send(message, list(buffers))
