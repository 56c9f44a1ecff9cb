"""A store played against a dict, at random; needs hypothesis.

::

    from zstore.testing.model import store_model

    TestMyStore = store_model(lambda: MyStore(fresh_place())).TestCase

Hypothesis finds a sequence of calls after which the store and the dict differ, and makes
it short. Source: the calls and their results are those of `zstore.store`.
"""

import pickle
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

from zstore._compat import override
from zstore.buffer import cpu
from zstore.entries import Entry
from zstore.errors import (
    InvalidByteRangeError,
    KeyConflictError,
    KeyNotFoundError,
    MissingDependencyError,
    UnsupportedError,
)
from zstore.keys import prefix_of
from zstore.ranges import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    SuffixByteRequest,
)
from zstore.store import Store
from zstore.testing.misuse import Misuse
from zstore.testing.played import KEYS, VALUES
from zstore.testing.promises import MakeStore, expect, refused, same

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import invariant, precondition, rule
except ImportError as error:
    package = "hypothesis"
    raise MissingDependencyError(package, extra="test") from error

__all__ = ["StoreModel", "store_model"]

_PREFIXES = st.one_of(
    st.just(""), KEYS, KEYS.map(prefix_of), st.sampled_from(["a", "ab/", "b"])
)
_NUMBERS = st.integers(min_value=0, max_value=16)
_REQUESTS: st.SearchStrategy[ByteRequest] = st.one_of(
    st.tuples(_NUMBERS, _NUMBERS).map(lambda ends: RangeByteRequest(min(ends), max(ends))),
    _NUMBERS.map(OffsetByteRequest),
    _NUMBERS.map(SuffixByteRequest),
)


def _part(value: bytes, request: ByteRequest) -> bytes:
    """Cut a part in the plainest way; empty if the request is to be refused."""
    match request:
        case RangeByteRequest(start, end):
            return value[start:end]
        case OffsetByteRequest(offset):
            return value[offset:]
        case SuffixByteRequest(suffix):
            return value[-suffix:] if suffix else b""


