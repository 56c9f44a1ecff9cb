"""Finding the end record of an archive, which says where its directory is.

Source: APPNOTE 4.3.14 (zip64 end record), 4.3.15 (its locator), 4.3.16 (end record).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from zstore.errors import CorruptStoreError
from zstore.stores.zip.records import (
    CENTRAL,
    END,
    END64,
    END64_MARK,
    END_MARK,
    LOCATOR,
    LOCATOR_MARK,
    SATURATED_16,
    SATURATED_32,
    Data,
    Steps,
)

__all__ = ["EndRecord", "Window", "ends_at_tail", "marks", "parse_end"]


@dataclass(frozen=True, slots=True)
class EndRecord:
    """What the end records say.

    Attributes
    ----------
    directory_stop
        Where the central directory ends, and the first end record starts.
    stop
        The first byte after the archive and its comment.
    nentries
        Number of entries of the directory; modulo 65,536 unless `is_zip64`.
    directory_nbytes, directory_offset
        Size of the directory, and where it claims to start.
    """

    directory_stop: int
    stop: int
    nentries: int
    is_zip64: bool
    directory_nbytes: int
    directory_offset: int
    comment: bytes

    @property
    def directory_start(self) -> int:
        """Where the directory really starts: just before the records of the end."""
        return self.directory_stop - self.directory_nbytes

    @property
    def bias(self) -> int:
        """How far all offsets are off: the bytes that were put before the archive."""
        return self.directory_start - self.directory_offset


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the archive that was read already."""

    base: int
    data: bytes

    def read(self, offset: int, nbytes: int) -> Steps[Data]:
        """Return some bytes, from here or by asking for them."""
        if self.base <= offset and offset + nbytes <= self.base + len(self.data):
            return self.data[offset - self.base : offset - self.base + nbytes]
        return (yield offset, nbytes)


def marks(data: bytes) -> Iterator[int]:
    """Iterate backwards over the places where an end record could start in `data`."""
    at = data.rfind(END_MARK, 0, len(data) - END.size + len(END_MARK))
    while at >= 0:
        yield at
        at = data.rfind(END_MARK, 0, at)


def ends_at_tail(tail: Window) -> Steps[list[EndRecord]]:
    """Return the end records whose comment ends exactly where `tail` does.

    Raises
    ------
    CorruptStoreError
        If there is a record there and it contradicts itself.
    """
    stop = tail.base + len(tail.data)
    found: list[EndRecord] = []
    for at in marks(tail.data):
        ncomment = END.unpack_from(tail.data, at)[-1]
        if tail.base + at + END.size + ncomment == stop:
            found.append((yield from parse_end(tail, tail.base + at)))
    return found


def parse_end(window: Window, position: int) -> Steps[EndRecord]:
    """Read the end record at `position`, and those of zip64 before it.

    Raises
    ------
    CorruptStoreError
        If the archive is in several parts, or the records contradict each other.
    """
    at = position - window.base
    _, disk, first, here, count, nbytes, offset, ncomment = END.unpack_from(window.data, at)
    comment = window.data[at + END.size : at + END.size + ncomment]
    stop = position + END.size + ncomment
    directory_stop = position
    zip64 = yield from _zip64(window, position)
    classic = (here, count, nbytes, offset)
    if zip64 is not None:
        directory_stop, wide = zip64
        limits = (SATURATED_16, SATURATED_16, SATURATED_32, SATURATED_32)
        for narrow, value, limit in zip(classic, wide, limits, strict=True):
            if narrow not in (value, limit):
                msg = f"the end record says {narrow} where its zip64 record says {value}"
                raise CorruptStoreError(msg)
        here, count, nbytes, offset = wide
    if disk not in (0, SATURATED_16) or first not in (0, SATURATED_16) or here != count:
        msg = f"the archive is one of several parts: disk {disk}, directory on {first}"
        raise CorruptStoreError(msg)
    end = EndRecord(directory_stop, stop, count, zip64 is not None, nbytes, offset, comment)
    if end.bias < 0 or end.directory_start < 0 or CENTRAL.size * count > nbytes:
        msg = (
            f"the end record at byte {position} claims a directory of {nbytes} bytes and "
            f"{count} entries at byte {offset}, which cannot be"
        )
        raise CorruptStoreError(msg)
    return end


def _zip64(
    window: Window, position: int
) -> Steps[tuple[int, tuple[int, int, int, int]] | None]:
    """Return where the zip64 end record is and what it says; None if there is none."""
    locator_at = position - LOCATOR.size
    if locator_at < END64.size:
        return None
    locator = yield from window.read(locator_at, LOCATOR.size)
    mark, disk, claimed, _ = LOCATOR.unpack(locator)
    if mark != LOCATOR_MARK:
        return None
    # Just before the locator first: that is right even with bytes before the archive.
    for record_at in dict.fromkeys((locator_at - END64.size, claimed)):
        if disk or record_at > locator_at - END64.size:
            continue
        record = yield from window.read(record_at, END64.size)
        mark, nbytes, _, _, here_disk, first_disk, *counts = END64.unpack(record)
        if mark == END64_MARK and record_at + 12 + nbytes == locator_at:
            if here_disk or first_disk:
                break
            here, count, size, offset = counts
            return record_at, (here, count, size, offset)
    msg = f"the zip64 locator at byte {locator_at} points to no zip64 end record"
    raise CorruptStoreError(msg)
