"""Measure zstore on a GPU beside zarr and beside bare copies, and write it down."""

import argparse
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.gpu import (
    ceilings,
    costs,
    counting,
    files,
    holding,
    imports,
    promises,
    reading,
    writing,
)
from tests.benchmarks.gpu.devices import CudaDevice, Device
from tests.benchmarks.gpu.report import dated, machine, print_table, write
from tests.benchmarks.gpu.session import Options, OutOfTime, Session
from tests.benchmarks.gpu.ways import Way, ZarrWay, ZstoreWay
from tests.records import BENCHMARKS
from zstore.gpu import require, status

__all__ = ["main"]

# The first large value comes first, and what is wrong shows before what is slow.
STEPS: dict[str, Callable[[Session], None]] = {
    "holding": holding.run,
    "check": counting.check,
    "promises": promises.run,
    "writing": writing.run,
    "reading": reading.run,
    "counting": counting.run,
    "files": files.run,
    "imports": imports.run,
    "ceilings": ceilings.run,
    "costs": costs.run,
}


def _device(*, rehearse: bool) -> Device:
    if not rehearse:
        return CudaDevice(require())
    # It stands on pytest, which nothing else here needs.
    from tests.benchmarks.gpu.rehearsal import SimulatedDevice  # noqa: PLC0415

    return SimulatedDevice()


def _ways(device: Device, names: list[str], notes: list[str]) -> list[Way]:
    ways: list[Way] = []
    for name, way in (("zarr", ZarrWay), ("zstore", ZstoreWay)):
        if name in names:
            try:
                ways.append(way(device))
            except ImportError as error:
                notes.append(f"{name} was not measured: {error}")
    return ways


def _measure(session: Session, steps: list[str]) -> None:
    for name in steps:
        if session.left() <= 0:
            session.notes.append(f"{name} was left out: the budget is used up")
            continue
        try:
            STEPS[name](session)
        except OutOfTime:
            session.notes.append(f"{name} was cut short: the budget is used up")
        except Exception as error:  # noqa: BLE001 -- kept, and the other steps go on
            session.fail(f"{name}: {type(error).__name__}: {error}")
        session.device.trim()


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.benchmarks.gpu", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=STEPS, default=[], help="some steps")
    parser.add_argument(
        "--ways", nargs="+", choices=("zarr", "zstore"), default=["zarr", "zstore"]
    )
    parser.add_argument("--rounds", type=int, help="5 by default")
    parser.add_argument("--budget-s", type=float, help="seconds; 420 by default")
    parser.add_argument("--out", type=Path, help="the file to write")
    parser.add_argument("--results", type=Path, default=BENCHMARKS, help="where it goes")
    parser.add_argument("--git", help="the commit, where the sources are in no repository")
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="run a little of everything on a simulation in host memory; writes no file",
    )
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the steps that were asked for, all by default.

    Parameters
    ----------
    given
        The arguments; None for those of the process.

    Returns
    -------
    int
        The exit code: 1 if something failed; a missed target is no failure.
    """
    arguments = _arguments(given)
    found = status()
    print(f"rehearsal on a simulation, not a GPU; {found}" if arguments.rehearse else found)
    if not (found.available or arguments.rehearse):
        print("nothing was measured")
        return 0
    warnings.filterwarnings("ignore", message=r".*__cuda_array_interface__.*")
    options = Options.for_rehearsal() if arguments.rehearse else Options()
    options = replace(
        options,
        rounds=arguments.rounds or options.rounds,
        budget_s=arguments.budget_s or options.budget_s,
    )
    device = _device(rehearse=arguments.rehearse)
    session = Session(options, device, [])
    session.ways += _ways(device, arguments.ways, session.notes)
    about = {**machine(found, arguments.git), **device.facts()}
    path = arguments.out or dated(arguments.results, found, *arguments.only)
    with tempfile.TemporaryDirectory() as nowhere:
        if arguments.rehearse:
            path = Path(nowhere) / "rehearsal.json"
        session.flush = lambda: write(path, session, about)
        _measure(session, arguments.only or list(STEPS))
        session.flush()
    session.close()
    print_table(session)
    session.say("no file was kept" if arguments.rehearse else f"written to {path}")
    return 1 if session.failures else 0