class StoreModel(Misuse):
    """Does the same to a store and to a dict, and compares them; see `store_model`."""

    @rule(key=KEYS, value=VALUES)
    def set_value(self, key: str, value: bytes) -> None:
        """Store a value, unless a file system could not."""
        try:
            self._run(self.store.set(key, value))
        except KeyConflictError:
            expect(self._conflicts(key), f"set({key!r}) saw a conflict in {self.values}")
        else:
            self.values[key] = value

    @rule(key=KEYS, value=VALUES)
    def set_if_not_exists(self, key: str, value: bytes) -> None:
        """Store a value where none is."""
        try:
            stored = self._run(self.store.set_if_not_exists(key, value))
        except KeyConflictError:
            expect(self._conflicts(key), f"set_if_not_exists({key!r}) saw a conflict")
        except UnsupportedError:
            return
        else:
            same(stored, key not in self.values, f"set_if_not_exists({key!r})")
            self.values.setdefault(key, value)

    @rule(items=st.dictionaries(KEYS, VALUES, max_size=3))
    def set_many(self, items: dict[str, bytes]) -> None:
        """Store values that do not conflict."""
        keys = {*self.values, *items}
        if not any(key.startswith(f"{other}/") for key in keys for other in keys):
            self._run(self.store.set_many(items))
            self.values.update(items)

    @precondition(lambda self: self.values and self.store.supports_partial_writes)
    @rule(data=st.data(), start=_NUMBERS, part=VALUES)
    def set_partial_values(self, data: st.DataObject, start: int, part: bytes) -> None:
        """Overwrite a part, or be refused one that leaves a hole."""
        key = data.draw(st.sampled_from(sorted(self.values)))
        value = self.values[key]
        write = self.store.set_partial_values([(key, start, part)])
        if start > len(value):
            with refused(InvalidByteRangeError, f"a part at {start} of {len(value)} bytes"):
                self._run(write)
        else:
            self._run(write)
            self.values[key] = value[:start] + part + value[start + len(part) :]

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        """Read a whole value."""
        value = self.values.get(key)
        buffer = None if value is None else cpu.Buffer(value)
        same(self._run(self.store.get(key)), buffer, f"get({key!r})")
        same(self._run(self.store.exists(key)), value is not None, f"exists({key!r})")
        many = self._run(self.store.get_many([key, "missing", key]))
        same(many, [buffer, None, buffer], f"get_many() of {key!r}")
        if value is None:
            with refused(KeyNotFoundError, f"getsize({key!r}) of a missing key"):
                self._run(self.store.getsize(key))
        else:
            same(self._run(self.store.getsize(key)), len(value), f"getsize({key!r})")

    @precondition(lambda self: self.values)
    @rule(data=st.data(), requests=st.lists(_REQUESTS, max_size=4), gap=_NUMBERS)
    def get_ranges(
        self, data: st.DataObject, requests: list[ByteRequest], gap: int
    ) -> None:
        """Read parts of a value, alone and together."""
        key = data.draw(st.sampled_from(sorted(self.values)))
        parts = [_part(self.values[key], request) for request in requests]
        calls: list[tuple[Coroutine[Any, Any, object], object, bool]] = [
            (self.store.get(key, byte_range=r), cpu.Buffer(part), bool(part))
            for r, part in zip(requests, parts, strict=True)
        ]
        together = self.store.get_ranges(key, requests, max_gap_nbytes=gap)
        calls.append((together, [cpu.Buffer(part) for part in parts], all(parts)))
        of = f"reading {requests} of {key!r}"
        for call, expected, allowed in calls:
            if allowed:
                same(self._run(call), expected, of)
            else:
                with refused(InvalidByteRangeError, of):
                    self._run(call)

    @precondition(lambda self: self.store.supports_deletes)
    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        """Delete at most one value."""
        self._run(self.store.delete(key))
        self.values.pop(key, None)

    @precondition(lambda self: self.store.supports_deletes and self.store.supports_listing)
    @rule(prefix=_PREFIXES)
    def delete_dir(self, prefix: str) -> None:
        """Delete what a prefix selects."""
        self._run(self.store.delete_dir(prefix))
        for key in self._selected(prefix):
            del self.values[key]

    @precondition(lambda self: self.store.supports_listing)
    @rule(prefix=_PREFIXES)
    def list_below(self, prefix: str) -> None:
        """List, scan and add up what a prefix selects."""
        sizes = {key: len(value) for key, value in self._selected(prefix).items()}
        total = sum(sizes.values())
        keys = self._all(self.store.list_prefix(prefix))
        same(sorted(keys), sorted(sizes), f"list_prefix({prefix!r})")
        scanned = [pair for batch in self._all(self.store.scan(prefix)) for pair in batch]
        same(sorted(scanned), sorted(sizes.items()), f"scan({prefix!r})")
        nbytes = self._run(self.store.getsize_prefix(prefix))
        same(nbytes, total, f"getsize_prefix({prefix!r})")
        same(self._run(self.store.is_empty(prefix)), not sizes, f"is_empty({prefix!r})")
        last = self._all(self.store.usage(prefix))[-1]
        same((last.nkeys, last.nbytes), (len(sizes), total), f"usage({prefix!r})")
        expect(last.complete, f"the last of usage({prefix!r}) is not complete")

    @precondition(lambda self: self.store.supports_listing)
    @rule(prefix=_PREFIXES, limit=st.none() | st.integers(1, 4), after=KEYS | st.just(""))
    def list_level(self, prefix: str, limit: int | None, after: str) -> None:
        """List one level: its names, and its entries page by page."""
        folder = prefix_of(prefix)
        level: dict[str, Entry] = {}
        for key in self.values:
            if key.startswith(folder):
                name, below, _ = key[len(folder) :].partition("/")
                nbytes = None if below else len(self.values[key])
                entry = Entry(name, "prefix" if below else "key", nbytes)
                level[entry.cursor] = entry
        names = self._all(self.store.list_dir(prefix))
        same(
            sorted(names), sorted({e.name for e in level.values()}), f"list_dir({prefix!r})"
        )
        found: dict[str, Entry] = {}
        cursor = after
        while page := self._page(prefix, limit, cursor):
            for entry in page:
                expect(entry.cursor not in found, f"{entry} is in two pages of {prefix!r}")
                found[entry.cursor] = entry
            if limit is None:
                break
            cursor = page[-1].cursor
        cursors = sorted(c for c in level if c > after)
        of = f"list_entries({prefix!r}, limit={limit}, after={after!r})"
        same(sorted(found), cursors, of)
        if limit is not None or after:
            same([*found], cursors, f"the order of {of}")
        for c in cursors:
            seen = found[c]
            same((seen.kind, seen.nbytes), (level[c].kind, level[c].nbytes), of)

    def _page(self, prefix: str, limit: int | None, after: str) -> list[Entry]:
        batches = self._all(self.store.list_entries(prefix, limit=limit, after=after))
        page = [entry for batch in batches for entry in batch]
        if limit is not None:
            expect(len(page) <= limit, f"list_entries(limit={limit}) gave {len(page)}")
            ordered = all(one.cursor < other.cursor for one, other in pairwise(page))
            expect(ordered, f"list_entries({prefix!r}, limit={limit}) is out of order")
        return page

    @rule(pickled=st.booleans())
    def reopen(self, pickled: bool) -> None:
        """Close the store, and go on with another on the same place."""
        self._run(self.store.aclose())
        self.store = self.store.with_read_only(False)
        if pickled:
            try:
                state = pickle.dumps(self.store)
            except UnsupportedError:
                return
            self.store = pickle.loads(state)  # noqa: S301 -- made here

    @invariant()
    def agree(self) -> None:
        """Compare the keys, where they can be listed."""
        if self.store.supports_listing:
            same(sorted(self._all(self.store.list())), sorted(self.values), "list()")


def store_model(make: MakeStore, *, hostile: bool = False) -> type[StoreModel]:
    """Return a state machine for the stores of `make`; see `check_store` for that.

    Parameters
    ----------
    make
        Makes a fresh, empty store, on a place of its own.
    hostile
        Whether the store is also given texts that are no keys (`..`, absolute paths). One
        that breaks its promise may then remove files outside its root: only for stores in
        memory, or where nothing else can be written to.

    Returns
    -------
    type
        Give its ``TestCase`` a name that starts with ``Test``, or pass it to
        ``hypothesis.stateful.run_state_machine_as_test``.
    """

    class Model(StoreModel):
        @override
        def _make(self) -> Store:
            return make()

    Model.hostile = hostile
    return Model
