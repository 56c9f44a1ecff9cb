"""A refresh ends with what a new scan would find, and lists only what may have changed."""

import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.inventory.paged import filled
from zstore import LocalStore, LoggingStore
from zstore._compat import override
from zstore.errors import BackendError, SnapshotError
from zstore.inventory import Inventory
from zstore.stores.local.changes import Changes

KEYS = [f"g{i % 5}/a{i % 3}/c/{i}" for i in range(300)]
LONG_NS = 3600 * 10**9


class Watched(LocalStore):
    """Remembers which folders were listed again."""

    relisted: list[str]

    @override
    async def changes(self, *args: Any, **options: Any) -> AsyncGenerator[Changes, None]:
        async for some in super().changes(*args, **options):
            self.relisted += [one.prefix for one in some.relisted]
            yield some


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let folders count as changed long before they are scanned; no test waits for it."""
    monkeypatch.setattr("zstore.stores.local.changes._TICK_NS", -LONG_NS)


async def made(root: Path) -> Watched:
    store = Watched(root)
    store.relisted = []
    await store.set_many({key: bytes(len(key) % 7) for key in KEYS})
    return store


async def assert_same_as_a_scan(refreshed: Inventory, store: LocalStore) -> None:
    with await Inventory.scan(store) as scanned:
        query = "SELECT key, nbytes, modified FROM keys ORDER BY key"
        assert refreshed.sql(query).equals(scanned.sql(query))
        assert refreshed.digest() == scanned.digest()
        assert refreshed.complete


@pytest.mark.usefixtures("settled")
async def test_if_nothing_changed_nothing_is_listed(tmp_path: Path):
    store = await made(tmp_path / "data")
    with await Inventory.scan(store, snapshot=tmp_path / "s") as before:
        files = set(before.files)
    with await Inventory.refresh(store, tmp_path / "s") as after:
        assert store.relisted == []
        assert set(after.files) == files
        assert after.as_of > before.as_of
        await assert_same_as_a_scan(after, store)


@pytest.mark.usefixtures("settled")
async def test_folders_that_changed_are_listed_again(tmp_path: Path):
    store = await made(tmp_path / "data")
    (await Inventory.scan(store, snapshot=tmp_path / "s")).close()
    await store.set("g0/a0/c/new", b"12345")
    await store.delete(KEYS[1])
    await store.set(KEYS[2], b"another")
    await store.set("g9/x/y", b"1")
    await store.delete_dir("g4/a1")
    with await Inventory.refresh(store, tmp_path / "s") as after:
        await assert_same_as_a_scan(after, store)
    assert "g0/a0/c/" in store.relisted
    assert "g9/x/" in store.relisted
    assert "g3/a0/c/" not in store.relisted
    # And from there once more.
    await store.set("g3/a0/c/later", b"1")
    with await Inventory.refresh(store, tmp_path / "s") as after:
        await assert_same_as_a_scan(after, store)


@pytest.mark.usefixtures("settled")
async def test_many_rounds_of_changes_are_followed(tmp_path: Path):
    chance = random.Random(5)
    store = await made(tmp_path / "data")
    (await Inventory.scan(store, snapshot=tmp_path / "s")).close()
    for _ in range(5):
        for _ in range(chance.randrange(6)):
            key = chance.choice(KEYS)
            if chance.random() < 0.5:
                await store.delete(key)
            else:
                await store.set(key, bytes(chance.randrange(9)))
        with await Inventory.refresh(store, tmp_path / "s") as after:
            await assert_same_as_a_scan(after, store)


async def test_a_folder_that_was_changed_while_it_was_scanned_is_listed_again(
    tmp_path: Path,
):
    store = await made(tmp_path / "data")
    (await Inventory.scan(store, snapshot=tmp_path / "s")).close()
    (await Inventory.refresh(store, tmp_path / "s")).close()
    assert "g0/a0/c/" in store.relisted


@pytest.mark.usefixtures("settled")
async def test_an_emptied_store_is_followed(tmp_path: Path):
    store = await made(tmp_path / "data")
    (await Inventory.scan(store, snapshot=tmp_path / "s")).close()
    await store.clear()
    with await Inventory.refresh(store, tmp_path / "s") as after:
        assert (after.nkeys, after.nbytes, after.complete) == (0, 0, True)


@pytest.mark.parametrize("prefix", ["g1", "g1/", "g1/a0", "g2/a2/c/2", "g11"])
async def test_a_prefix_is_listed_again_and_the_rest_kept(tmp_path: Path, prefix: str):
    store = await filled(KEYS)
    (await Inventory.scan(store, snapshot=tmp_path)).close()
    await store.set("g1/a0/c/new", b"12345")
    await store.set("g2/a2/c/2", b"longer than before")
    await store.delete("g1/a0/c/6")
    await store.set("g11/x", b"1")
    await store.set("g3/not-looked-at", b"1")
    npages = store.npages
    with await Inventory.refresh(store, tmp_path, prefix) as after:
        asked = store.npages - npages
        assert asked <= 15
        rows = after.sql("SELECT key, nbytes FROM keys").to_pylist()
        found = {row["key"]: row["nbytes"] for row in rows}
        old = {key: len(key) * 7 % 13 for key in KEYS}
        now = {key: len(value) for key, value in store.store_dict.items()}
        folder = prefix if prefix.endswith("/") else f"{prefix}/"
        expected = {
            key: (now if key == prefix or key.startswith(folder) else old).get(key)
            for key in {*old, *now}
        }
        assert found == {key: size for key, size in expected.items() if size is not None}
        assert after.complete


async def test_without_a_snapshot_everything_is_scanned(tmp_path: Path):
    store = await filled(KEYS)
    with await Inventory.refresh(store, tmp_path) as inventory:
        assert inventory.complete
        assert inventory.nkeys == len(KEYS)
    with await Inventory.refresh(LoggingStore(store), tmp_path) as inventory:
        assert inventory.nkeys == len(KEYS)


async def test_a_prefix_that_is_not_in_the_snapshot_is_refused(tmp_path: Path):
    store = await filled(KEYS)
    (await Inventory.scan(store, "g1", snapshot=tmp_path)).close()
    with pytest.raises(SnapshotError, match="'g2' is not in it"):
        await Inventory.refresh(store, tmp_path, "g2")


async def test_a_refresh_that_fails_leaves_the_snapshot_as_it_was(tmp_path: Path):
    store = await filled(KEYS)
    with await Inventory.scan(store, snapshot=tmp_path) as before:
        digest = before.digest()

    def fault(_: object) -> None:
        raise BackendError("", "it went away")

    store.fault = fault  # type: ignore[assignment]
    with pytest.raises(BackendError, match="it went away"):
        await Inventory.refresh(store, tmp_path, "g1")
    with await Inventory.open(tmp_path) as after:
        assert after.complete
        assert after.digest() == digest


async def test_a_folder_that_is_not_there_yet_is_found_later(tmp_path: Path):
    store = await made(tmp_path / "data")
    with await Inventory.scan(store, "later/", snapshot=tmp_path / "s") as before:
        assert before.complete
        assert before.nkeys == 0
    await store.set("later/x", b"12")
    with await Inventory.refresh(store, tmp_path / "s") as after:
        assert (after.nkeys, after.nbytes) == (1, 2)
