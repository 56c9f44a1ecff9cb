"""The state machine of all stores: where a process dies, and where keys are evil.

In `kills` the calls are made in a child; when it is killed, the store that is opened next
holds what was acknowledged, or one call more. In `evil` the machine of all stores runs on
files, in the jail.
"""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

import zstore
from tests.reliability.apart import Forked, Tell, apart
from tests.reliability.figures import Effort, Figure
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.measures import Measure
from tests.reliability.systems import opened
from zstore._compat import override
from zstore.errors import KeyConflictError
from zstore.testing.model import store_model

__all__ = ["MEASURES", "KilledStore"]

Step: TypeAlias = tuple[str, str, int]
"""A call, its key, and the byte that its value is made of."""
State: TypeAlias = dict[str, bytes]

_QUIET = settings(
    phases=[Phase.generate],
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    stateful_step_count=15,
)
# None lies below another, so that files can hold all of them.
_KEYS = st.sampled_from(["a", "b/a", "b/b", "b/c/a", "é"])
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "create", "delete", "delete_dir"]),
        _KEYS,
        st.integers(1, 255),
    ),
    min_size=1,
    max_size=8,
)
_FOLDER = "b"
# Large enough that some kills come in the middle of it.
_NBYTES = 50_000


def _after(step: Step, state: State) -> State:
    """Return what a store holds after a call."""
    name, key, byte = step
    match name:
        case "set":
            return {**state, key: bytes([byte]) * _NBYTES}
        case "create":
            return {key: bytes([byte]) * _NBYTES, **state}
        case "delete":
            return {other: value for other, value in state.items() if other != key}
        case _:
            start = f"{_FOLDER}/"
            return {k: value for k, value in state.items() if not k.startswith(start)}


async def _do(handle: Handle, step: Step) -> None:
    name, key, byte = step
    match name:
        case "set":
            await handle.set(key, bytes([byte]) * _NBYTES)
        case "create":
            await handle.create(key, bytes([byte]) * _NBYTES)
        case "delete":
            await handle.delete(key)
        case _:
            assert isinstance(handle, ZStoreHandle)
            await handle.store.delete_dir(_FOLDER)
    await handle.commit()


async def _serve(system: str, place: Path, pipe: tuple[int, int], tell: Tell) -> None:
    """Open a store, say what is in it, and make the calls that are asked for."""
    hears, asks = pipe
    # Else the end never comes.
    os.close(asks)
    async with opened(system, place) as handle:
        found = {key: await handle.get(key) or b"" for key in await handle.keys()}
        tell({key: value.hex() for key, value in found.items()})
        with os.fdopen(hears, "rb") as lines:
            # Nothing else happens in this loop while it waits.
            for line in lines:
                for step in json.loads(line):
                    await _do(handle, tuple(step))
                    tell("done")


