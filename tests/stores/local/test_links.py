"""LocalStore never follows a symbolic link, unless it is told to."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.stores.local.calls import CALLS, contents
from zstore import LocalStore
from zstore.errors import (
    OutsideRootError,
    ZStoreWarning,
)
from zstore.stores.local.beneath import Root, WouldWait


@pytest.mark.parametrize("root", ["kernel"], indirect=True)
def test_linux_has_the_call_that_keeps_below_a_root(root: Path):
    if os.uname().sysname != "Linux":
        pytest.skip("openat2 is a call of Linux")
    with pytest.raises((WouldWait, FileNotFoundError)) as caught:
        Root(str(root), follow_symlinks=False).open_now("missing")
    assert caught.type is FileNotFoundError or caught.type is WouldWait
    (root / "here").write_bytes(b"x")
    os.close(Root(str(root), follow_symlinks=False).open_now("here"))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("key", ["link", "folder/secret", "folder/new", "loop/x"])
async def test_no_call_passes_through_a_symbolic_link(
    store: LocalStore, root: Path, outside: Path, call: str, key: str
):
    (root / "link").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises(OutsideRootError, match="follow_symlinks=True"):
        await CALLS[call](store, key)
    assert contents(outside) == {"secret": b"secret"}
    assert (root / "link").is_symlink()


@pytest.mark.parametrize("call", ["delete_dir", "list", "list_dir", "scan", "entries"])
async def test_no_prefix_passes_through_a_symbolic_link(
    store: LocalStore, root: Path, outside: Path, call: str
):
    (root / "folder").symlink_to(outside)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "delete_dir": lambda: store.delete_dir("folder/"),
        "list": lambda: anext(store.list_prefix("folder/")),
        "list_dir": lambda: anext(store.list_dir("folder/")),
        "scan": lambda: anext(store.scan("folder/")),
        "entries": lambda: anext(store.list_entries("folder/")),
    }
    with pytest.raises(OutsideRootError):
        await calls[call]()
    assert contents(outside) == {"secret": b"secret"}


async def test_clear_leaves_what_a_link_points_at(
    store: LocalStore, root: Path, outside: Path
):
    await store.set("a/b", b"1")
    (root / "a" / "link").symlink_to(outside)
    await store.clear()
    assert contents(outside) == {"secret": b"secret"}
    assert root.is_dir()
    assert not (root / "a" / "b").exists()


async def test_a_listing_says_once_that_it_leaves_out_links(
    store: LocalStore, root: Path, outside: Path
):
    await store.set("a", b"1")
    (root / "link").symlink_to(outside)
    (root / "other").symlink_to(outside)
    with pytest.warns(ZStoreWarning, match="follow_symlinks=True") as caught:
        assert [key async for key in store.list()] == ["a"]
    assert len(caught) == 1
    assert [name async for name in store.list_dir("")] == ["a"]


async def test_links_are_followed_on_request(root: Path, outside: Path):
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    (outside / "circle").symlink_to(root)
    async with LocalStore(root, follow_symlinks=True) as store:
        assert await store.get_bytes("folder/secret") == b"secret"
        assert await store.get_bytes("file") == b"secret"
        keys = {key async for key in store.list()}
        assert {"folder/secret", "file"} <= keys
        assert all("circle/folder" not in key for key in keys)
        await store.set("folder/new", b"new")
        assert (outside / "new").read_bytes() == b"new"
        await store.delete("file")
        assert (outside / "secret").exists()


async def test_the_root_may_be_a_link(tmp_path: Path, root: Path):
    link = tmp_path / "latest"
    link.symlink_to(root)
    store = LocalStore(link)
    await store.set("a", b"1")
    assert contents(root) == {"a": b"1"}
    assert [key async for key in store.list()] == ["a"]
