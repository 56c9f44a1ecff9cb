"""What recorded calls would take and cost on an object store."""

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from zstore import RangeByteRequest
from zstore.errors import InvalidTypeError
from zstore.ranges import coalesce
from zstore.wrappers.trace import Record

__all__ = ["COST_RULE", "TIME_RULE", "Assumptions", "Estimate", "estimate"]

TIME_RULE = (
    "Each request holds a connection for latency + bytes / bandwidth. The calls are played "
    "again: one begins when all those have ended that had ended before it began; calls "
    "that overlapped may overlap again, up to the number of connections. The time that the "
    "code took between calls is left out."
)
COST_RULE = (
    "Cost = reads / 1,000 * price + (writes + lists) / 1,000 * price + GB read * price. "
    "Storage, retries and minimum sizes are left out."
)

# Keys in one answer to a listing of S3, and keys that one request deletes there.
_PAGE = 1000
# As a store that reads ranges merges them: `LatencyStore`, `FsspecStore`, `ObjectStore`.
_GAP_NBYTES = 2**20
_MERGED_NBYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Assumptions:
    """An object store, in numbers. The defaults are those of the view, not of any bill.

    Attributes
    ----------
    latency
        Seconds that each request takes besides the transfer; 30 ms as within a region.
    bandwidth
        Bytes a second of one connection; 90 MB/s, as AWS says of S3.
    connections
        How many requests may be under way at once.
    price_get, price_put
        Of 1,000 reading requests (GET, HEAD), and of 1,000 writing or listing ones (PUT,
        LIST); in dollars, as S3 Standard in us-east-1 asked in 2024.
    price_out
        Of 1 GB (10**9 bytes) that is read; in dollars. 0 within a region.

    Raises
    ------
    InvalidTypeError
        If a number is negative, or `bandwidth` or `connections` is 0.
    """

    latency: float = 0.03
    bandwidth: float = 90e6
    connections: int = 16
    price_get: float = 0.0004
    price_put: float = 0.005
    price_out: float = 0.09

    def __post_init__(self) -> None:
        numbers = (self.latency, self.price_get, self.price_put, self.price_out)
        if (
            not all(0 <= number < math.inf for number in numbers)
            or not 0 < self.bandwidth < math.inf
            or not self.connections >= 1
        ):
            msg = (
                "latency and prices must be 0 or more, bandwidth more than 0 and "
                f"connections 1 or more, got {self}"
            )
            raise InvalidTypeError(msg)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What calls would take and cost.

    Attributes
    ----------
    seconds
        From the first request to the end of the last, without the time that the caller
        took between them.
    cost
        In dollars.
    nreads, nwrites, nlists, ndeletes
        Requests of each kind: GET or HEAD, PUT, LIST, and DELETE, which is free.
    nbytes_in, nbytes_out
        Bytes that are written and read.
    """

    seconds: float
    cost: float
    nreads: int
    nwrites: int
    nlists: int
    ndeletes: int
    nbytes_in: int
    nbytes_out: int

    @property
    def nrequests(self) -> int:
        """How many requests are made."""
        return self.nreads + self.nwrites + self.nlists + self.ndeletes


class _Requests(NamedTuple):
    """The requests of one call; listings and deletions follow each other."""

    nreads: int = 0
    nwrites: int = 0
    nlists: int = 0
    ndeletes: int = 0


def estimate(records: Iterable[Record], assumptions: Assumptions) -> Estimate:
    """Return what the calls would take and cost on an object store.

    Parameters
    ----------
    records
        The calls, in any order.
    assumptions
        How the store is.

    Notes
    -----
    The rules are `TIME_RULE` and `COST_RULE`. A batch makes a request for each key, close
    ranges are one request, a listing one for each 1,000 names, which follow each other.
    """
    ordered = sorted(records, key=lambda record: record.clock)
    requests = [_requests_of(record) for record in ordered]
    nreads, nwrites, nlists, ndeletes = (
        sum(each[kind] for each in requests) for kind in range(4)
    )
    nbytes_out = sum(record.nbytes_out for record in ordered)
    return Estimate(
        seconds=_replay(ordered, requests, assumptions),
        cost=(
            nreads / 1000 * assumptions.price_get
            + (nwrites + nlists) / 1000 * assumptions.price_put
            + nbytes_out / 1e9 * assumptions.price_out
        ),
        nreads=nreads,
        nwrites=nwrites,
        nlists=nlists,
        ndeletes=ndeletes,
        nbytes_in=sum(record.nbytes_in for record in ordered),
        nbytes_out=nbytes_out,
    )


_READS = frozenset({"get", "get_many", "get_partial_values", "exists", "getsize"})
_WRITES = frozenset({"set", "set_if_not_exists", "set_many"})
_LISTS = frozenset(
    {"list", "list_dir", "list_prefix", "list_entries", "scan", "getsize_prefix"}
)


def _requests_of(record: Record) -> _Requests:
    method = record.method
    nkeys = max(1, len(record.keys))
    npages = max(1, math.ceil(record.nitems / _PAGE))
    if method in _READS:
        found = _Requests(nreads=nkeys)
    elif method == "get_ranges":
        found = _Requests(nreads=_nranges(record))
    elif method in _WRITES:
        found = _Requests(nwrites=nkeys)
    elif method == "set_partial_values":
        # No object store writes a part: the value is read and written anew.
        found = _Requests(nreads=nkeys, nwrites=nkeys)
    elif method in _LISTS or method == "is_empty":
        found = _Requests(nlists=npages)
    elif method == "delete":
        found = _Requests(ndeletes=1)
    elif method in {"delete_dir", "clear"}:
        found = _Requests(nlists=1, ndeletes=1)
    else:
        found = _Requests()
    return found


def _nranges(record: Record) -> int:
    bounded = [each for each in record.byte_ranges if isinstance(each, RangeByteRequest)]
    merged = coalesce(bounded, max_gap_nbytes=_GAP_NBYTES, max_nbytes=_MERGED_NBYTES)
    return max(1, len(merged) + len(record.byte_ranges) - len(bounded))


def _replay(
    ordered: Sequence[Record], requests: Sequence[_Requests], assumptions: Assumptions
) -> float:
    """Return when the last request ends, if the first begins at 0."""
    ended = sorted(range(len(ordered)), key=lambda at: _end(ordered[at]))
    ends = [0.0] * len(ordered)
    free = [0.0]
    nended = 0
    ready = last = 0.0
    for at, record in enumerate(ordered):
        while nended < at and _end(ordered[ended[nended]]) <= record.clock:
            ready = max(ready, ends[ended[nended]])
            nended += 1
        ends[at] = _place(record, requests[at], assumptions, free, ready)
        last = max(last, ends[at])
    return last


def _end(record: Record) -> float:
    return record.clock + record.seconds


def _place(
    record: Record,
    requests: _Requests,
    assumptions: Assumptions,
    free: list[float],
    ready: float,
) -> float:
    """Give the requests of a call connections from `free`; return when they end."""
    at_once = max(requests.nreads, requests.nwrites)
    rounds = requests.nlists + requests.ndeletes
    rounds += (requests.nreads > 0) + (requests.nwrites > 0)
    if rounds == 0:
        return ready
    nbytes = record.nbytes_in + record.nbytes_out
    width = max(1, at_once)
    busy = rounds * assumptions.latency + nbytes / width / assumptions.bandwidth
    end = ready
    for _ in range(width):
        if free[0] > ready and len(free) < assumptions.connections:
            heapq.heappush(free, ready)
        begin = max(ready, free[0])
        end = max(end, begin + busy)
        heapq.heapreplace(free, begin + busy)
    return end
