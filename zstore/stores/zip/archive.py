"""An open archive: an index of its members, and how each is read."""

import threading
from bisect import bisect_right
from collections.abc import Iterator

from zstore.buffer import Buffer, cpu
from zstore.concurrency import run_in_thread
from zstore.errors import CorruptStoreError
from zstore.ranges import ByteRequest, resolve
from zstore.stores.failures import from_os_error
from zstore.stores.key_tree import KeyTree
from zstore.stores.zip.compression import STORED, check, unpack
from zstore.stores.zip.directory import Directory
from zstore.stores.zip.records import (
    LOCAL,
    LOCAL_MARK,
    SATURATED_32,
    Data,
    Member,
    Steps,
    footprint,
)
from zstore.stores.zip.sources import (
    ByteSource,
    FileSource,
    LocalSource,
    carry_out,
    carry_out_here,
)

__all__ = ["Archive"]

# Reading so much from memory, checksum included, takes no longer than changing threads.
_NOW_NBYTES = 2**16
# Fetched with a value in vain, lest its local header be longer than the directory tells.
_SLACK_NBYTES = 64
# Where a header and a part of a value lie no further apart, one request fetches both.
_NEAR_NBYTES = 2**14
# Work on less is done at once, on the event loop.
_SHORT_WORK_NBYTES = 2**16
_SIZES_FOLLOW = 0x8


class _NotNow(Exception):  # noqa: N818 -- a signal within this module, no error
    """The bytes are not in memory."""


