"""A power cut, simulated: a copy of the disk while somebody writes, opened elsewhere.

The disk is an image with ext4, mounted with ``commit=1``; what the kernel has not written
to it by then is not in the copy. What a real disk may do besides, lose or reorder what it
was sent and not told to keep, is not simulated.
"""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.reliability.apart import Forked, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.writes.lives import Script, count, judge, look, prepare, write_on
from tests.reliability.writes.mounts import ALONE, can_mount, disk_image, mounted

__all__ = ["power_cuts"]

_NBYTES = 128 * 2**20
_SCRIPT = Script(nkeys=64, largest=2**17)
# What promises to have on the disk what was acknowledged.
_DURABLE = ("zstore Local durable", "tensorstore file", "SQLite")


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def _cut(system: str, place: Path, ncuts: int, longest: float) -> Counter[str]:
    prepare(system)
    counted: Counter[str] = Counter()
    chance = random.Random(0)
    for _ in range(ncuts):
        disk_image(place / "disk", _NBYTES)
        with mounted(place / "disk", place / "on", "ext4", "loop,commit=1") as disk:
            (disk / "store").mkdir()
            _sync(disk)
            writer = Forked(partial(write_on, _SCRIPT, system, disk / "store", 0))
            writer.wait_for_a_line()
            time.sleep(chance.uniform(longest / 3, longest))
            writer.kill()
            acks = [(task, number) for task, number in writer.told()]
            copy = ["cp", "--sparse=always", f"{place}/disk", f"{place}/copy"]
            subprocess.run(copy, check=True)
        with mounted(place / "copy", place / "after", "ext4", "loop") as disk:
            found = look(_SCRIPT, system, disk / "store")
        counted["acknowledged"] += len(acks)
        if found is None:
            counted["reopen"] += 1
            continue
        counted += count(found.states, judge(_SCRIPT, {}, acks, 0))
        counted["keys"] += len({_SCRIPT.key(*ack) for ack in acks})
    return counted


def power_cuts(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Cut the power while four tasks write new values, replace them and delete them."""
    if not can_mount("ext4"):
        yield Figure(
            promise="W4",
            system=system,
            what="power cuts",
            value=0,
            bar=0,
            note="not tried: this user may not mount a disk",
        )
        return
    ncuts = effort.pick(1, 12)
    found = apart(_cut, system, place, ncuts, effort.pick(1.0, 6.0), within=ALONE)
    durable, ours = system in _DURABLE, system.startswith("zstore")
    for promise, what, bad, of, is_promised in (
        (
            "W4",
            "acknowledged writes and deletions that a power cut took",
            "lost",
            found["keys"],
            durable,
        ),
        ("W4", "values torn by a power cut", "torn", found["keys"], durable),
        ("W5", "values that a power cut left empty", "empty", found["keys"], durable),
        ("W4", "power cuts after which it did not open", "reopen", ncuts, durable or ours),
    ):
        bar = 0 if is_promised else None
        value = found[bad]
        yield Figure(promise=promise, system=system, what=what, value=value, of=of, bar=bar)
