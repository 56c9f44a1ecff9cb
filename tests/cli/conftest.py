"""Real stores for the console script."""

from pathlib import Path

import pytest

from tests.display.stores import ocean
from tests.servers import http_process, http_server
from zstore import LocalStore, sync

__all__ = ["http_process", "http_server"]


@pytest.fixture
def sea(tmp_path: Path) -> Path:
    """A folder with a small Zarr v2 tree."""
    folder = tmp_path / "sea.zarr"
    sync.run(LocalStore(folder).set_many(ocean()))
    return folder
