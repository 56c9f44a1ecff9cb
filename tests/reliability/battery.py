"""All measures, run one after the other, each in a folder of its own."""

import tempfile
import traceback
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from tests.reliability import (
    archives,
    machine,
    names,
    reads,
    remote,
    resources,
    secrets,
    writes,
)
from tests.reliability.figures import Effort, Figure
from tests.reliability.jail import jailed
from tests.reliability.measures import Measure

__all__ = ["MEASURES", "figures", "run"]

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for area in (names, writes, archives, reads, remote, resources, secrets, machine)
    for measure in area.MEASURES
}
"""Every measure, by its name."""


def figures(measure: Measure, system: str, place: Path, effort: Effort) -> list[Figure]:
    """Run one measure on one system, in the jail if it must."""
    if measure.jailed:
        found = jailed(measure.name, system, place, effort)
    else:
        found = list(measure.run(system, place, effort))
    if system in measure.unpromised:
        return [_unpromised(figure) for figure in found]
    return found


def _unpromised(figure: Figure) -> Figure:
    note = "; ".join(filter(None, ("not promised", figure.note)))
    return replace(figure, bar=None, note=note)


def run(effort: Effort, only: Collection[str] = ()) -> Iterator[Figure]:
    """Run the measures whose names, or the starts of them, are in `only`; all if empty.

    One that fails is a figure too, of a bar that is missed: the others still count.
    """
    for name, measure in MEASURES.items():
        if only and not name.startswith(tuple(only)):
            continue
        for system in measure.systems:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                try:
                    yield from figures(measure, system, Path(folder), effort)
                except Exception as error:  # noqa: BLE001 -- of any measure, on any system
                    traceback.print_exc()
                    yield Figure.counted(
                        measure.promises[0],
                        system,
                        f"failures of {name} itself",
                        bad=[str(error)[-200:]],
                        of=1,
                        bar=0,
                    )
