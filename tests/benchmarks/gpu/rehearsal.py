"""The device of a rehearsal, simulated in host memory: not a GPU, and no figure of one."""

import gc
from collections.abc import Sequence
from typing import Any

import pytest

from tests.benchmarks.gpu.devices import BytesArray, Cost, Device
from tests.gpu.simulation import Simulation
from zstore._compat import override

__all__ = ["SimulatedDevice"]


class SimulatedDevice(Device):
    """What the tests simulate, also for zstore, until the process ends."""

    rehearsal = True

    def __init__(self) -> None:
        self._simulation = Simulation(pytest.MonkeyPatch())
        self._driver = self._simulation.driver
        self._pool = self._driver.pool()
        self.xp = self._simulation.xp

    @override
    def empty(self, nbytes: int) -> Any:
        return self._driver.allocate(self._pool, nbytes)

    @override
    def pinned(self, nbytes: int) -> BytesArray:
        return self._driver.pinned(nbytes)

    @override
    def upload(self, target: Any, host: BytesArray, step: int) -> None:
        for at in range(0, host.nbytes, step):
            self._driver.upload(target, at, host[at : at + step])

    @override
    def download(
        self, host: BytesArray, source: Any, step: int, *, wait: bool = False
    ) -> None:
        for at in range(0, host.nbytes, step):
            self._driver.download(host[at : at + step], source, at)
            if wait:
                self.synchronize()

    @override
    def duplicate(self, target: Any, sources: Sequence[Any]) -> None:
        at = 0
        for source in sources:
            self._driver.duplicate(target, at, source, 0, source.nbytes)
            at += source.nbytes

    @override
    def synchronize(self) -> None:
        self._driver.record().synchronize()

    @override
    def trim(self) -> None:
        gc.collect()
        self._pool.free_all_blocks()

    @override
    def pool_nbytes(self) -> tuple[int, int]:
        figures = self._driver.figures(self._pool)
        return figures.used_nbytes, figures.total_nbytes

    @override
    def pinned_nbytes(self) -> int:
        return self._driver.pinned_nbytes

    @override
    def costs(self) -> dict[str, Cost]:
        event = self._driver.record()
        return {
            "an event": (self._driver.record, 10),
            "asking an event": (lambda: event.done, 10),
        }

    @override
    def facts(self) -> dict[str, object]:
        return {"device": "simulated in host memory, not a GPU"}
