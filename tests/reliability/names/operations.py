"""Nine calls that every system has in some form, with one kind of answer each."""

import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.peers import ObstoreHandle, TensorStoreHandle, ZarrHandle

__all__ = ["CHANGING", "LISTING", "OPERATIONS", "READING", "VALUE", "operations_of"]

READING = ("get", "exists", "getsize")
CHANGING = ("set", "create", "delete", "delete_dir")
LISTING = ("list_prefix", "list_dir")
OPERATIONS = (*READING, *CHANGING, *LISTING)
VALUE = b"written by the test"

_Call = Callable[[str], Awaitable[Any]]


def operations_of(handle: Handle) -> dict[str, _Call]:
    """Return the calls by name.

    `get` answers bytes or None, `exists` and `getsize` a number, listings texts, and the
    rest nothing that counts.
    """
    calls: dict[str, _Call] = {
        "get": handle.get,
        "set": lambda key: handle.set(key, VALUE),
        "create": lambda key: handle.create(key, VALUE),
        "delete": handle.delete,
    }
    match handle:
        case ZStoreHandle() | ZarrHandle():
            return {**calls, **_of_store(handle.store)}
        case ObstoreHandle():
            return {**calls, **_of_obstore(handle.store)}
        case TensorStoreHandle():
            return {**calls, **_of_tensorstore(handle.kvstore)}
        case _:
            raise TypeError(handle)


def _of_store(store: Any) -> dict[str, _Call]:
    async def list_prefix(prefix: str) -> list[str]:
        return [key async for key in store.list_prefix(prefix)]

    async def list_dir(prefix: str) -> list[str]:
        return [name async for name in store.list_dir(prefix)]

    return {
        "exists": store.exists,
        "getsize": store.getsize,
        "delete_dir": store.delete_dir,
        "list_prefix": list_prefix,
        "list_dir": list_dir,
    }


def _of_obstore(store: Any) -> dict[str, _Call]:
    obstore = importlib.import_module("obstore")

    async def getsize(key: str) -> int:
        return int((await obstore.head_async(store, key))["size"])

    async def list_prefix(prefix: str) -> list[str]:
        return [one["path"] async for page in obstore.list(store, prefix) for one in page]

    async def list_dir(prefix: str) -> list[str]:
        found = await obstore.list_with_delimiter_async(store, prefix)
        paths = [*found["common_prefixes"], *(one["path"] for one in found["objects"])]
        return [path.rpartition("/")[2] for path in paths]

    async def delete_dir(prefix: str) -> None:
        for path in await list_prefix(prefix):
            await obstore.delete_async(store, path)

    return {
        "exists": getsize,
        "getsize": getsize,
        "delete_dir": delete_dir,
        "list_prefix": list_prefix,
        "list_dir": list_dir,
    }


def _of_tensorstore(kvstore: Any) -> dict[str, _Call]:
    key_range = importlib.import_module("tensorstore").KvStore.KeyRange

    def folder_of(prefix: str) -> str:
        return f"{prefix.removesuffix('/')}/" if prefix else ""

    def below(prefix: str) -> Any:
        return key_range(prefix, f"{prefix[:-1]}0" if prefix.endswith("/") else "")

    async def getsize(key: str) -> int:
        found = await kvstore.read(key)
        if found.state != "value":
            raise FileNotFoundError(key)
        return len(found.value)

    # A coroutine, since a prefix that is no Unicode is refused while the range is made.
    async def delete_dir(prefix: str) -> None:
        await kvstore.delete_range(below(folder_of(prefix)))

    async def list_prefix(prefix: str) -> list[str]:
        return [key.decode() for key in await kvstore.list(below(folder_of(prefix)))]

    async def list_dir(prefix: str) -> list[str]:
        folder = folder_of(prefix)
        found = await list_prefix(prefix)
        return sorted({key.removeprefix(folder).partition("/")[0] for key in found})

    return {
        "exists": getsize,
        "getsize": getsize,
        "delete_dir": delete_dir,
        "list_prefix": list_prefix,
        "list_dir": list_dir,
    }
