"""What the tests of opening open: a folder, an archive, a bucket in memory."""

import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from zstore import Store

__all__ = ["VALUES", "archive", "bucket", "folder", "keys_of"]

VALUES = {"a/b": b"value", "c": b"1"}


async def keys_of(store: Store) -> list[str]:
    return sorted([key async for key in store.list()])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    (root / "a").mkdir(parents=True)
    (root / "a" / "b").write_bytes(b"value")
    (root / "c").write_bytes(b"1")
    return root


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for key, value in VALUES.items():
            opened.writestr(key, value)
    return path


@pytest.fixture
def bucket(archive: Path) -> str:
    """The URL of a folder in fsspec's memory, with two values and an archive."""
    fsspec = pytest.importorskip("fsspec")
    fs = fsspec.filesystem("memory")
    root = uuid4().hex
    for key, value in VALUES.items():
        fs.pipe_file(f"/{root}/{key}", value)
    fs.pipe_file(f"/{root}/zips/x.zip", archive.read_bytes())
    return f"memory://{root}"
