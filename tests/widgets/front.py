"""A front end without a browser: sends what a page would, and collects the answers."""

import asyncio
import itertools
from typing import Any, NamedTuple

from tests.waiting import LONG
from zstore_widgets.view import View

__all__ = ["Answer", "Front", "KernelError"]


class KernelError(Exception):
    """What the front end was told: the class of the error, and its sentence."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class Answer(NamedTuple):
    """What came of a request."""

    result: Any
    parts: list[Any]
    buffers: list[list[bytes]]


class Front:
    """Stands for the page of one view; a patient one waits a minute for an answer."""

    def __init__(self, view: View, *, patient: bool = True) -> None:
        self.view = view
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self._ids = itertools.count(1)
        assert view._channel is not None
        view._channel._send = self._take
        if patient:
            # A store that needs longer than a person waits is on a slow machine.
            view._channel._patience = LONG

    def _take(self, message: dict[str, Any], buffers: list[Any]) -> None:
        self.messages.append((message, [bytes(buffer) for buffer in buffers]))

    def send(self, name: str, **args: Any) -> int:
        """Send a request without waiting; return its number."""
        number = next(self._ids)
        message = {"rpc": "call", "id": number, "name": name, "args": args}
        self.view._handle_custom_msg(message, [])
        return number

    def cancel(self, number: int) -> None:
        self.view._handle_custom_msg({"rpc": "cancel", "id": number}, [])

    def parts_of(self, number: int) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Return the messages that answer a request so far."""
        return [each for each in list(self.messages) if each[0]["id"] == number]

    async def call(self, name: str, *, seconds: float = LONG, **args: Any) -> Answer:
        """Send a request and wait for its end; raises `KernelError`."""
        number = self.send(name, **args)
        async with asyncio.timeout(seconds):
            while True:
                answers = self.parts_of(number)
                if answers and answers[-1][0]["rpc"] != "part":
                    break
                await asyncio.sleep(0.005)
        last, _ = answers[-1]
        if last["rpc"] == "error":
            raise KernelError(last["type"], last["message"])
        parts = [message["value"] for message, _ in answers[:-1]]
        return Answer(last["value"], parts, [buffers for _, buffers in answers[:-1]])
