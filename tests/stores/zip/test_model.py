"""A writer against a dict, with opening again, committing and compacting in between."""

import asyncio
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zstore import RangeByteRequest, ZipStore
from zstore.stores.zip.compression import METHODS

KEYS = ["a", "b", "a/x", "a/y/z", "ab", "é"]
PREFIXES = ["", "a", "a/", "ab", "b", "c"]
VALUES = st.one_of(
    st.binary(max_size=50),
    st.integers(0, 3).map(lambda n: bytes(70_000 * n)),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(KEYS), VALUES),
        st.tuples(st.just("set_if_not_exists"), st.sampled_from(KEYS), VALUES),
        st.tuples(st.just("delete"), st.sampled_from(KEYS)),
        st.tuples(st.just("delete_dir"), st.sampled_from(PREFIXES)),
        st.tuples(st.sampled_from(["commit", "compact", "reopen", "read"])),
    ),
    max_size=25,
)


class Machine:
    def __init__(self, path: Path, compression: int) -> None:
        self.path = path
        self.options: dict[str, Any] = {"mode": "a", "compression": compression}
        self.store = ZipStore(path, **self.options)
        self.model: dict[str, bytes] = {}

    async def set(self, key: str, value: bytes) -> None:
        await self.store.set(key, value)
        self.model[key] = value

    async def set_if_not_exists(self, key: str, value: bytes) -> None:
        wrote = await self.store.set_if_not_exists(key, value)
        assert wrote == (key not in self.model)
        self.model.setdefault(key, value)

    async def delete(self, key: str) -> None:
        await self.store.delete(key)
        self.model.pop(key, None)

    async def delete_dir(self, prefix: str) -> None:
        await self.store.delete_dir(prefix)
        below = prefix.rstrip("/") + "/"
        for key in list(self.model):
            is_it = key == prefix
            if not prefix or is_it or key.startswith(below):
                del self.model[key]

    async def commit(self) -> None:
        await self.store.commit()
        with zipfile.ZipFile(self.path) as archive:
            names = archive.namelist()
            assert len(names) == len(set(names))
            assert {name: archive.read(name) for name in names} == self.model

    async def compact(self) -> None:
        await self.store.compact()
        assert self.store.reclaimable_nbytes == 0

    async def reopen(self) -> None:
        await self.store.aclose()
        self.store = ZipStore(self.path, **self.options)

    async def read(self) -> None:
        assert {key async for key in self.store.list()} == set(self.model)
        total = sum(map(len, self.model.values()))
        assert await self.store.getsize_prefix("") == total
        for key in KEYS:
            found = await self.store.get(key)
            assert (None if found is None else found.to_bytes()) == self.model.get(key)
            if len(self.model.get(key, b"")) > 3:
                part = await self.store.get_bytes(key, RangeByteRequest(1, 3))
                assert part == self.model[key][1:3]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, compression=st.sampled_from(METHODS[:2]))
def test_a_writer_is_a_dict_that_lasts(steps, compression):
    async def play(folder: str) -> None:
        machine = Machine(Path(folder) / "a.zip", compression)
        for name, *arguments in [*steps, ("read",), ("reopen",), ("read",), ("commit",)]:
            await getattr(machine, name)(*arguments)
        await machine.store.aclose()
        assert [path.name for path in Path(folder).iterdir()] == ["a.zip"]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(folder))
