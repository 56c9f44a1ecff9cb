"""Values that say which write made them, in every line, so that a part of another shows."""

__all__ = ["EMPTY", "LINE", "TORN", "number_of", "value"]

LINE = 64
"""Bytes of a line; a value is whole lines."""

TORN = "torn"
"""What stands for a value that nobody wrote."""

EMPTY = "empty"
"""What stands for a value of no bytes, or of zeros."""


def value(key: str, number: int, nbytes: int) -> bytes:
    """Return what the write of this number puts under a key: about `nbytes` bytes."""
    nlines = max(1, nbytes // LINE)
    line = f"{key} {number} {nlines}".ljust(LINE - 1) + "\n"
    return line.encode() * nlines


def number_of(key: str, data: bytes) -> int | str:
    """Return the number of the write that made a value; `TORN` or `EMPTY` if none did."""
    if not data.strip(b"\0"):
        return EMPTY
    said, _, nlines = data[:LINE].decode(errors="replace").strip().rpartition(" ")
    name, _, number = said.rpartition(" ")
    if name != key or not (number.isdecimal() and nlines.isdecimal()):
        return TORN
    is_whole = data == value(key, int(number), int(nlines) * LINE)
    return int(number) if is_whole else TORN
