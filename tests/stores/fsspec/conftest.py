"""A store on S3."""

from collections.abc import AsyncIterator

import pytest
import s3fs

from tests.servers import S3Server
from zstore import FsspecStore
from zstore.stores import tries


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    monkeypatch.setattr(tries, "TRIES", 1)


@pytest.fixture
async def store(s3_server: S3Server) -> AsyncIterator[FsspecStore]:
    opened = s3_server.fsspec_store("root")
    yield opened
    await opened.aclose()
