"""Drivers of a planner that list a key space in no time: a heap of answers is the clock.

`Stream` lists as one process does, with a number of requests in flight; `slices` as a
cluster does, with tasks of some pages each.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from tests.inventory.planning.key_spaces import KeySpace
from zstore.errors import BackendError
from zstore.inventory.planning import Lease, Pace, Planner
from zstore.inventory.scanning.patience import Patience

__all__ = ["LATENCY", "Run", "Server", "list_at_once", "list_by_slices"]

# Seconds a page of 1,000 keys takes, as measured on S3 by the authors of s3-fast-list.
LATENCY = 0.082


@dataclass
class Run:
    """What a listing took.

    Attributes
    ----------
    nkeys, nrequests, nrefused, ntasks
        Keys counted, requests sent, how many of these were answered "slow down", and tasks
        on a cluster.
    seconds, busy
        Of the virtual clock, and of all requests together.
    """

    nkeys: int = 0
    nrequests: int = 0
    nrefused: int = 0
    ntasks: int = 0
    seconds: float = 0.0
    busy: float = 0.0

    @property
    def parallelism(self) -> float:
        """How many requests were in flight on average."""
        return self.busy / self.seconds


@dataclass
class Server:
    """Answers after `latency()` seconds with `page_nkeys` keys.

    Above `rate` requests a second it refuses.
    """

    latency: Callable[[], float] = lambda: LATENCY
    rate: float = float("inf")
    page_nkeys: int = 1_000
    tokens: float = 1.0
    filled: float = 0.0

    def accepts(self, now: float) -> bool:
        """Take one of the tokens that drip into a bucket for a tenth of a second."""
        if self.rate == float("inf"):
            return True
        bucket = max(1.0, self.rate / 10)
        self.tokens = min(bucket, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        accepted = self.tokens >= 1
        self.tokens -= accepted
        return accepted


class _Ends:
    """Numbers of keys, looked up once each."""

    def __init__(self, space: KeySpace) -> None:
        self.space = space
        self.known: dict[str | None, int] = {None: len(space), "": 0}

    def __getitem__(self, key: str | None) -> int:
        if key is not None and key not in self.known:
            self.known[key] = self.space.rank(key)
        return self.known[key]


class _Process:
    """One process with `nslots` requests in flight at most."""

    def __init__(
        self,
        space: KeySpace,
        planner: Planner,
        nslots: int,
        server: Server,
        pace: Pace | None,
    ) -> None:
        self.space, self.planner, self.server, self.pace = space, planner, server, pace
        self.patience = Patience(planner)
        self.nrests = 0
        self.nslots = nslots
        self.run = Run()
        self.ends = _Ends(space)
        self.starts: dict[Lease, int] = {}
        self.answers: list[tuple[float, int, Lease, float, bool]] = []
        self.going_on: deque[Lease] = deque()

    @property
    def limit(self) -> int:
        return self.nslots if self.pace is None else self.pace.limit

    def ask(self, lease: Lease) -> None:
        """Send the request for the next page of a lease."""
        now, seconds = self.run.seconds, self.server.latency()
        accepted = self.server.accepts(now)
        self.run.nrequests += 1
        self.run.nrefused += not accepted
        self.run.busy += seconds
        serial = self.run.nrequests
        heappush(self.answers, (now + seconds, serial, lease, seconds, accepted))

    def fill(self) -> None:
        """Send requests while more may be in flight."""
        while (idle := self.limit - len(self.answers)) > 0:
            if self.going_on:
                self.ask(self.going_on.popleft())
                continue
            lease = self.planner.take(idle)
            if lease is None:
                return
            self.starts[lease] = self.ends[lease.after]
            self.ask(lease)

    def page(self, lease: Lease) -> bool:
        """Tell the planner of the next page; return whether the lease goes on."""
        start, size = self.starts[lease], len(self.space)
        stop = min(start + self.server.page_nkeys, size)
        more = True
        if start < stop:
            nkeys = max(0, min(stop, self.ends[lease.until]) - start)
            self.run.nkeys += nkeys
            first, last = self.space.key(start), self.space.key(stop - 1)
            more = self.planner.page(lease, first, last, nkeys)
            self.starts[lease] = stop
        if more and stop == size:
            self.planner.finish(lease)
            more = False
        return more

    def step(self) -> None:
        """Receive one answer, or let a lease go on that had a rest."""
        self.run.seconds, _, lease, seconds, accepted = heappop(self.answers)
        if not seconds:
            self.planner.give_back(lease)
        elif accepted:
            self.patience.succeeded()
            if self.pace is not None:
                self.pace.answered(seconds)
            if self.page(lease):
                self.going_on.append(lease)
        else:
            self.refused(lease)
        self.fill()

    def refused(self, lease: Lease) -> None:
        """Let a lease rest, which takes the place of a request."""
        pause = self.patience.failed(lease, BackendError("", "503"))
        if pause is None:
            return
        if self.pace is not None:
            self.pace.throttled()
        self.nrests += 1
        rested = self.run.seconds + pause
        heappush(self.answers, (rested, -self.nrests, lease, 0.0, True))


def list_at_once(
    space: KeySpace,
    planner: Planner,
    nslots: int,
    *,
    server: Server | None = None,
    pace: Pace | None = None,
    npages: int | None = None,
) -> Run:
    """List what a planner has left, with `nslots` requests in flight.

    After `npages` pages no more requests are sent, and all leases are given back.
    """
    process = _Process(space, planner, nslots, server or Server(), pace)
    process.fill()
    while process.answers:
        if npages is not None and process.run.nrequests >= npages:
            process.nslots = 0
        process.step()
    for lease in process.going_on:
        planner.give_back(lease)
    return process.run


def list_by_slices(
    space: KeySpace,
    planner: Planner,
    nslots: int,
    *,
    most: int = 64,
    server: Server | None = None,
) -> Run:
    """List by tasks on `nslots` threads of a cluster.

    A task lists pages one after the other: as many as were listed of its range before, at
    least one and not more than `most`. It is never told anything while it runs.
    """
    server = server or Server()
    run, ends, page = Run(), _Ends(space), server.page_nkeys
    tasks: list[tuple[float, int, Lease, str | None, int]] = []
    while True:
        while nslots > len(tasks):
            lease = planner.take(nslots - len(tasks))
            if lease is None:
                break
            run.ntasks += 1
            npages = planner.budget(lease, nslots, most)
            # The page with the first key after the end of the range is the last.
            needed = (ends[lease.until] - ends[lease.after]) // page + 1
            seconds = sum(server.latency() for _ in range(min(npages, needed)))
            run.nrequests += min(npages, needed)
            run.busy += seconds
            heappush(tasks, (run.seconds + seconds, run.ntasks, lease, lease.until, npages))
        if not tasks:
            return run
        run.seconds, _, lease, until, npages = heappop(tasks)
        start, end = ends[lease.after], ends[until]
        stop = min(start + npages * page, end)
        run.nkeys += stop - start
        if start < stop:
            first, last = space.key(start), space.key(stop - 1)
            ends.known[last] = stop
            if not planner.page(lease, first, last, stop - start):
                continue
        if stop - start < npages * page:
            planner.finish(lease)
        else:
            planner.give_back(lease)
