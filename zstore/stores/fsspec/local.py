"""Local files, by `LocalStore`.

fsspec writes local files in place, its "create" looks first and writes then, and a deleted
file leaves empty folders that show in listings. `LocalStore` does none of that.
"""

from collections.abc import AsyncGenerator

from zstore._compat import override
from zstore.entries import EntryBatch, SizeBatch
from zstore.ranges import ByteRequest
from zstore.stores.fsspec.filesystem import Client
from zstore.stores.fsspec.remote import Remote
from zstore.stores.listed import ListedNames
from zstore.stores.local import LocalStore

__all__ = ["LocalRemote"]


class LocalRemote(Remote):
    """A local folder.

    Parameters
    ----------
    root
        Its absolute path.
    read_only
        Whether the folder has to exist; otherwise it is made at the first use.
    """

    def __init__(self, root: str, names: ListedNames, *, read_only: bool) -> None:
        super().__init__(names)
        self._folder = LocalStore(root, read_only=read_only)

    @override
    async def read(
        self, client: Client, key: str, request: ByteRequest | None
    ) -> memoryview:
        value = await self._folder.get(key, byte_range=request)
        if value is None:
            raise FileNotFoundError(key)
        return value.as_buffer_like()

    @override
    async def size(self, client: Client, key: str) -> int:
        return await self._folder.getsize(key)

    @override
    async def write(self, client: Client, key: str, data: bytes) -> None:
        await self._folder.set(key, data)

    @override
    async def create(self, client: Client, key: str, data: bytes) -> None:
        if not await self._folder.set_if_not_exists(key, data):
            raise FileExistsError(key)

    @override
    async def remove(self, client: Client, key: str) -> None:
        await self._folder.delete(key)

    @override
    async def remove_below(self, client: Client, prefix: str) -> None:
        await self._folder.delete_dir(prefix)

    @override
    def scan(self, client: Client, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        return self._folder.scan(prefix)

    @override
    def entries(
        self, client: Client, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[EntryBatch, None]:
        return self._folder.list_entries(prefix, limit=limit, after=after)
