"""The server in a process of its own, so that its CPU time is not that of a client."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import Request, urlopen

from tests.servers.listing.behaviour import Counts
from tests.servers.listing.clients import Address
from tests.servers.listing.server import CONTROL

__all__ = ["ListingProcess"]

_ROOT = Path(__file__).parents[3]


class ListingProcess(Address):
    """``python -m tests.servers.listing``, as a context manager.

    Its buckets are named ``nested-1000000``: a shape and a number of keys.

    Parameters
    ----------
    latency
        Seconds before any answer.

    Attributes
    ----------
    returncode
        How the process ended, once it has.
    """

    def __init__(self, *, latency: float = 0) -> None:
        self._latency = latency

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.servers.listing"]
        self._process = subprocess.Popen(
            [*command, "--latency", str(self._latency)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self._process.wait()
            msg = f"the server ended with {self._process.returncode} before it was asked"
            raise RuntimeError(msg)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The end of its standard input ends it; nobody has to know a signal.
        self._process.communicate()
        self.returncode = self._process.returncode

    def _ask(self, what: str, given: dict[str, Any] | None = None) -> dict[str, int]:
        body = None if given is None else json.dumps(given).encode()
        request = Request(f"{self.url}/{CONTROL}/{what}", data=body)  # noqa: S310 -- its own server
        with urlopen(request) as answer:  # noqa: S310 -- its own server
            found: dict[str, int] = json.load(answer)
        return found

    def counts(self) -> Counts:
        """Return what arrived since `reset`."""
        return Counts(**self._ask("counts"))

    def reset(self) -> None:
        """Count from nothing."""
        self._ask("reset", {})

    def behave(self, **attributes: float | None) -> None:
        """Set attributes of `Behaviour`: latency, slow_down_share, rate."""
        self._ask("behave", attributes)

    def fail(self, kind: str, **arguments: float) -> None:
        """Answer listings wrong; see `Behaviour.fail`."""
        self._ask("fail", {"kind": kind, **arguments})
