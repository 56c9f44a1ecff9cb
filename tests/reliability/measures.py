"""A measure: how one promise is tried on one system."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.figures import Effort, Figure

__all__ = ["Measure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How one promise is tried.

    Attributes
    ----------
    name
        Unique: ``"writes.kills"``.
    promises
        What it tries: signs in `tests.reliability.promises`.
    systems
        Names of what it is run on, ours and the peers.
    run
        Takes the name of a system, an empty folder and an effort. It is a plain function,
        at the top of a module so that a child process can find it by its name.
    jailed
        Whether it runs in the jail only: it hands hostile keys to a store.
    unpromised
        Those of ours among `systems` that do not keep the promise, as the docs say: their
        figures have no bar.
    """

    name: str
    promises: tuple[str, ...]
    systems: tuple[str, ...]
    run: Callable[[str, Path, Effort], Iterable[Figure]]
    jailed: bool = False
    unpromised: tuple[str, ...] = ()