class KilledStore(RuleBasedStateMachine):
    """A store in a process that is killed, and a dict of what it must hold."""

    system: str
    place: Path
    faults: list[str]
    nlives: int

    def __init__(self) -> None:
        super().__init__()
        # Examples come one after the other, each with a store of its own.
        self._folder = self.place / str(self.nlives)
        self._folder.mkdir()
        self._may: list[State] = [{}]
        self._steps: list[Step] = []
        self._live()

    def _live(self) -> None:
        """Start a process, which opens the store."""
        type(self).nlives += 1
        pipe = hears, self._asks = os.pipe()
        self._child = Forked(partial(_serve, self.system, self._folder, pipe))
        os.close(hears)

    def _look(self, told: list[Any]) -> None:
        """Compare what a process found with what it must have found."""
        if not told:
            self.faults.append("it did not open")
            return
        found = {key: bytes.fromhex(value) for key, value in told[0].items()}
        if found not in self._may:
            has = {key: (len(v), v[:1]) for key, v in found.items()}
            self.faults.append(f"{has} after {self._steps}")

    @rule(steps=_STEPS, acks=st.integers(0, 8))
    def kill(self, steps: list[Step], acks: int) -> None:
        """Ask for some calls, and kill the process after some answers."""
        os.write(self._asks, json.dumps(steps).encode() + b"\n")
        # The first answer says what was found.
        for _ in range(1 + min(acks, len(steps))):
            self._child.wait_for_a_line()
        self._child.kill()
        self._end(steps)

    @rule(steps=_STEPS)
    def close(self, steps: list[Step]) -> None:
        """Ask for some calls, and close the store."""
        os.write(self._asks, json.dumps(steps).encode() + b"\n")
        self._end(steps)
        if len(self._may) > 1:
            self.faults.append(f"not all of {steps} were made")

    def _end(self, steps: list[Step]) -> None:
        os.close(self._asks)
        told = self._child.told()
        self._look(told)
        self._steps += steps
        if told:
            # From what was found on; for each call that was acknowledged one state.
            state = {key: bytes.fromhex(value) for key, value in told[0].items()}
            nacks = len(told) - 1
            for step in steps[:nacks]:
                state = _after(step, state)
            rest = steps[nacks:][:1]
            self._may = [state, *(_after(step, state) for step in rest)]
        self._live()

    @override
    def teardown(self) -> None:
        os.close(self._asks)
        self._look(self._child.told())


def _play(system: str, place: Path, nexamples: int) -> tuple[list[str], int]:
    class Machine(KilledStore):
        faults: list[str] = []  # noqa: RUF012 -- of this run
        nlives = 0

    Machine.system, Machine.place = system, place
    chosen = settings(_QUIET, max_examples=nexamples)
    run_state_machine_as_test(Machine, settings=chosen)
    return Machine.faults, Machine.nlives


def kills(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Kill the process of a store between any two calls, and in them."""
    faults, nlives = apart(_play, system, place, effort.pick(2, 100))
    yield Figure(
        promise="Z2" if system == "zstore Zip" else "W2",
        system=system,
        what="stores that were not as acknowledged, or one call further",
        value=len(faults),
        of=nlives,
        bar=0,
        note=faults[0][:200] if faults else "",
    )


_STORES: dict[str, Callable[[Path], zstore.Store]] = {
    "zstore Local": zstore.LocalStore,
    "zstore Zip": lambda place: zstore.ZipStore(place / "a.zip", mode="a"),
    "zstore Memory": lambda _: zstore.MemoryStore(),
    "zstore Fsspec(local)": lambda place: zstore.FsspecStore.from_url(f"file://{place}"),
    "zstore Prefix": lambda place: zstore.PrefixStore(zstore.LocalStore(place), "some/p"),
}


def evil(system: str, place: Path, effort: Effort) -> Iterator[Figure]:
    """Run the machine of all stores with texts that are no keys, over files."""
    folders = iter(range(10**6))

    def make() -> zstore.Store:
        folder = place / str(next(folders))
        folder.mkdir()
        return _STORES[system](folder)

    failed: list[str] = []
    chosen = settings(
        _QUIET, max_examples=effort.pick(10, 200), stateful_step_count=effort.pick(15, 50)
    )
    try:
        run_state_machine_as_test(store_model(make, hostile=True), settings=chosen)
    except (AssertionError, KeyConflictError, ExceptionGroup) as error:
        failed.append(repr(error))
    yield Figure(
        promise="N2",
        system=system,
        what="runs of the state machine that failed",
        value=len(failed),
        of=1,
        bar=0,
        note=failed[0][:200] if failed else "",
    )


MEASURES = (
    Measure(
        name="machine.kills",
        promises=("W2", "Z2"),
        systems=("zstore Local", "zstore Local durable", "zstore Zip"),
        run=kills,
    ),
    Measure(
        name="machine.evil",
        promises=("N1", "N2"),
        systems=tuple(_STORES),
        run=evil,
        jailed=True,
    ),
)
"""The state machine as measures."""
