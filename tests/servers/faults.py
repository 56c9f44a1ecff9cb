"""What a server was asked, and how it is told to fail."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.servers.damage import DAMAGES

__all__ = ["FAULTS", "Fault", "Faults", "Request"]

FAULTS = (
    "403",  # and any other status, as a number
    "short",  # the body breaks off before the length that was announced
    "whole",  # a range request is answered 200, with all bytes
    "hang",  # no answer for longer than a test waits
    "unheard",  # the connection is closed, and nothing was done
    "lost",  # what was asked for is done, and the connection is closed
    "500-after",  # what was asked for is done, and the answer is an error
    "again",  # the answer to the request before is sent once more
    *DAMAGES,
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that arrived."""

    method: str
    path: str
    query: str = ""
    range: str = ""


@dataclass(slots=True)
class Fault:
    """How to answer requests of a method (any if empty) for paths with a text in them.

    Attributes
    ----------
    kind
        One of `FAULTS`.
    query
        A text in the query.
    after, times
        How many such requests are answered right first, and how many wrong then.
    """

    kind: str
    method: str = ""
    path: str = ""
    query: str = ""
    after: int = 0
    times: float = math.inf
    nseen: int = 0

    def hits(self, request: Request) -> bool:
        """Take note of a request, and tell whether it is to be answered wrong."""
        meant = self.method in ("", request.method) and self.path in request.path
        if not meant or self.query not in request.query:
            return False
        self.nseen += 1
        return self.after < self.nseen <= self.after + self.times


@dataclass(slots=True)
class Faults:
    """The requests so far, and the faults that are switched on."""

    requests: list[Request] = field(default_factory=list)
    active: list[Fault] = field(default_factory=list)

    def fail(self, kind: object, **which: Any) -> None:
        """Switch a fault on: one of `FAULTS`; see `Fault` for `which` requests."""
        self.active.append(Fault(str(kind), **which))

    def meet(self, request: Request) -> str:
        """Note a request, and return the fault that it meets; empty if none."""
        self.requests.append(request)
        return next((fault.kind for fault in self.active if fault.hits(request)), "")

    def clear(self) -> None:
        """Forget the requests and switch all faults off."""
        self.requests.clear()
        self.active.clear()

    @property
    def counts(self) -> Counter[str]:
        """How many requests of each method arrived."""
        return Counter(request.method for request in self.requests)
