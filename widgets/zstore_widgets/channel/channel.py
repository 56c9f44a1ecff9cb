"""Serves the requests of one view."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from zstore.display.sentences import sentence_of
from zstore.errors import ZStoreError
from zstore.sync.loop import loop_thread
from zstore_widgets.channel.job import Job, Send
from zstore_widgets.channel.requests import MAX_INTEGER, BadRequestError, requests_of

__all__ = ["Channel"]

FIRST_ANSWER_SECONDS = 5.0
MAX_RUNNING = 64
"""Requests that one view may have under way; no view of ours comes near it."""


class NoAnswerError(ZStoreError, TimeoutError):
    """The store kept a view waiting for too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the store gave no answer within {seconds:g} seconds")


class Channel:
    """Runs the handlers of a view, each as a task on the loop of `zstore.sync`.

    JupyterLab hands messages to the main thread or to another, with loops that come and
    go. So a message is only passed on here, and a view answers while a cell computes.

    Parameters
    ----------
    send
        Sends a message and its buffers to the front end, from any thread.
    handlers
        Objects with methods marked by `request`.
    on_error
        Told of each error that a handler raised, after the front end was.
    patience
        Seconds until the first answer; the next ones have `PROGRESS_SECONDS` each.
    """

    def __init__(
        self,
        send: Send,
        handlers: Iterable[object],
        *,
        on_error: Callable[[Exception], None] = lambda _error: None,
        patience: float = FIRST_ANSWER_SECONDS,
    ) -> None:
        self._send = send
        self._requests = requests_of(handlers)
        self._on_error = on_error
        self._patience = patience
        self._running: dict[int, asyncio.Task[Any]] = {}

    @property
    def requests(self) -> list[str]:
        """Names of the requests that are answered."""
        return sorted(self._requests)

    def receive(self, message: object) -> None:
        """Take a message of the front end; from any thread, never raises."""
        if not isinstance(message, Mapping):
            return
        fields = cast("dict[object, object]", message)
        number = fields.get("id")
        if type(number) is not int or not 0 <= number <= MAX_INTEGER:
            return  # nobody could be answered
        match fields.get("rpc"):
            case "call":
                loop_thread().let_run(self._serve(number, fields))
            case "cancel":
                loop_thread().let_run(self._cancel(number))
            case _:
                return

    def close(self) -> None:
        """Cancel what is under way; from any thread."""
        if self._running:
            loop_thread().let_run(self._cancel_all())

    async def _serve(self, number: int, message: dict[object, object]) -> None:
        if number in self._running or len(self._running) >= MAX_RUNNING:
            return self._refuse(number, BadRequestError("too many requests at a time"))
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- runs in a task, says the loop thread
        self._running[number] = task
        try:
            await self._answer(number, message)
        except Exception as error:  # noqa: BLE001 -- shown where the click was, and kept
            self._refuse(number, error)
        finally:
            del self._running[number]
        return None

    async def _answer(self, number: int, message: dict[object, object]) -> None:
        name = message.get("name")
        known = self._requests.get(name) if isinstance(name, str) else None
        if known is None:
            msg = f"there is no request {ascii(name)[:80]}"
            raise BadRequestError(msg)
        arguments = known.checked(message.get("args"))
        clock = asyncio.timeout(self._patience)
        job = Job(self._send, number, clock, self._patience)
        try:
            async with clock:
                job.result(await known.handler(job, **arguments))
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise NoAnswerError(job.patience) from error

    def _refuse(self, number: int, error: Exception) -> None:
        kind, sentence = sentence_of(error)
        self._send({"rpc": "error", "id": number, "type": kind, "message": sentence}, [])
        self._on_error(error)

    async def _cancel(self, number: int) -> None:
        task = self._running.get(number)
        if task is not None:
            task.cancel()

    async def _cancel_all(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
