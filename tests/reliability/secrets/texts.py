"""All that a system says, where a secret could show."""

import asyncio
import io
import logging
import pickle
import traceback
import warnings
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import zstore
from tests.reliability.handles import Handle
from tests.servers import Faults
from zstore._compat import override
from zstore.cli import main
from zstore.display import mimebundle
from zstore.errors import UnsupportedError
from zstore.inventory import Inventory

__all__ = ["CANARY", "Texts", "listening"]

CANARY = "canary5e4c1f"
"""Every secret that a system is given."""

_FAULTS = ("500", "403", "dropped", "cut", "whole", "html", "redirect")


class Texts:
    """What was said, by the channel."""

    def __init__(self) -> None:
        self.said: dict[str, list[str]] = {}

    def add(self, channel: str, *texts: object) -> None:
        """Take note of texts; there may be none."""
        self.said.setdefault(channel, []).extend(map(str, texts))

    @property
    def leaks(self) -> list[str]:
        """The channels that showed a secret."""
        return [name for name, texts in self.said.items() if CANARY in "".join(texts)]

    async def failing(self, call: Awaitable[object]) -> None:
        """Await a call that is to fail, and listen."""
        try:
            await call
        except Exception as error:  # noqa: BLE001 -- its words are looked at
            self.add("errors", error, repr(error))
            self.add("tracebacks", "".join(traceback.format_exception(error)))

    async def of_calls(self, handle: Handle, faults: Faults) -> None:
        """Listen to calls that succeed and calls that fail in several ways."""
        await self.failing(handle.get("k"))
        for kind in _FAULTS:
            faults.active.clear()
            faults.fail(kind)
            calls = (
                handle.get("k"),
                handle.get_range("k", 2, 5),
                handle.keys(),
                handle.set("k", b"1"),
                handle.create("n", b"1"),
            )
            await asyncio.gather(*map(self.failing, calls))
        faults.active.clear()
        await self.failing(handle.keys())

    async def of_a_store(self, store: zstore.Store, place: Path) -> None:
        """Listen to what a store of ours says of itself, and what is made of it."""
        shown = await asyncio.to_thread(mimebundle, store)
        self.add("display", shown, repr(zstore.StorePath(store, "a")))
        self.add("pickles", pickle.dumps(store))
        stream = io.StringIO()
        logged = zstore.LoggingStore(store, log_handler=logging.StreamHandler(stream))
        await self.failing(logged.get("k"))
        self.add("own log", stream.getvalue(), repr(logged))
        try:
            with await Inventory.scan(store, snapshot=str(place / "s")) as inventory:
                self.add("snapshots", repr(inventory), inventory._repr_mimebundle_())
        except UnsupportedError as error:
            self.add("snapshots", error)
        self.add("snapshots", *await asyncio.to_thread(_files, place))

    async def of_the_command(self, url: str) -> None:
        """Listen to the command, asked for a URL."""
        for command in ("info", "tree", "du"):
            text = await asyncio.to_thread(_printed, command, url)
            self.add("command", text)


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _printed(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        main(arguments)
    return out.getvalue()


class _Logs(logging.Handler):
    """Takes note of what is logged: by zstore, and by what it is made of."""

    def __init__(self, texts: Texts) -> None:
        super().__init__(logging.DEBUG)
        self._texts = texts

    @override
    def emit(self, record: logging.LogRecord) -> None:
        ours = record.name.startswith(("zstore", "LoggingStore"))
        self._texts.add("own log" if ours else "log of others", record.getMessage())


@contextmanager
def listening(texts: Texts) -> Iterator[None]:
    """Listen to all logs at DEBUG, and to warnings."""
    root, logs = logging.getLogger(), _Logs(texts)
    before = root.level
    root.addHandler(logs)
    root.setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
        texts.add("warnings", *(warning.message for warning in warned))
    finally:
        root.setLevel(before)
        root.removeHandler(logs)
