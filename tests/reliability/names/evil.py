"""N1, N2, N5: what happens where a text is no key."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle
from tests.reliability.names.evil_keys import evil_keys, is_prefix
from tests.reliability.names.operations import (
    CHANGING,
    LISTING,
    OPERATIONS,
    VALUE,
    operations_of,
)
from tests.reliability.names.scene import KEYS, Scene
from tests.reliability.names.trying import LIMIT_S, Outcome, run, tried
from zstore.keys import is_key

__all__ = ["refusals"]

_HARMS = {
    "ESCAPE": "read, listed or changed outside of the root",
    "ALIAS": "silently another key",
    "LOST": "taken and not there",
    "WIDE": "deleted more than named",
    "HANG": f"no answer in {LIMIT_S:.0f} s",
}
_FEW = ("get", "set", "delete", "delete_dir", "list_dir")


def refusals(system: str, place: Path, effort: Effort) -> Iterable[Figure]:
    """Hand every evil key to every call, and count the harm by its kind."""
    scene = Scene(system, place)
    keys = evil_keys(scene.root, scene.outside)
    todo = [
        (key, name)
        for key in effort.pick((*keys[::3], ""), keys)
        for name in effort.pick(_FEW, OPERATIONS)
    ]
    found = _Found()
    run(found.gather(scene, list(todo)))
    for name, what in _HARMS.items():
        yield Figure(
            promise="N5" if name == "WIDE" else "N1",
            system=system,
            what=what,
            value=found.harms[name],
            of=len(todo),
            bar=0,
            note=found.examples.get(name, ""),
        )
    yield Figure(
        promise="N2",
        system=system,
        what="kinds of answer to what is no key",
        value=len(found.kinds),
        bar=1,
        note=", ".join(sorted(found.kinds)),
    )


class _Found:
    """What was counted.

    Attributes
    ----------
    harms
        How often each did happen; an empty name counts the calls that did none.
    examples
        A call for each.
    kinds
        Errors that were raised where a text is no key, and ``"no error"``.
    """

    def __init__(self) -> None:
        self.harms: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.kinds: set[str] = set()

    async def gather(self, scene: Scene, todo: list[tuple[str, str]]) -> None:
        """Make the calls, on a new store after each that changed something."""
        while todo:
            async with scene.opened() as handle:
                is_fresh = True
                while todo and is_fresh:
                    is_fresh = await self._one(scene, handle, *todo.pop())

    async def _one(self, scene: Scene, handle: Handle, key: str, name: str) -> bool:
        """Make one call; tell whether the store is as it was."""
        outcome = await tried(operations_of(handle)[name](key))
        takes_prefix = name in (*LISTING, "delete_dir")
        if not is_key(key) and not (is_prefix(key) and takes_prefix):
            self.kinds.add(outcome.error or "no error")
        is_fresh = not outcome.hung
        if outcome.hung:
            harm = "HANG"
        elif name not in CHANGING:
            harm = _of_reading(scene, name, key, outcome.answer)
        elif not scene.root.is_dir():
            harm, is_fresh = "WIDE", False
        elif scene.is_harmed():
            harm, is_fresh = "ESCAPE", False
        else:
            after = await scene.contents(handle)
            harm, is_fresh = _of_change(name, key, after, outcome), after == KEYS
        self.harms[harm] += 1
        self.examples.setdefault(harm, f"{name}({key[:50]!r})")
        return is_fresh


def _of_reading(scene: Scene, name: str, key: str, answer: Any) -> str:
    if not answer or (name in LISTING and is_prefix(key)):
        return ""
    if name in LISTING:
        known = {*KEYS, *(part for other in KEYS for part in other.split("/"))}
        return "ALIAS" if set(answer) <= known else "ESCAPE"
    return "ESCAPE" if os.path.lexists(scene.path_outside(key)) else "ALIAS"


def _of_change(name: str, key: str, after: dict[str, bytes], outcome: Outcome) -> str:
    gone = {other for other in KEYS if other not in after}
    if name == "delete":
        return "" if not gone else "ALIAS" if len(gone) == 1 else "WIDE"
    if name == "delete_dir":
        folder = f"{key.removesuffix('/')}/" if key else ""
        return "WIDE" if any(not other.startswith(folder) for other in gone) else ""
    if outcome.error:
        return "ALIAS" if after != KEYS else ""
    if after == {**KEYS, key: VALUE}:
        return ""
    return "LOST" if after == KEYS else "ALIAS"
