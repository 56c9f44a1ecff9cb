"""The model agrees with good stores, and finds what is wrong with others."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes import DictStore, RecordingStore
from zstore import MemoryStore, Store
from zstore._compat import override
from zstore.errors import KeyConflictError, MissingDependencyError, UnsupportedError
from zstore.testing import MakeStore
from zstore.testing.model import store_model

QUICK = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def play(make: MakeStore, chosen: settings = QUICK) -> None:
    run_state_machine_as_test(store_model(make), settings=chosen)


TestMemoryStore = store_model(MemoryStore, hostile=True).TestCase
TestMemoryStore.settings = QUICK


@pytest.mark.parametrize("make", [DictStore, RecordingStore])
def test_a_good_store_agrees_with_the_model(make: MakeStore):
    play(make)


class LikeFiles(DictStore):
    """Refuses what a file system cannot hold, and has no atomic step to create."""

    @override  # type: ignore[misc] # final: a backend would refuse it in its hook
    async def set_if_not_exists(self, key: str, value: Any) -> bool:
        raise UnsupportedError(self, "set_if_not_exists")

    @override
    async def _write(self, key: str, value: Any, *, overwrite: bool) -> bool:
        for other in self.values:
            if other.startswith(f"{key}/") or key.startswith(f"{other}/"):
                raise KeyConflictError(key, f"{other!r} is there")
        return await super()._write(key, value, overwrite=overwrite)


def test_a_store_may_refuse_what_a_file_system_cannot_hold():
    play(LikeFiles)


class ListsStringPrefixes(DictStore):
    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        start = prefix.rstrip("/")
        yield [(k, len(v)) for k, v in list(self.values.items()) if k.startswith(start)]


class DeletesFolders(DictStore):
    @override
    async def _remove(self, key: str) -> None:
        for other in list(self.values):
            if other == key or other.startswith(f"{key}/"):
                del self.values[other]


class SeesConflictsEverywhere(DictStore):
    @override
    async def _write(self, key: str, value: Any, *, overwrite: bool) -> bool:
        if key in self.values:
            raise KeyConflictError(key, "it is there")
        return await super()._write(key, value, overwrite=overwrite)


class LosesEmptyValues(DictStore):
    @override
    async def _write(self, key: str, value: Any, *, overwrite: bool) -> bool:
        return bool(len(value)) and await super()._write(key, value, overwrite=overwrite)


class LandsLater(DictStore):
    """A cancelled write happens all the same, a moment later."""

    @override
    async def _write(self, key: str, value: Any, *, overwrite: bool) -> bool:
        return await asyncio.shield(self._later(key, value, overwrite=overwrite))

    async def _later(self, key: str, value: Any, *, overwrite: bool) -> bool:
        for _ in range(20):
            await asyncio.sleep(0)
        return await super()._write(key, value, overwrite=overwrite)


@pytest.mark.parametrize(
    "broken",
    [
        ListsStringPrefixes,
        DeletesFolders,
        SeesConflictsEverywhere,
        LosesEmptyValues,
        LandsLater,
    ],
)
def test_a_broken_store_is_found(broken: type[Store]):
    with pytest.raises((AssertionError, KeyConflictError, ExceptionGroup)):
        play(broken, settings(QUICK, max_examples=200, phases=[Phase.generate]))


def test_without_hypothesis_the_model_says_which_extra_to_install(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in ("model", "misuse", "played"):
        monkeypatch.delitem(sys.modules, f"zstore.testing.{name}")

    for name in ("model", "misuse", "played"):
        with pytest.raises(MissingDependencyError, match=r"zstore\[test\]"):
            __import__(f"zstore.testing.{name}")
