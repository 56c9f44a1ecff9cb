"""zarr-python's own hypothesis state machines, run on stores of ours."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import HealthCheck, assume, note, settings
from hypothesis.stateful import rule, run_state_machine_as_test
from hypothesis.strategies import binary
from zarr.buffer.cpu import Buffer
from zarr.testing.stateful import (
    MAX_BINARY_SIZE,
    ZarrHierarchyStateMachine,
    ZarrStoreStateMachine,
)
from zarr.testing.strategies import keys

import zstore
from zstore._compat import override
from zstore.errors import KeyConflictError
from zstore.interop.zarr_adapter import ZarrAdapter

BOUNDED = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
# An example of the hierarchy machine takes six times as long, most of it in zarr.
FEWER = settings(BOUNDED, max_examples=10)


def object_store(_: Path) -> zstore.Store:
    client: Any = obstore.store.MemoryStore()
    return zstore.ObjectStore(client)


def object_store_in(path: Path) -> zstore.Store:
    path.mkdir()
    client: Any = obstore.store.LocalStore(path)
    return zstore.ObjectStore(client)


# Stores that can hold both a value and a folder of one name.
FLAT: dict[str, Callable[[Path], zstore.Store]] = {
    "memory": lambda _: zstore.MemoryStore(),
    "zip": lambda tmp: zstore.ZipStore(tmp / "store.zip", mode="w"),
    "object-store-memory": object_store,
    "prefix": lambda _: zstore.PrefixStore(zstore.MemoryStore(), "some/where"),
    "wrapper": lambda _: zstore.WrapperStore(zstore.MemoryStore()),
    "logging": lambda _: zstore.LoggingStore(zstore.MemoryStore(), "WARNING"),
    "latency": lambda _: zstore.LatencyStore(zstore.MemoryStore(), latency=0),
}
# Stores that cannot.
FOLDERS: dict[str, Callable[[Path], zstore.Store]] = {
    "local": lambda tmp: zstore.LocalStore(tmp / "store"),
    "fsspec-local": lambda tmp: zstore.FsspecStore.from_url(f"file://{tmp}/store"),
    "fsspec-memory": lambda tmp: zstore.FsspecStore.from_url(f"memory://{tmp.name}"),
    "object-store-local": lambda tmp: object_store_in(tmp / "store"),
}


class FolderStateMachine(ZarrStoreStateMachine):
    """zarr's machine, for stores in which a key below a value is a conflict.

    zarr does not run the machine on its own LocalStore at all.
    """

    @override
    @rule(key=keys(), data=binary(min_size=0, max_size=MAX_BINARY_SIZE))
    def set(self, key: str, data: bytes) -> None:
        note(f"(set) Setting {key!r} with {data!r}")
        # File systems end names at 255 bytes, of which an unfinished file needs some.
        assume(all(len(segment) < 200 for segment in key.split("/")) and len(key) < 2000)
        conflicts = any(
            other.startswith(f"{key}/") or key.startswith(f"{other}/")
            for other in self.model
        )
        value = Buffer.from_bytes(data)
        if conflicts:
            with pytest.raises(KeyConflictError):
                self.store.set(key, value)
        else:
            self.store.set(key, value)
            self.model[key] = value


def run(machine: Any, store: zstore.Store, bounds: settings = BOUNDED) -> None:
    make: Any = partial(machine, ZarrAdapter(store))
    run_state_machine_as_test(make, settings=bounds)


@pytest.mark.parametrize("make", FLAT.values(), ids=FLAT)
def test_the_store_machine_finds_no_difference_from_a_dict(
    make: Callable[[Path], zstore.Store], tmp_path: Path
):
    run(ZarrStoreStateMachine, make(tmp_path))


@pytest.mark.parametrize("make", FOLDERS.values(), ids=FOLDERS)
def test_the_store_machine_finds_only_conflicts_in_folders(
    make: Callable[[Path], zstore.Store], tmp_path: Path
):
    run(FolderStateMachine, make(tmp_path))


# The machine draws data types such as S1, for which zarr warns; stores know no types.
@pytest.mark.filterwarnings("ignore::zarr.errors.UnstableSpecificationWarning")
@pytest.mark.parametrize("name", [*FLAT, *FOLDERS])
def test_the_hierarchy_machine_finds_no_difference_from_zarr(name: str, tmp_path: Path):
    run(ZarrHierarchyStateMachine, {**FLAT, **FOLDERS}[name](tmp_path), FEWER)
