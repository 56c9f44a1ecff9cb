"""Stores that list keys and sizes without having values."""

import asyncio
import csv
import gzip
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import DictStore
from zstore._compat import override
from zstore.entries import KeyPage
from zstore.errors import BackendError

__all__ = ["Gate", "ListedStore", "OrderedStore", "real_listing"]

REAL = Path(__file__).parents[3] / "shared/data/dandi-lightsheet-keys.csv.gz"


class Gate:
    """Lets batches of a listing pass: so many now, or all."""

    def __init__(self, batches: float = 0) -> None:
        self.passed = 0
        self._left = batches

    def let(self, batches: float) -> None:
        """Let so many more pass; from any thread."""
        self._left += batches

    async def wait(self) -> None:
        while self._left < 1:  # noqa: ASYNC110 -- let by another thread
            await asyncio.sleep(0.002)
        self._left -= 1
        self.passed += 1


class ListedStore(DictStore):
    """Lists keys in batches, through a gate; fails once before one, if told so."""

    def __init__(
        self,
        items: Sequence[tuple[str, int]],
        *,
        gate: Gate | None = None,
        fail_at: int | None = None,
        batch: int = 1000,
    ) -> None:
        super().__init__()
        self.items = items
        self.gate = Gate(float("inf")) if gate is None else gate
        self.fail_at = fail_at
        self.batch = batch
        self.nscans = self.nopen = 0

    @override
    def _arguments(self) -> dict[str, Any]:
        return {"items": self.items}

    @override
    def __str__(self) -> str:
        return "listed://here"

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        self.nscans += 1
        self.nopen += 1
        try:
            for start in range(0, len(self.items), self.batch):
                await self.gate.wait()
                if self.fail_at is not None and start >= self.fail_at:
                    self.fail_at = None
                    raise BackendError("listing", "500 Internal Server Error")
                batch = self.items[start : start + self.batch]
                yield [each for each in batch if each[0].startswith(prefix)]
        finally:
            self.nopen -= 1


class OrderedStore(ListedStore):
    """Lists in order, from any key on, as object stores do; fails behind `fail_at`."""

    _lists_in_order = True

    def __init__(self, items: Sequence[tuple[str, int]], **options: Any) -> None:
        super().__init__(sorted(items), **options)

    @override
    async def _pages(
        self, prefix: str, after: str, until: str | None
    ) -> AsyncGenerator[KeyPage, None]:
        self.nscans += 1
        self.nopen += 1
        found = [
            (key, nbytes)
            for key, nbytes in self.items
            if key > after and (not until or key <= until) and key.startswith(prefix)
        ]
        try:
            for start in range(0, len(found), self.batch):
                await self.gate.wait()
                keys, sizes = zip(*found[start : start + self.batch], strict=True)
                if self.fail_at is not None and keys[-1] > self.items[self.fail_at][0]:
                    raise BackendError("listing", "500 Internal Server Error")
                yield KeyPage(list(keys), list(sizes))
        finally:
            self.nopen -= 1


def real_listing() -> list[tuple[str, int]]:
    """Return the keys and sizes of a real microscopy image; skips where it is not."""
    if not REAL.is_file():
        pytest.skip("the real listing of ../shared/data is not here")
    with gzip.open(REAL, "rt", newline="") as lines:
        return [(row["key"], int(row["nbytes"])) for row in csv.DictReader(lines)]
