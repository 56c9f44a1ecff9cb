"""What a server was asked, and how it is told to fail."""

from collections import Counter
from dataclasses import dataclass, field

__all__ = ["FAULTS", "Fault", "Faults", "Request"]

FAULTS = (
    "403",  # and any other status, as a number
    "short",  # the body breaks off before the length that was announced
    "whole",  # a range request is answered 200, with all bytes
    "hang",  # no answer for longer than a test waits
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that arrived."""

    method: str
    path: str
    query: str = ""
    range: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """How to answer requests of a method (any if empty) for paths with a text in them."""

    kind: str
    method: str = ""
    path: str = ""

    def hits(self, request: Request) -> bool:
        """Tell whether the request is to be answered wrong."""
        return self.method in ("", request.method) and self.path in request.path


@dataclass(slots=True)
class Faults:
    """The requests so far, and the faults that are switched on."""

    requests: list[Request] = field(default_factory=list)
    active: list[Fault] = field(default_factory=list)

    def fail(self, kind: object, *, method: str = "", path: str = "") -> None:
        """Switch a fault on: one of `FAULTS`."""
        self.active.append(Fault(str(kind), method, path))

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
