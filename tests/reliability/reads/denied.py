"""R4: what may not be read is not missing, and what may not be written is not written.

It runs in the jail, not for its keys: to root nothing is denied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.reliability.figures import Effort, Figure
from tests.reliability.names.operations import CHANGING, LISTING, operations_of
from tests.reliability.names.scene import Scene
from tests.reliability.names.trying import Outcome, run, tried

__all__ = ["denied"]

# What is denied, the mode it gets, and the calls that need more. Whether there is a file
# may be told without reading it.
_CASES = (
    ("a", 0o000, [("get", "a")]),
    (
        "b",
        0o000,
        [
            *((name, "b/c") for name in ("get", "exists", "getsize", "delete")),
            *((name, "b/new") for name in ("set", "create")),
            *((name, "b") for name in ("delete_dir", *LISTING)),
            ("list_prefix", ""),
        ],
    ),
    # Its names cannot be read; what is below them can.
    ("b", 0o300, [("list_dir", "b"), ("list_prefix", "b")]),
)
_MISSING = {"FileNotFoundError", "KeyNotFoundError", "NotFoundError"}
_BELOW = "b/c"


def denied(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Make calls on files and folders without their permissions."""
    del effort  # these are few
    yield Figure.counted(
        "R4",
        system,
        "calls that take what is denied for missing or done",
        bad=run(_taken(Scene(system, place))),
        of=sum(len(calls) for _, _, calls in _CASES),
        bar=0,
    )


async def _taken(scene: Scene) -> list[str]:
    taken: list[str] = []
    for name, mode, calls in _CASES:
        for operation, text in calls:
            async with scene.opened() as handle:
                with _without_permission(scene.folder / name, mode):
                    outcome = await tried(operations_of(handle)[operation](text))
                if not _is_honest(operation, outcome):
                    taken.append(f"{operation} {text} of {mode:o}")
    return taken


@contextmanager
def _without_permission(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


def _is_honest(operation: str, outcome: Outcome) -> bool:
    if outcome.error or outcome.hung:
        return outcome.error not in _MISSING and not outcome.hung
    answer: Any = outcome.answer
    if operation in CHANGING:
        return False
    if operation in LISTING:
        return any(_BELOW.endswith(one) for one in answer)
    return answer not in (None, False)
