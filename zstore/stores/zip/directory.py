"""Reading the central directory of an archive once, into an index by key.

No archive is trusted: names that are no keys are left out, and a directory that
contradicts itself is refused. Nothing is read twice, nothing recurses, and no size that
an archive merely claims is allocated.

Source: APPNOTE 4.3.12 (central directory structure).
"""

from dataclasses import dataclass, replace

from zstore.errors import CorruptStoreError
from zstore.keys import is_key
from zstore.stores.zip.central_entry import name_of, parse_entry
from zstore.stores.zip.end_record import (
    EndRecord,
    Window,
    ends_at_tail,
    marks,
    parse_end,
)
from zstore.stores.zip.records import (
    END,
    END_MARK,
    LOCAL,
    LOCAL_MARK,
    Data,
    Member,
    Steps,
)

__all__ = ["TAIL_NBYTES", "Directory", "parse_directory", "read_directory"]

# The longest comment, the records of the end, and room to spare.
TAIL_NBYTES = 2**16 + 128
# Ten million entries; more would not be an archive of chunks.
_MAX_DIRECTORY_NBYTES = 2**30
_BLOCK_NBYTES = 2**20
# Looking for a lost end record must end, also in a file made of nothing but marks.
_MAX_MARKS, _MAX_TRIALS = 100_000, 64

_SIGNATURE_MARK = b"PK\x05\x05"


@dataclass(frozen=True, slots=True)
class Directory:
    """What is in an archive.

    Attributes
    ----------
    members
        By key; of several with one name, the last.
    bounds
        Where local headers start, and where the last directory does; sorted. Each member
        ends before the bound that follows it.
    stop
        The first byte after the archive.
    bias
        Bytes before the archive; the offsets of `members` count them.
    warnings
        What was left out, a sentence a kind.
    """

    members: dict[str, Member]
    bounds: list[int]
    stop: int
    bias: int = 0
    comment: bytes = b""
    warnings: tuple[str, ...] = ()

    @property
    def tail_nbytes(self) -> int:
        """Size of the directory and of what follows it."""
        return self.stop - self.bounds[-1]


def read_directory(size: int, *, search_nbytes: int) -> Steps[Directory]:
    """Find and parse the directory of an archive of `size` bytes.

    Parameters
    ----------
    size
        Of the whole file.
    search_nbytes
        How far back to look for the end record of an earlier commit, where a writer died
        before it wrote its own.

    Raises
    ------
    CorruptStoreError
        If it is no zip archive, is cut short or contradicts itself.

    Notes
    -----
    Asks for the last 64 KiB, and for what of the directory lies before them.
    """
    base = max(0, size - TAIL_NBYTES)
    tail = Window(base, bytes((yield base, size - base)))
    ends = yield from ends_at_tail(tail)
    if len(ends) > 1:
        msg = f"the archive has {len(ends)} end records that claim its last byte"
        raise CorruptStoreError(msg)
    if ends and (ends[0].bias == 0 or not (yield from _starts_as_archive(size))):
        return (yield from _directory_of(ends[0], tail))
    # An archive within the last, unfinished value would be an end record with a bias.
    return (yield from _recover(size, search_nbytes))


def _starts_as_archive(size: int) -> Steps[bool]:
    return size >= END.size and bytes((yield 0, 4)) in (LOCAL_MARK, END_MARK)


def _recover(size: int, search_nbytes: int) -> Steps[Directory]:
    """Look backwards for the last end record that a writer completed."""
    nmarks = ntrials = 0
    stop = size if (yield from _starts_as_archive(size)) else 0
    floor = max(0, size - search_nbytes)
    while stop > floor and nmarks < _MAX_MARKS and ntrials < _MAX_TRIALS:
        start = max(floor, stop - _BLOCK_NBYTES)
        nbytes = min(stop + END.size, size) - start
        window = Window(start, bytes((yield start, nbytes)))
        for at in marks(window.data):
            nmarks += 1
            try:
                end = yield from parse_end(window, start + at)
                # Offsets of an archive within a value do not count from the first byte.
                if end.bias or end.stop > size:
                    continue
                ntrials += 1
                directory = yield from _directory_of(end, window)
            except CorruptStoreError:
                if nmarks >= _MAX_MARKS or ntrials >= _MAX_TRIALS:
                    break
                continue
            lost = (
                f"the last {size - end.stop} bytes are not committed: a writer is at work, "
                f"or died; the archive is read as of byte {end.stop}"
            )
            return replace(directory, warnings=(*directory.warnings, lost))
        stop = start
    msg = f"no end record in {size} bytes: it is no zip archive, or is cut short"
    raise CorruptStoreError(msg)


def _directory_of(end: EndRecord, window: Window) -> Steps[Directory]:
    start, nbytes = end.directory_start, end.directory_nbytes
    if nbytes > _MAX_DIRECTORY_NBYTES:
        msg = f"the directory claims {nbytes} bytes, more than {_MAX_DIRECTORY_NBYTES}"
        raise CorruptStoreError(msg)
    if window.base <= end.directory_stop and start < window.base:
        head = yield start, min(window.base, end.directory_stop) - start
        rest = window.data[: max(0, end.directory_stop - window.base)]
        return parse_directory(b"".join([head, rest]), end)
    return parse_directory((yield from window.read(start, nbytes)), end)


def parse_directory(data: Data, end: EndRecord) -> Directory:
    """Parse the bytes of a central directory.

    Raises
    ------
    CorruptStoreError
        If an entry is malformed, members overlap or lie outside the file, or there are
        not as many entries as `end` says.
    """
    data = bytes(data)
    members: dict[str, Member] = {}
    extents: list[tuple[int, int]] = []
    odd: list[str] = []
    at = nodd = 0
    bias = end.bias
    while at < len(data) and data[at : at + 4] != _SIGNATURE_MARK:
        member, nbytes = parse_entry(data, at, bias)
        at += nbytes
        least = member.offset + LOCAL.size + len(member.name) + member.packed_nbytes
        extents.append((member.offset, least))
        name = name_of(member)
        if name is not None and is_key(name):
            # Put in anew, so that the order is that of the archive.
            members.pop(name, None)
            members[name] = member
        elif name is None or member.nbytes or not is_key(name.removesuffix("/")):
            nodd += 1
            odd = odd or [repr(member.name if name is None else name)]
    count = len(extents)
    if count != end.nentries and (end.is_zip64 or count & 0xFFFF != end.nentries):
        msg = f"the directory has {count} entries, its end record says {end.nentries}"
        raise CorruptStoreError(msg)
    warnings = [
        f"{nodd} names are no keys and are left out, {name} for one" for name in odd
    ]
    bounds = _bounds(extents, end.directory_start)
    return Directory(members, bounds, end.stop, end.bias, end.comment, tuple(warnings))


def _bounds(extents: list[tuple[int, int]], directory_start: int) -> list[int]:
    extents.sort()
    bounds = [offset for offset, _ in extents]
    bounds.append(directory_start)
    for (offset, least), bound in zip(extents, bounds[1:], strict=True):
        if least > bound:
            msg = (
                f"the member at byte {offset} ends at {least} or later, but at {bound} "
                "another one or the directory starts"
            )
            raise CorruptStoreError(msg)
    return bounds
