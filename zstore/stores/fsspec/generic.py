"""Any filesystem, by the methods that all of fsspec has."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from zstore._compat import override
from zstore.entries import Entry, EntryBatch, SizeBatch
from zstore.errors import BackendError, KeyConflictError
from zstore.ranges import ByteRequest, RangeByteRequest, resolve
from zstore.stores.fsspec.filesystem import Client, protocols
from zstore.stores.fsspec.remote import Remote
from zstore.stores.listed import ListedNames, page_of

__all__ = ["GenericRemote"]

_BATCH = 1000
# A longer range is cut to the size of the value first.
_ONE_CALL_NBYTES = 16 * 2**20
_TIME_FIELDS = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")
_MAGIC = frozenset("*?[")


class GenericRemote(Remote):
    """Any filesystem of fsspec.

    Parameters
    ----------
    fs
        The filesystem; only its class and options are looked at.
    root
        Path of the root, as the filesystem writes it, without a final ``/``.
    """

    def __init__(self, fs: Any, root: str, names: ListedNames) -> None:
        super().__init__(names)
        self._base = f"{root}/" if root else fs.root_marker or ""
        self._kinds = protocols(fs)
        self._lists_flat = _lists_flat(fs)
        self._removes_literally = _removes_literally(fs)
        # Archives tell by their mode; all but zip can only be read.
        archive = hasattr(fs, "_all_dirnames")
        self.can_write = not archive or getattr(fs, "mode", "r") != "r"
        self.can_delete = not archive

    @override
    async def read(self, client: Client, key: str, request: ByteRequest | None) -> bytes:
        path = self._base + key
        if request is None:
            whole: bytes = await client.cat_file(path)
            return whole
        size: int | None = None
        match request:
            case RangeByteRequest(start, stop) if stop - start <= _ONE_CALL_NBYTES:
                pass
            case _:
                # Not every filesystem takes "the last n bytes", nor says what it sent;
                # some make room for all that is asked for.
                size = await self.size(client, key)
                start, stop = resolve(request, size)
        data: bytes = await client.cat_file(path, start=start, end=stop)
        if len(data) != stop - start and size is None:
            size = await self.size(client, key)
            stop = resolve(request, size)[1]
        if len(data) != stop - start:
            reason = f"asked for {request} of {size} bytes, it sent {len(data)} bytes"
            raise BackendError(key, reason)
        return data

    @override
    async def size(self, client: Client, key: str) -> int:
        found: Mapping[str, Any] = await client.info(self._base + key)
        if found["type"] != "file":
            raise FileNotFoundError(key)
        size: int | None = found.get("size")
        return len(await self.read(client, key, None)) if size is None else int(size)

    @override
    async def write(self, client: Client, key: str, data: bytes) -> None:
        path = self._base + key
        if "memory" in self._kinds and await self._is_folder(client, path):
            # It would take the value, and then list nothing below.
            raise KeyConflictError(key, "there are keys below it")
        try:
            await client.pipe_file(path, data)
        except FileNotFoundError:
            await client.makedirs(path.rpartition("/")[0], exist_ok=True)
            await client.pipe_file(path, data)

    @staticmethod
    async def _is_folder(client: Client, path: str) -> bool:
        try:
            return bool((await client.info(path))["type"] == "directory")
        except FileNotFoundError:
            return False

    @override
    async def create(self, client: Client, key: str, data: bytes) -> None:
        # fsspec's "create" looks first and writes then, but on a few filesystems.
        msg = "fsspec has no step for it on this filesystem that is known to be atomic"
        raise NotImplementedError(msg)

    @override
    async def remove(self, client: Client, key: str) -> None:
        if not self._removes_literally and _MAGIC.intersection(self._base + key):
            msg = "it would take the key for a pattern, and delete what matches"
            raise NotImplementedError(msg)
        await client.rm_file(self._base + key)

    async def _level(
        self, client: Client, prefix: str
    ) -> list[tuple[str, Mapping[str, Any]]]:
        """Return (name, what is known) of one level; folders end in ``/``."""
        path = (self._base + prefix).rstrip("/") or client.fs.root_marker
        if getattr(client.fs, "dircache", None):
            client.fs.invalidate_cache()
        try:
            found: Iterable[Mapping[str, Any]] = await client.ls(path, detail=True)
        except (FileNotFoundError, NotADirectoryError) as error:
            if error.__cause__ is not None and not isinstance(error.__cause__, LookupError):
                raise
            return []
        level: list[tuple[str, Mapping[str, Any]]] = []
        for one in found:
            full = str(one["name"]).rstrip("/")
            name = full.rpartition("/")[2]
            # Some list the folder itself, or the file of that very name.
            if full.strip("/") == path.strip("/") or not self._names.admit(prefix + name):
                continue
            if one["type"] == "directory":
                level.append((f"{name}/", one))
            elif one["type"] == "file" and not str(one["name"]).endswith("/"):
                level.append((name, one))
        return level

    @override
    async def scan(self, client: Client, prefix: str) -> AsyncGenerator[SizeBatch, None]:
        if self._lists_flat:
            for batch in _batches(await self._all(client, prefix)):
                yield batch
            return
        folders = [prefix]
        while folders:
            folder = folders.pop()
            values: SizeBatch = []
            for name, one in await self._level(client, folder):
                if name.endswith("/"):
                    folders.append(folder + name)
                else:
                    values.append(
                        (folder + name, await self._listed_size(client, folder, one))
                    )
            for batch in _batches(values):
                yield batch

    async def _listed_size(
        self, client: Client, folder: str, one: Mapping[str, Any]
    ) -> int:
        size = one.get("size")
        if size is None:
            return await self.size(client, folder + str(one["name"]).rpartition("/")[2])
        return int(size)

    async def _all(self, client: Client, prefix: str) -> SizeBatch:
        path = (self._base + prefix).rstrip("/")
        found: Mapping[str, Mapping[str, Any]] = await client.find(path, detail=True)
        base = self._base.lstrip("/")
        values: SizeBatch = []
        for full, one in found.items():
            key = full.lstrip("/").removeprefix(base)
            below = key.startswith(prefix) and one["type"] == "file"
            if below and self._names.admit(key):
                values.append((key, int(one["size"] or 0)))
        return values

    @override
    async def entries(
        self, client: Client, prefix: str, limit: int | None, after: str
    ) -> AsyncGenerator[EntryBatch, None]:
        level = [_entry(name, one) for name, one in await self._level(client, prefix)]
        # Some list a folder once for each way in which it came to be.
        entries = {entry.cursor: entry for entry in level}.values()
        ordered = limit is not None or bool(after)
        yield page_of(entries, limit, after) if ordered else list(entries)


def _lists_flat(fs: Any) -> bool:
    """Tell whether the filesystem lists a whole tree at once in a way of its own."""
    kind = cast("Any", type(fs))
    own: Any = getattr(kind, "_find", None) if fs.async_impl else kind.find
    module = getattr(own, "__module__", "")
    return module not in ("fsspec.asyn", "fsspec.spec", "fsspec.archive")


def _removes_literally(fs: Any) -> bool:
    """Tell whether deleting one file is the filesystem's own, not made of a pattern."""
    kind = cast("Any", type(fs))
    own: Any = getattr(kind, "_rm_file", None) if fs.async_impl else kind.rm_file
    return getattr(own, "__module__", "") != "fsspec.asyn"


def _batches(values: SizeBatch) -> Iterable[SizeBatch]:
    return (values[first : first + _BATCH] for first in range(0, len(values), _BATCH))


def _entry(name: str, one: Mapping[str, Any]) -> Entry:
    if name.endswith("/"):
        return Entry(name[:-1], "prefix")
    size = one.get("size")
    return Entry(name, "key", None if size is None else int(size), _time_of(one))


def _time_of(one: Mapping[str, Any]) -> datetime | None:
    for field in _TIME_FIELDS:
        value = one.get(field)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
    return None