class Archive:
    """The members of one archive by key, and where their bytes are.

    Readers need no lock: a member once indexed stays where it is in its source, also
    when its key is set again.

    Parameters
    ----------
    source
        Of the bytes.
    directory
        What is in the archive.
    max_ratio
        Refuse compressed members above 1 MiB that claim more than so many times their
        bytes in the archive.
    verify
        Whether to check ranges of members that are stored as they are, which means to
        read these members whole.
    """

    def __init__(
        self,
        source: LocalSource | ByteSource,
        directory: Directory,
        *,
        max_ratio: int,
        verify: bool,
    ) -> None:
        self.source = source
        self.members = directory.members
        self.comment = directory.comment
        self.bias = directory.bias
        self.warnings = list(directory.warnings)
        # Guards what listings and writers share: the tree, and the sum of sizes.
        self.lock = threading.Lock()
        # Members with their headers; the rest of the file is dead, or the directory.
        self.live_nbytes = sum(map(footprint, self.members.values()))
        self._bounds = directory.bounds
        # Where the bytes of a member start, by its offset: known once it was read.
        self._starts: dict[int, int] = {}
        self._tree: KeyTree | None = None
        self._max_ratio = max_ratio
        self._verify = verify

    @property
    def is_indexed(self) -> bool:
        """Whether listings are ready."""
        return self._tree is not None

    def index(self) -> KeyTree:
        """Return the index of the levels, made at first; the caller holds the lock."""
        if self._tree is None:
            self._tree = KeyTree(self.members)
        return self._tree

    def make_index(self) -> None:
        """Make the index of the levels; takes a while with many members."""
        with self.lock:
            self.index()

    def put(self, key: str, member: Member, start: int) -> None:
        """Index a member whose bytes start at `start`."""
        with self.lock:
            old = self.members.get(key)
            self.live_nbytes += footprint(member) - (footprint(old) if old else 0)
            self._starts[member.offset] = start
            self.members[key] = member
            if self._tree is not None and old is None:
                self._tree.add(key)

    def drop(self, key: str) -> bool:
        """Forget a member; tell whether there was one."""
        with self.lock:
            old = self.members.pop(key, None)
            if old is None:
                return False
            self.live_nbytes -= footprint(old)
            if self._tree is not None:
                self._tree.discard(key)
            return True

    def read_now(
        self, key: str, member: Member, request: ByteRequest | None
    ) -> Buffer | None:
        """Return what is in memory and short; None if reading could take a while."""
        source = self.source
        if member.method != STORED or not isinstance(source, FileSource):
            return None
        start, stop = resolve(request, member.nbytes)
        whole = stop - start == member.nbytes
        if stop - start > _NOW_NBYTES or (self._verify and not whole):
            return None
        check(key, member, self._max_ratio)
        at = self._starts.get(member.offset)
        if at is not None:
            found = source.read_now(at + start, stop - start)
        else:
            found = self._read_first_now(source, key, member, (start, stop))
        if found is None:
            return None
        return cpu.Buffer(unpack(key, member, found) if whole else found)

    def _read_first_now(
        self, source: FileSource, key: str, member: Member, part: tuple[int, int]
    ) -> Data | None:
        def read(offset: int, nbytes: int) -> Data:
            found = source.read_now(offset, nbytes)
            if found is None:
                raise _NotNow
            return found

        try:
            return carry_out_here(self._raw(key, member, *part), read)
        except _NotNow:
            return None

    async def read(self, key: str, member: Member, request: ByteRequest | None) -> Buffer:
        """Return a value or a part of it; reads off the event loop.

        Raises
        ------
        CorruptStoreError
            If the member is not what the directory says.
        """
        source = self.source
        part = resolve(request, member.nbytes)
        check(key, member, self._max_ratio)
        if isinstance(source, LocalSource):
            return await run_in_thread(self._read_here, source, key, member, part)
        first, last = self._needed(member, part)
        raw = await carry_out(self._raw(key, member, first, last), source.read)
        if member.method == STORED and len(raw) <= _SHORT_WORK_NBYTES:
            return self._finish(key, member, part, raw)
        return await run_in_thread(self._finish, key, member, part, raw)

    def _read_here(
        self, source: LocalSource, key: str, member: Member, part: tuple[int, int]
    ) -> Buffer:
        first, last = self._needed(member, part)
        try:
            raw = carry_out_here(self._raw(key, member, first, last), source.read_here)
        except OSError as error:
            raise from_os_error(key, error) from error
        return self._finish(key, member, part, raw)

    def _needed(self, member: Member, part: tuple[int, int]) -> tuple[int, int]:
        """Return which bytes of the member, as it is in the archive, `part` needs."""
        if member.method == STORED and not self._verify:
            return part
        return 0, member.packed_nbytes

    def _finish(self, key: str, member: Member, part: tuple[int, int], raw: Data) -> Buffer:
        start, stop = part
        if len(raw) < member.packed_nbytes:
            value = raw
        else:
            value = memoryview(unpack(key, member, raw))[start:stop]
        return cpu.Buffer(value).toreadonly()

    def raw_here(self, key: str, member: Member) -> Iterator[Data]:
        """Iterate over the bytes of a member as they are in the archive, in pieces."""
        source = self.source
        assert isinstance(source, FileSource)  # noqa: S101 -- only files are written
        for first in range(0, member.packed_nbytes, 2**22):
            last = min(first + 2**22, member.packed_nbytes)
            yield carry_out_here(self._raw(key, member, first, last), source.read_here)

    def _raw(self, key: str, member: Member, first: int, last: int) -> Steps[Data]:
        """Fetch bytes `first` to `last` of a member as it is in the archive.

        The first time the local header is read with them, and checked.
        """
        start = self._starts.get(member.offset)
        if start is not None:
            return (yield start + first, last - first)
        nhead = LOCAL.size + len(member.name) + len(member.extra) + _SLACK_NBYTES
        bound = self._bounds[bisect_right(self._bounds, member.offset)]
        nbytes = nhead + last if first <= _NEAR_NBYTES else nhead
        nbytes = min(nbytes, bound - member.offset)
        head = yield member.offset, nbytes
        start = _data_start(key, member, head, bound)
        self._starts[member.offset] = start
        skipped = start - member.offset
        if skipped + last <= nbytes:
            return memoryview(head)[skipped + first : skipped + last]
        return (yield start + first, last - first)


def _data_start(key: str, member: Member, head: Data, bound: int) -> int:
    """Return where the bytes of a member start, from its local header.

    Raises
    ------
    CorruptStoreError
        If the header is not that of the member, or the member does not end by `bound`.
    """
    mark, _, flags, method, _, _, crc, packed, nbytes, *lengths = LOCAL.unpack_from(head)
    nname: int = lengths[0]
    nextra: int = lengths[1]
    start = member.offset + LOCAL.size + nname + nextra
    name = bytes(head[LOCAL.size : LOCAL.size + nname])
    # Zeros or a marker stand for what follows the data, or is in a zip64 field.
    told = not flags & _SIZES_FOLLOW and SATURATED_32 not in (packed, nbytes)
    sizes = (member.crc, member.packed_nbytes, member.nbytes)
    if (
        mark != LOCAL_MARK
        or name != member.name
        or method != member.method
        or (told and (crc, packed, nbytes) != sizes)
    ):
        msg = f"what is at byte {member.offset} is not {key!r}, as the directory says"
        raise CorruptStoreError(msg)
    if start + member.packed_nbytes > bound:
        msg = f"the value of {key!r} overlaps what starts at byte {bound}"
        raise CorruptStoreError(msg)
    return start
