"""Stores with no way of their own bring values to device memory: on a simulation."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

import zstore
from tests.gpu.simulation import Simulation
from tests.stores.on_device import content
from zstore import Store
from zstore.buffer import gpu

GPU = gpu.buffer_prototype
VALUES = {f"small/{i}": os.urandom(1 + i) for i in range(300)} | {
    "empty": b"",
    "large/0": os.urandom(300_000),
    "large/1": os.urandom(4 * 2**20 + 1),
}


def _object_store() -> Store:
    return zstore.ObjectStore(importlib.import_module("obstore.store").MemoryStore())


STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: zstore.MemoryStore(),
    "zip": lambda tmp: zstore.ZipStore(tmp / "a.zip", mode="w"),
    "fsspec": lambda _: zstore.FsspecStore.from_url(f"memory://{uuid4().hex}/store"),
    "object": lambda _: _object_store(),
    "local": lambda tmp: zstore.LocalStore(tmp / "store"),
    "wrapped": lambda tmp: zstore.PrefixStore(zstore.LocalStore(tmp / "store"), "some/p"),
}


@pytest.mark.parametrize("name", STORES)
async def test_values_of_every_store_arrive_on_a_simulation(
    simulation: Simulation, tmp_path: Path, name: str
):
    simulation.driver.stream.delay = 0.001
    store = STORES[name](tmp_path)
    await store.set_many(VALUES.items())
    for key in ("small/7", "empty", "large/0", "large/1"):
        assert content(await store.get(key, GPU)) == VALUES[key]
    part = await store.get("large/1", GPU, zstore.RangeByteRequest(5, 2**40))
    assert content(part) == VALUES["large/1"][5:]
    assert await store.get("none", GPU) is None
    await store.aclose()


@pytest.mark.parametrize("name", STORES)
async def test_many_small_values_go_in_one_copy_on_a_simulation(
    simulation: Simulation, tmp_path: Path, name: str
):
    store = STORES[name](tmp_path)
    await store.set_many(VALUES.items())
    keys = [key for key in VALUES if not key.startswith("large")]
    found = await store.get_many([*keys, "none"], GPU)
    assert found.pop() is None
    assert [content(value) for value in found] == [VALUES[key] for key in keys]
    assert simulation.counts.uploads == 1
    pairs = [(key, zstore.SuffixByteRequest(1)) for key in keys if VALUES[key]]
    parts = await store.get_partial_values(GPU, pairs)
    assert [content(value) for value in parts] == [VALUES[key][-1:] for key, _ in pairs]
    assert simulation.counts.uploads == 2
    await store.aclose()
