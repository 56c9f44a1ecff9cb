"""What of fsspec is used, where it is not installed or behaves in its own way."""

import asyncio

import pytest

from zstore import FsspecStore
from zstore.errors import MissingDependencyError
from zstore.stores.fsspec.filesystem import disconnect, warm_up


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(MissingDependencyError, match=r"zstore\[fsspec\]"):
        FsspecStore.from_url("s3://bucket")


class SlowToConnect:
    """Connects by waiting, or only with a loop."""

    protocol = "s3"

    def __init__(self, *, looks: bool) -> None:
        self.looks = looks
        self.connected = 0

    async def set_session(self) -> None:
        if self.looks:
            asyncio.get_running_loop()
        await asyncio.sleep(0)
        self.connected += 1


@pytest.mark.parametrize("looks", [False, True])
async def test_connecting_may_need_a_loop(looks: bool):
    fs = SlowToConnect(looks=looks)
    await warm_up(fs)
    assert fs.connected == 1
    # It has nothing that could be closed.
    await disconnect(fs)
