"""N6: a folder, a FIFO, a socket and a device are no values."""

import os
import resource
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.reliability.figures import Effort, Figure
from tests.reliability.names.operations import OPERATIONS, READING, operations_of
from tests.reliability.names.scene import Scene, open_system
from tests.reliability.names.trying import Outcome, run, tried

__all__ = ["no_values"]

_DEVICES = Path("/dev")
# Reading a device that never ends takes all the memory there is.
_MEMORY_NBYTES = 4 * 2**30


def no_values(system: str, place: Path, effort: Effort) -> Iterable[Figure]:
    """Make every call on what has a name and is no file."""
    del effort  # these are few
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_NBYTES, _MEMORY_NBYTES))
    found = _Found()
    run(found.gather(Scene(system, place), system))
    for what, wrong in (
        ("calls that take a folder, FIFO, socket or device for a value", found.taken),
        ("calls that hang on one of these", found.hung),
    ):
        yield Figure.counted(
            promise="N6",
            system=system,
            what=what,
            bad=wrong,
            of=found.ncalls,
            bar=0,
        )


class _Found:
    """What was wrong."""

    def __init__(self) -> None:
        self.ncalls = 0
        self.taken: list[str] = []
        self.hung: list[str] = []

    async def gather(self, scene: Scene, system: str) -> None:
        """Make the calls."""
        for name, make in (("pipe", _make_fifo), ("socket", _make_socket)):
            for operation in OPERATIONS:
                async with scene.opened() as handle:
                    make(scene.folder / name)
                    call = operations_of(handle)[operation]
                    text = "" if operation.startswith("list") else name
                    self._note(operation, name, await tried(call(text)))
                    _let_go(scene.folder / name)
        async with scene.opened() as handle:
            for operation in (*READING, "delete"):
                outcome = await tried(operations_of(handle)[operation]("b"))
                self._note(operation, "b", outcome)
            if "b/c" not in await scene.contents(handle):
                self.taken.append("delete b")
        # Only read, and by nobody: a jail cannot make devices, nor can it change these.
        async with open_system(system, _DEVICES) as handle:
            for name in ("zero", "null"):
                for operation in READING:
                    outcome = await tried(operations_of(handle)[operation](name))
                    self._note(operation, name, outcome)

    def _note(self, operation: str, name: str, outcome: Outcome) -> None:
        self.ncalls += 1
        call = f"{operation} {name}"
        if outcome.hung:
            self.hung.append(call)
        elif operation.startswith("list"):
            if name in outcome.answer:
                self.taken.append(call)
        elif operation in READING and (
            outcome.answer not in (None, False) or outcome.error == "MemoryError"
        ):
            self.taken.append(call)


def _make_fifo(path: Path) -> None:
    os.mkfifo(path)


def _make_socket(path: Path) -> None:
    # The name of a socket has 108 bytes at most.
    above = os.open(path.parent, os.O_PATH)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"/proc/self/fd/{above}/{path.name}")
    os.close(above)


def _let_go(path: Path) -> None:
    """End the calls that wait for the other end of a FIFO: they hold threads."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
