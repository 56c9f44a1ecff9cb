"""zarr-python's own public suite, run on a real S3 server through `as_zarr`."""

from typing import Any

import obstore
import pytest

import zstore
from tests.interop.test_zarr_suite import AdapterTests as _AdapterTests
from tests.servers import S3Server, s3_process, s3_server
from zstore._compat import override

__all__ = ["s3_process", "s3_server"]


class OnServer(_AdapterTests):
    """Values are objects of a bucket, below ``root/``."""

    server: S3Server

    @override
    def put(self, store: Any, key: str, value: bytes) -> None:
        self.server.put(f"root/{key}", body=value)

    @override
    def fetch(self, store: Any, key: str) -> Any:
        found = self.server.client.get_object(Bucket=self.server.bucket, Key=f"root/{key}")
        return found["Body"].read()


class TestFsspecStore(OnServer):
    @override
    @pytest.fixture
    def store_kwargs(self, s3_server: S3Server) -> dict[str, Any]:
        type(self).server = s3_server
        return {"store": s3_server.fsspec_store("root")}


class TestObjectStore(OnServer):
    @override
    @pytest.fixture
    def store_kwargs(self, s3_server: S3Server) -> dict[str, Any]:
        type(self).server = s3_server
        client: Any = obstore.store.S3Store(
            s3_server.bucket, prefix="root", **s3_server.obstore_options
        )
        return {"store": zstore.ObjectStore(client)}
