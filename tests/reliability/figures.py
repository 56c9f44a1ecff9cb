"""What a measure answers: numbers, with the bar that each has to meet."""

import enum
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self, TypeVar

from zstore._compat import override

__all__ = ["Effort", "Figure"]

T = TypeVar("T")


class Effort(enum.Enum):
    """How much is tried: a test has seconds for it, the battery minutes."""

    SHORT = "short"
    LONG = "long"

    def pick(self, short: T, long: T) -> T:
        """Choose by the effort."""
        return short if self is Effort.SHORT else long


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of one system.

    Attributes
    ----------
    promise
        Its sign in `tests.reliability.promises`: ``"W1"``.
    system
        Name in `tests.reliability.systems`.
    what
        What was counted or measured: ``"torn values"``.
    value
        The number; of what is counted, how many were bad.
    of
        Out of how many; None for what is measured.
    bar
        The most that `value` may be for zstore, or the least if `least`; None if there is
        none, as for what is said beside a figure.
    unit
        Of `value`: ``"ms"``; empty for counts.
    least
        Whether `bar` is the least.
    note
        What a reader of the table needs to know; one line.
    """

    promise: str
    system: str
    what: str
    value: float
    of: int | None = None
    bar: float | None = None
    unit: str = ""
    least: bool = False
    note: str = ""

    @classmethod
    def counted(
        cls,
        promise: str,
        system: str,
        what: str,
        *,
        bad: Collection[str],
        of: int,
        bar: float | None = None,
    ) -> Self:
        """Return the number of what was bad, with the names of it as the note."""
        return cls(
            promise=promise,
            system=system,
            what=what,
            value=len(bad),
            of=of,
            bar=bar,
            note=", ".join(bad),
        )

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None without one."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.least else self.value <= self.bar

    @property
    def number(self) -> str:
        """``0 / 200`` or ``1.5 ms``."""
        of = "" if self.of is None else f" / {self.of:,}"
        return f"{self.value:.4g}{of} {self.unit}".rstrip()

    @override
    def __str__(self) -> str:
        """``0 / 200 torn values``."""
        return f"{self.number} {self.what}"
