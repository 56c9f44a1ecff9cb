"""Where bytes lie in device memory: all that a buffer needs to know of a device."""

from typing import Any, NamedTuple, Protocol

__all__ = ["SMALL_NBYTES", "Event", "Span"]

SMALL_NBYTES = 256 * 1024
"""Values below this are moved together; a copy of their own costs larger ones little."""


class Event(Protocol):
    """A point in the order of a device's work."""

    @property
    def done(self) -> bool:
        """Whether all work before it has ended."""
        ...

    def synchronize(self) -> None:
        """Wait for it, without the lock of Python."""


class Span(NamedTuple):
    """Bytes in device memory.

    Attributes
    ----------
    base
        The array that owns or shares the memory, shape (base nbytes,), dtype uint8.
    offset, nbytes
        Where in it, in bytes.
    ready
        What has to be done before the bytes are there; None if they are.
    """

    base: Any
    offset: int
    nbytes: int
    ready: Event | None
