"""Z6: archives that lie."""

import resource
import signal
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.reliability.apart import Forked, Tell
from tests.reliability.archives.readers import READERS, Answer
from tests.reliability.archives.samples import SAMPLES, Sample
from tests.reliability.figures import Effort, Figure
from zstore.keys import is_key

__all__ = ["read_hostile"]

_LIMIT_S = 60
# No value of any sample has more bytes than a page or two.
_SPARE_NBYTES = 64 * 2**20
_MEMORY_NBYTES = 6 * 2**30

_HARMS = {
    "SILENT": "a wrong value, or a part, without a word",
    "NAMES": "offers what is no key",
    "MEMORY": "takes more than 64 MiB",
    "HANG": f"no answer in {_LIMIT_S} s",
    "DIED": "ends the process",
}


def read_hostile(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Read every archive in a process of its own, and count the harm by its kind."""
    samples = {
        name: sample
        for name, sample in SAMPLES.items()
        if effort.pick(not sample.is_slow, long=True)
    }
    harms: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for name, sample in samples.items():
        path = place / "a.zip"
        path.write_bytes(sample.make())
        for harm in _harms(system, path, sample):
            harms[harm] += 1
            examples.setdefault(harm, []).append(name)
    for harm, what in _HARMS.items():
        yield Figure(
            promise="Z6",
            system=system,
            what=f"hostile archives: {what}",
            value=harms[harm],
            of=len(samples),
            bar=0,
            note=", ".join(examples.get(harm, [])),
        )


def _harms(system: str, path: Path, sample: Sample) -> list[str]:
    start = time.monotonic()
    child = Forked(partial(_report, system, path, sample))
    told = child.told()
    if child.ended_well:
        return [harm for line in told for harm in line]
    return ["HANG" if time.monotonic() - start >= _LIMIT_S else "DIED"]


async def _report(system: str, path: Path, sample: Sample, tell: Tell) -> None:
    """Read, in a process that nobody misses."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_LIMIT_S)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_NBYTES, _MEMORY_NBYTES))
    warnings.simplefilter("ignore")
    before = _peak_nbytes()
    try:
        answer = await READERS[system](path)
    except Exception as error:  # noqa: BLE001 -- the archive is refused
        answer = {"": error}
    harms = set(_judge(answer, sample))
    if _peak_nbytes() - before > _SPARE_NBYTES:
        harms.add("MEMORY")
    tell(sorted(harms))


def _judge(answer: Answer, sample: Sample) -> Iterator[str]:
    for key, value in answer.items():
        if isinstance(value, MemoryError):
            yield "MEMORY"
        elif not is_key(key) and not isinstance(value, Exception):
            yield "NAMES"
        elif not isinstance(value, Exception) and value != sample.truth.get(key):
            yield "SILENT"
    if not any(isinstance(value, Exception) for value in answer.values()):
        expected = {key for key, value in sample.truth.items() if value is not None}
        if not expected <= set(answer):
            yield "SILENT"


def _peak_nbytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
