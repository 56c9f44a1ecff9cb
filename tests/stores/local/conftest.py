"""Folders for LocalStore, on systems with openat2 and without."""

from pathlib import Path

import pytest

from zstore import LocalStore


@pytest.fixture(params=["kernel", "portable"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> Path:
    """A folder, once with openat2 and once as on systems without it."""
    if request.param == "portable":
        monkeypatch.setattr("zstore.stores.local.beneath._find_openat2", lambda: None)
    path = tmp_path / "store"
    path.mkdir()
    return path


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.mkdir()
    (path / "secret").write_bytes(b"secret")
    return path


@pytest.fixture(params=["descriptors", "paths"])
def way(request: pytest.FixtureRequest, monkeypatch) -> None:
    """Walk relative to open folders, or as on systems that cannot."""
    if request.param == "paths":
        monkeypatch.setattr("zstore.stores.local.descent._HAS_DESCRIPTORS", False)
