"""zarr-python's own public suite, run on every store of ours through `as_zarr`."""

import pickle
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import obstore
import pytest
from zarr.abc.buffer import Buffer
from zarr.abc.store import OffsetByteRequest
from zarr.buffer import cpu, gpu
from zarr.testing.store import StoreTests

import zstore
from zstore._compat import override
from zstore.interop.zarr_adapter import ZarrAdapter


class AdapterTests(StoreTests[ZarrAdapter, cpu.Buffer]):
    """What all stores share; a subclass says how to reach the bytes without the adapter."""

    store_cls = ZarrAdapter
    buffer_cls = cpu.Buffer

    def put(self, store: Any, key: str, value: bytes) -> None:
        raise NotImplementedError

    def fetch(self, store: Any, key: str) -> Any:
        raise NotImplementedError

    @override
    async def set(self, store: ZarrAdapter, key: str, value: Buffer) -> None:
        self.put(store.store, key, value.to_bytes())

    @override
    async def get(self, store: ZarrAdapter, key: str) -> Buffer:
        return self.buffer_cls.from_bytes(self.fetch(store.store, key))

    @override
    def test_store_repr(self, store: ZarrAdapter) -> None:
        assert repr(store) == f"ZarrAdapter({store.store!r})"
        assert str(store) == f"zarr-{store.store}"

    @override
    def test_store_supports_writes(self, store: ZarrAdapter) -> None:
        assert store.supports_writes

    @override
    def test_store_supports_listing(self, store: ZarrAdapter) -> None:
        assert store.supports_listing
        assert store.supports_deletes
        assert store.supports_consolidated_metadata


class InFolder(AdapterTests):
    """Values are files below a folder."""

    def root(self, store: Any) -> Any:
        raise NotImplementedError

    @override
    def put(self, store: Any, key: str, value: bytes) -> None:
        path = self.root(store) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value)

    @override
    def fetch(self, store: Any, key: str) -> Any:
        return (self.root(store) / key).read_bytes()


class InDict(AdapterTests):
    """Values are in a dict, which wrappers wrap."""

    def memory(self, store: Any) -> Any:
        return store

    @override
    def put(self, store: Any, key: str, value: bytes) -> None:
        self.memory(store).store_dict[key] = zstore.buffer.cpu.Buffer(value)

    @override
    def fetch(self, store: Any, key: str) -> Any:
        return self.memory(store).store_dict[key].to_bytes()


class TestMemoryStore(InDict):
    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"store": zstore.MemoryStore()}


class TestLoggingStore(InDict):
    @override
    def memory(self, store: Any) -> Any:
        return store._store

    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"store": zstore.LoggingStore(zstore.MemoryStore())}


class TestLatencyStore(InDict):
    @override
    def memory(self, store: Any) -> Any:
        return store._store

    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"store": zstore.LatencyStore(zstore.MemoryStore(), latency=0)}


class TestPrefixStore(InDict):
    @override
    def put(self, store: Any, key: str, value: bytes) -> None:
        super().put(store._store, f"some/where/{key}", value)

    @override
    def fetch(self, store: Any, key: str) -> Any:
        return super().fetch(store._store, f"some/where/{key}")

    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"store": zstore.PrefixStore(zstore.MemoryStore(), "some/where")}


class TestLocalStore(InFolder):
    @override
    def root(self, store: Any) -> Any:
        return store.root

    @override
    @pytest.fixture
    def store_kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"store": zstore.LocalStore(tmp_path / "root")}


class TestZipStore(AdapterTests):
    """Nothing can be put into an archive behind its store, so the store does it."""

    @override
    async def set(self, store: ZarrAdapter, key: str, value: Buffer) -> None:
        await store.store.set(key, value.to_bytes())

    @override
    async def get(self, store: ZarrAdapter, key: str) -> Buffer:
        return self.buffer_cls.from_bytes(await store.store.get_bytes(key))

    @override
    @pytest.fixture
    def store_kwargs(self, tmp_path: Path) -> dict[str, Any]:
        return {"store": zstore.ZipStore(tmp_path / "store.zip", mode="w")}


class TestFsspecLocal(InFolder):
    @override
    def root(self, store: Any) -> Any:
        return Path(store.path)

    @override
    @pytest.fixture
    def store_kwargs(self, tmp_path: Path) -> dict[str, Any]:
        url = (tmp_path / "root").as_uri()
        (tmp_path / "root").mkdir()
        return {"store": zstore.FsspecStore.from_url(url)}


class TestFsspecMemory(AdapterTests):
    @override
    def put(self, store: Any, key: str, value: bytes) -> None:
        fsspec.filesystem("memory").pipe_file(f"{store.path}/{key}", value)

    @override
    def fetch(self, store: Any, key: str) -> Any:
        return fsspec.filesystem("memory").cat_file(f"{store.path}/{key}")

    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"store": zstore.FsspecStore.from_url(f"memory://{uuid4().hex}")}


class TestObjectStoreMemory(AdapterTests):
    @override
    def put(self, store: Any, key: str, value: bytes) -> None:
        obstore.put(store.store, key, value)

    @override
    def fetch(self, store: Any, key: str) -> Any:
        return bytes(obstore.get(store.store, key).bytes())

    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        client: Any = obstore.store.MemoryStore()
        return {"store": zstore.ObjectStore(client)}

    @override
    async def test_serializable_store(self, store: ZarrAdapter) -> None:
        # obstore's memory belongs to one process; a copy of it would be another store.
        with pytest.raises(TypeError, match="cannot pickle 'MemoryStore' object"):
            pickle.dumps(store)


class TestObjectStoreLocal(InFolder):
    @override
    def root(self, store: Any) -> Any:
        return Path(store.store.prefix)

    @override
    @pytest.fixture
    def store_kwargs(self, tmp_path: Path) -> dict[str, Any]:
        client: Any = obstore.store.LocalStore(tmp_path)
        return {"store": zstore.ObjectStore(client)}


@pytest.mark.gpu
class TestGpuMemoryStore(StoreTests[ZarrAdapter, gpu.Buffer]):
    """Values are in the memory of a device, which `buffer_cls` writes and a dict holds."""

    store_cls = ZarrAdapter
    buffer_cls = gpu.Buffer

    @override
    async def set(self, store: Any, key: str, value: Buffer) -> None:
        array = value.as_array_like()
        store.store.store_dict[key] = zstore.buffer.gpu.Buffer.from_array_like(array)

    @override
    async def get(self, store: Any, key: str) -> Buffer:
        return self.buffer_cls.from_array_like(store.store.store_dict[key].as_array_like())

    @override
    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"store": zstore.GpuMemoryStore()}

    @override
    def test_store_repr(self, store: ZarrAdapter) -> None:
        assert repr(store) == f"ZarrAdapter({store.store!r})"

    @override
    def test_store_supports_writes(self, store: ZarrAdapter) -> None:
        assert store.supports_writes

    @override
    def test_store_supports_listing(self, store: ZarrAdapter) -> None:
        assert store.supports_listing

    async def test_values_stay_on_the_device(self, store: ZarrAdapter) -> None:
        await store.set("a", self.buffer_cls.from_bytes(b"0123"))
        value = await store.get("a", gpu.buffer_prototype, OffsetByteRequest(1))
        assert isinstance(value, gpu.Buffer)
        assert value.to_bytes() == b"123"
