"""How long a name may be; that links lead nowhere is tested in `test_links`."""

from pathlib import Path

import pytest

from tests.stores.local.calls import CALLS
from zstore import LocalStore
from zstore.errors import InvalidKeyError

# Below a folder that is missing, below a folder, below a value; of bytes, not characters.
LONG = ["x" * 256, "missing/" + "x" * 300, "b/" + "x" * 256, "a/" + "x" * 256, "é" * 128]


@pytest.mark.parametrize("key", [*LONG, "x" * 256 + "/a", "missing/" + "x" * 256 + "/a"])
async def test_every_call_refuses_a_name_that_no_file_can_have(
    store: LocalStore, root: Path, key: str
):
    await store.set("a", b"1")
    await store.set("b/c", b"2")
    for call in CALLS.values():
        with pytest.raises(InvalidKeyError, match="too long"):
            await call(store, key)
    for below in (store.list_prefix(key), store.list_dir(key)):
        with pytest.raises(InvalidKeyError, match="too long"):
            _ = [name async for name in below]
    with pytest.raises(InvalidKeyError, match="too long"):
        await store.delete_dir(key)
    assert sorted(path.name for path in root.iterdir()) == ["a", "b"]


async def test_the_longest_names_are_keys(store: LocalStore):
    key = "/".join(["x" * 255, "é" * 127, "x" * 255])
    assert await store.get(key) is None
    await store.set(key, b"1")
    assert [found async for found in store.list()] == [key]
    await store.delete(key)
    assert not await store.exists(key)
