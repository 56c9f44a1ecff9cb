"""The snippets are run as they are copied."""

import ast
import importlib
from typing import Any

import numpy as np
import pytest

from zstore import MemoryStore, Store, as_zarr
from zstore.sync import SyncStore
from zstore_widgets.details.previews.snippets import (
    NodeKind,
    Snippet,
    key_snippets,
    keys_snippet,
    prefix_snippets,
)

zarr: Any = importlib.import_module("zarr")

KEYS = [
    "ocean/temp/c/0/0",
    "it's",
    'a "quoted" name',
    "both ' and \"",
    "exe\u202egnp.zarr",
    "{braces} %s",
    "tuple', exec('ran = 1'), '",
    "größe/温度",
    "line\u2028end",
]


async def run_snippet(store: Store, code: str) -> dict[str, Any]:
    """Run code as a cell of a notebook does, with `store` at hand."""
    names: dict[str, Any] = {"store": store, "print": lambda *_: None}
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    result = eval(compile(code, "cell", "exec", flags=flags), names)  # noqa: S307 -- our own
    if result is not None:
        await result
    return names


def run_now(store: Store, code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"store": store}
    exec(code, names)  # noqa: S102 -- our own
    return names


@pytest.mark.parametrize("key", KEYS)
async def test_the_code_for_a_key_reads_that_key(key: str):
    store = MemoryStore()
    key += ".json"
    await store.set(key, b"[1, 2]")
    read, part, place, _ = key_snippets(key)
    names = await run_snippet(store, read.code)
    assert (names["value"], names["fields"]) == (b"[1, 2]", [1, 2])
    assert (await run_snippet(store, part.code))["part"].to_bytes() == b"[1, 2]"
    assert (await run_snippet(store, place.code))["buffer"].to_bytes() == b"[1, 2]"
    assert "ran" not in names


@pytest.mark.parametrize("key", KEYS)
def test_the_code_without_await_reads_that_key(key: str):
    store = MemoryStore()
    SyncStore(store).set(key, b"x")
    names = run_now(store, key_snippets(key)[-1].code)
    assert names["value"] == b"x"


async def test_the_code_for_several_keys_reads_all_of_them():
    store = MemoryStore()
    await store.set_many((key, key.encode()) for key in KEYS)
    names = await run_snippet(store, keys_snippet(KEYS).code)
    assert [value.to_bytes().decode() for value in names["values"]] == KEYS


@pytest.mark.parametrize("path", ["", "a/b", "it's"])
@pytest.mark.parametrize("node", ["array", "group"])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
async def test_the_code_for_a_node_opens_and_lists_it(path: str, node: NodeKind):
    store = MemoryStore()
    if node == "array":
        array = await zarr.api.asynchronous.create_array(
            as_zarr(store), name=path or None, shape=(4,), dtype="i4", chunks=(2,)
        )
        await array.setitem(slice(None), np.arange(4))
    else:
        await zarr.api.asynchronous.create_group(store=as_zarr(store), path=path)
    snippets = dict(prefix_snippets(path, node))
    names = await run_snippet(store, snippets["Read its metadata"])
    assert names["node"].kind == node
    names = await run_snippet(store, snippets["Add up the sizes"])
    assert names["nbytes"] > 0
    await run_snippet(store, snippets["List what is there"])


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_the_code_for_an_array_opens_it_with_zarr():
    store = MemoryStore()
    zarr.create_array(as_zarr(store), name="g/a", shape=(4,), dtype="i4", fill_value=7)
    names = run_now(store, prefix_snippets("g/a", "array")[0].code)
    assert names["values"].tolist() == [7, 7, 7, 7]
    names = run_now(store, prefix_snippets("g", "group")[0].code)
    assert "a" in names["group"]


def test_a_plain_folder_is_not_opened_with_zarr():
    assert "zarr" not in "".join(code for _, code in prefix_snippets("a", None))
    assert all(isinstance(each, Snippet) for each in prefix_snippets("a", None))
