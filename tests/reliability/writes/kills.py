"""Writers killed at random moments: what was acknowledged is there, and all is whole."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.reliability.apart import Forked, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.writes.lives import (
    Script,
    State,
    count,
    judge,
    look,
    prepare,
    write_on,
)

__all__ = ["kill_writers", "kills"]

# Seconds between the first acknowledged write and the kill.
_LONGEST_LIFE = 0.1


def kill_writers(script: Script, system: str, place: Path, nkills: int) -> Counter[str]:
    """Kill a writer again and again, and count what is found afterwards."""
    prepare(system)
    counted: Counter[str] = Counter()
    before: dict[str, State] = {}
    chance = random.Random(0)
    for life in range(nkills):
        place.mkdir(exist_ok=True)
        first = (life + 1) * 10**6
        writer = Forked(partial(write_on, script, system, place, first))
        writer.wait_for_a_line()
        time.sleep(chance.uniform(0, _LONGEST_LIFE))
        writer.kill()
        acks = [(task, number) for task, number in writer.told()]
        counted["acknowledged"] += len(acks) * script.per_commit
        found = look(script, system, place)
        if found is None:
            counted["reopen"] += 1
            shutil.rmtree(place)
            before = {}
            continue
        counted += count(found.states, judge(script, before, acks, first))
        counted["foreign"] += bool(found.foreign)
        before = found.states
    return counted


def kills(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Kill writers of values of 1 KiB to 1 MiB, four tasks in each."""
    nkills = effort.pick(3, 200)
    found = apart(kill_writers, Script(), system, place / "killed", nkills)
    for promise, what, bad, of in (
        ("W1", "torn or empty values after a kill", found["torn"] + found["empty"], None),
        ("W2", "acknowledged writes lost by a kill", found["lost"], found["acknowledged"]),
        ("W2", "kills after which it did not open", found["reopen"], nkills),
        ("W3", "kills after which unfinished files were listed", found["foreign"], nkills),
    ):
        yield Figure(promise=promise, system=system, what=what, value=bad, of=of, bar=0)
    yield Figure(
        promise="W2",
        system=system,
        what="writes acknowledged before a kill",
        value=found["acknowledged"],
        bar=effort.pick(nkills, 5000),
        least=True,
    )
