"""LocalStore: where it is, and what it says."""

import asyncio
import pickle
import warnings
from pathlib import Path

import pytest

from tests.stores.local.calls import contents
from zstore import LocalStore
from zstore.errors import (
    InvalidTypeError,
    StoreExistsError,
    StoreNotFoundError,
)


async def test_values_are_plain_files(store: LocalStore, root: Path):
    await store.set("a/b/c", b"value")
    assert contents(root) == {"a/b/c": b"value"}


async def test_a_missing_root_is_an_error_only_for_readers(tmp_path: Path):
    missing = tmp_path / "no" / "such"
    with pytest.raises(StoreNotFoundError, match="such"):
        await LocalStore.open(missing, read_only=True)
    assert not missing.exists()
    store = await LocalStore.open(missing)
    assert missing.is_dir()
    assert [key async for key in store.list()] == []


async def test_a_file_is_no_root(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with pytest.raises(StoreNotFoundError):
        await LocalStore.open(path, read_only=True)
    with pytest.raises(StoreExistsError, match="a file"):
        await LocalStore.open(path)


def test_a_root_is_a_path():
    with pytest.raises(InvalidTypeError, match="'root' must be a string or Path instance"):
        LocalStore(5)  # type: ignore[arg-type]


def test_a_store_says_where_it_is(tmp_path: Path):
    store = LocalStore(tmp_path)
    assert str(store) == f"file://{tmp_path.as_posix()}"
    assert repr(store) == f"LocalStore('file://{tmp_path.as_posix()}')"


async def test_the_copy_in_another_process_is_equal(store: LocalStore):
    await store.set("a", b"1")
    twin = pickle.loads(pickle.dumps(store))  # noqa: S301 -- made here
    assert twin == store
    assert await twin.get_bytes("a") == b"1"
    assert twin != LocalStore(store.root, follow_symlinks=True)


def test_nothing_is_said_when_all_is_well(tmp_path: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(LocalStore(tmp_path).set("a", b"1"))
