"""Giving the memory of deleted values back, in simulation; no value is ever lost."""

import asyncio
import gc
from collections.abc import Awaitable
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.gpu.simulation import Simulation
from tests.waiting import until
from zstore import GpuMemoryStore
from zstore._compat import override
from zstore.buffer import Buffer, gpu
from zstore.gpu import engines

T = TypeVar("T")

MIB = 1 << 20
KIB = 1024


def random(nbytes: int, seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(nbytes)


def used_nbytes(simulation: Simulation, store: GpuMemoryStore) -> int:
    return simulation.driver.figures(store.pool).used_nbytes


async def compacted(store: GpuMemoryStore) -> None:
    """Wait for the compaction that began, which the engine does in its order."""
    assert store.engine is not None
    await store.engine.run(lambda: None)


def on_the_device(store: GpuMemoryStore) -> dict[str, bytes]:
    return {
        key: value.as_array_like().get().tobytes()
        for key, value in store.store_dict.items()
    }


async def test_deleting_most_of_a_slab_gives_its_memory_back_in_simulation(
    simulation: Simulation,
):
    values = {f"k{i:03}": random(20 * KIB + i, i) for i in range(200)}
    store = GpuMemoryStore()
    await store.set_many(values)
    before = used_nbytes(simulation, store)
    assert before > 200 * 20 * KIB
    views = await store.get_many(values, gpu.buffer_prototype)

    for key in list(values)[:49]:
        await store.delete(key)
    await compacted(store)
    assert used_nbytes(simulation, store) == before  # not a quarter of it yet

    for key in list(values)[49:150]:
        await store.delete(key)
    await compacted(store)
    left = dict(list(values.items())[150:])
    assert on_the_device(store) == left
    # Who read a value before still has it, where it was.
    old = [view.as_array_like().get().tobytes() for view in views if view is not None]
    assert old == list(values.values())
    del views
    await until(lambda: used_nbytes(simulation, store) < 1.6 * len(left) * 20 * KIB)
    assert on_the_device(store) == left


async def test_what_is_deleted_during_a_compaction_is_given_back_in_simulation(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
):
    values = {f"k{i:03}": random(20 * KIB, i) for i in range(200)}
    store = GpuMemoryStore()
    await store.set_many(values)
    duplicate = simulation.driver.duplicate
    late = list(values)[60:150]

    def delete_and_duplicate(*args: Any) -> None:
        while late:
            asyncio.run(store.delete(late.pop()))
        duplicate(*args)

    monkeypatch.setattr(simulation.driver, "duplicate", delete_and_duplicate)
    for key in list(values)[:60]:
        await store.delete(key)
    left = dict(list(values.items())[150:])
    await until(lambda: used_nbytes(simulation, store) < 1.6 * len(left) * 20 * KIB)
    assert on_the_device(store) == left


async def test_overwriting_most_of_a_slab_gives_its_memory_back_in_simulation(
    simulation: Simulation,
):
    values = {f"k{i:03}": random(20 * KIB, i) for i in range(200)}
    store = GpuMemoryStore()
    await store.set_many(values)
    new = dict.fromkeys(list(values)[::4] + list(values)[1::4], b"new")
    await store.set_many(new)
    extra = list(values)[2]
    await store.set(extra, b"one more")
    await compacted(store)
    assert on_the_device(store) == {**values, **new, extra: b"one more"}
    await until(lambda: used_nbytes(simulation, store) < 0.6 * 200 * 20 * KIB)


async def test_deleting_a_whole_slab_gives_its_memory_back_in_simulation(
    simulation: Simulation,
):
    store = GpuMemoryStore()
    await store.set_many({f"k{i}": bytes(20 * KIB) for i in range(200)})
    await store.set("other", b"1")
    await store.delete_dir("")
    await until(lambda: used_nbytes(simulation, store) == 0)
    assert store.store_dict == {}


async def test_a_slab_is_compacted_again_and_again_in_simulation(simulation: Simulation):
    values = {f"k{i:04}": random(20 * KIB, i) for i in range(1000)}
    store = GpuMemoryStore()
    await store.set_many(values)
    while len(values) > 20:
        for key in list(values)[::2]:
            await store.delete(key)
            del values[key]
        await compacted(store)
        assert on_the_device(store) == values
    await until(lambda: used_nbytes(simulation, store) < 3 * MIB)


async def test_no_room_to_compact_is_no_error_and_loses_nothing_in_simulation(
    simulation: Simulation,
):
    values = {f"k{i:03}": random(20 * KIB, i) for i in range(200)}
    store = GpuMemoryStore()
    await store.set_many(values)
    simulation.driver.failing_allocations = 2
    for key in list(values)[:150]:
        await store.delete(key)
        del values[key]
    await compacted(store)
    assert simulation.driver.failing_allocations == 0
    assert on_the_device(store) == values


async def test_what_changes_while_a_slab_is_compacted_stays_changed_in_simulation(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
):
    values = {f"k{i:03}": random(20 * KIB, i) for i in range(200)}
    store = GpuMemoryStore()
    await store.set_many(values)
    engine = store.engine
    assert engine is not None
    duplicate = simulation.driver.duplicate
    changed: list[str] = []

    def meanwhile(*args: Any) -> None:
        duplicate(*args)
        if not changed:
            changed.extend(["k199", "k198"])
            store._contents.drop("k199")
            store._contents.put("k198", engine_value)

    engine_value = gpu.Buffer.of(
        (await engine.upload([memoryview(b"new")]))[0], readonly=True
    )
    monkeypatch.setattr(simulation.driver, "duplicate", meanwhile)
    for key in list(values)[:150]:
        await store.delete(key)
        del values[key]
    await compacted(store)
    assert changed
    del values["k199"]
    assert on_the_device(store) == {**values, "k198": b"new"}


async def test_keys_taken_out_of_the_dict_are_left_alone_in_simulation(
    simulation: Simulation,
):
    values = {f"k{i:03}": random(20 * KIB, i) for i in range(200)}
    store = GpuMemoryStore()
    await store.set_many(values)
    kept = store.store_dict.pop("k199")
    del values["k199"]
    for key in list(values)[:150]:
        await store.delete(key)
        del values[key]
    await compacted(store)
    assert on_the_device(store) == values
    assert kept.as_array_like().get().tobytes() == random(20 * KIB, 199)
    del simulation


class Compactions(RuleBasedStateMachine):
    """A store in simulation and a dict that has to say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.monkeypatch = pytest.MonkeyPatch()
        engines._forget()
        self.simulation = Simulation(self.monkeypatch)
        self.loop = asyncio.new_event_loop()
        self.store = GpuMemoryStore()
        self.model: dict[str, bytes] = {}
        self.aliases: list[tuple[Buffer, bytes]] = []
        self.calls = 0

    def run(self, call: Awaitable[T]) -> T:
        async def wait() -> T:
            return await call

        return self.loop.run_until_complete(wait())

    @initialize(delay=st.sampled_from([0.0, 0.001]))
    def begin(self, delay: float) -> None:
        self.simulation.driver.stream.delay = delay
        self.write(0, 40, 60)

    @rule(first=st.integers(0, 60), count=st.integers(1, 60), nkib=st.sampled_from([1, 60]))
    def write(self, first: int, count: int, nkib: int) -> None:
        self.calls += 1
        items = {
            f"k{i}": random(nkib * KIB + i, 1000 * self.calls + i)
            for i in range(first, first + count)
        }
        self.run(self.store.set_many(items))
        self.model |= items

    @rule(first=st.integers(0, 90), count=st.integers(1, 60), step=st.integers(1, 3))
    def delete(self, first: int, count: int, step: int) -> None:
        for i in range(first, first + count, step):
            self.run(self.store.delete(f"k{i}"))
            self.model.pop(f"k{i}", None)

    @rule(at=st.integers(0, 120))
    def overwrite(self, at: int) -> None:
        self.run(self.store.set(f"k{at}", b"%d" % at))
        self.model[f"k{at}"] = b"%d" % at

    @rule(at=st.integers(0, 120))
    def read(self, at: int) -> None:
        value = self.run(self.store.get(f"k{at}", gpu.buffer_prototype))
        expected = self.model.get(f"k{at}")
        assert (value is None) == (expected is None)
        if value is not None and expected is not None:
            self.aliases.append((value, expected))

    @rule()
    def clear(self) -> None:
        self.run(self.store.clear())
        self.model.clear()

    @invariant()
    def the_store_says_what_the_dict_says(self) -> None:
        found = self.run(self.store.get_many(self.model))
        assert [each.to_bytes() for each in found if each is not None] == [
            *self.model.values()
        ]
        assert sorted(self.store.store_dict) == sorted(self.model)

    @override
    def teardown(self) -> None:
        while self.aliases:
            # None is kept by a name of this loop.
            value, expected = self.aliases.pop()
            assert value.to_bytes() == expected
            del value
        self.run(compacted(self.store))
        gc.collect()
        self.run(until(lambda: used_nbytes(self.simulation, self.store) <= self.allowed()))
        self.loop.close()
        engines._forget()
        self.monkeypatch.undo()

    def allowed(self) -> int:
        # A slab with a quarter dead may stay, and each of up to 1 MiB: one a call.
        live = sum(len(value) + 512 for value in self.model.values())
        return 4 * live // 3 + (self.calls + 1) * (MIB + 512)


TestCompactionsInSimulation = Compactions.TestCase
TestCompactionsInSimulation.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # to shrink takes minutes of waiting
    suppress_health_check=list(HealthCheck),
)
