"""A store with a few keys, and beside it what no key may reach."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import zstore
from tests.reliability.handles import Handle, ZStoreHandle
from tests.reliability.systems import opened

__all__ = ["KEYS", "SYSTEMS", "WRAPPERS", "Scene", "open_system"]

KEYS = {
    "a": b"value of a",
    "b/c": b"value of b/c",
    "b/d/e": b"value of b/d/e",
    **{f"g/{i}": b"value of g/%d" % i for i in range(5)},
}
_OUTSIDE = {"secret": b"what nobody may read", "folder/more": b"nor this"}

_PREFIX = "some/prefix"

WRAPPERS: dict[str, Callable[[zstore.Store], zstore.Store]] = {
    "zstore Wrapper": zstore.WrapperStore,
    "zstore Logging": lambda store: zstore.LoggingStore(store, log_level="CRITICAL"),
    "zstore Latency": lambda store: zstore.LatencyStore(store, latency=0),
    "zstore Prefix": lambda store: zstore.PrefixStore(store, _PREFIX),
}
"""Of ours, around a LocalStore."""

SYSTEMS = (
    "zstore Local",
    "zstore Zip",
    "zstore Memory",
    "zstore Fsspec(local)",
    "zstore Object(local)",
    *WRAPPERS,
    "zarr Local",
    "zarr Zip",
    "zarr Memory",
    "zarr Fsspec(local)",
    "obstore Local",
    "tensorstore file",
)


@asynccontextmanager
async def _wrapped(name: str, place: Path) -> AsyncIterator[Handle]:
    async with WRAPPERS[name](zstore.LocalStore(place)) as store:
        yield ZStoreHandle(store)


def open_system(name: str, place: Path) -> AbstractAsyncContextManager[Handle]:
    """Open a system in a folder; see `systems.opened`."""
    return _wrapped(name, place) if name in WRAPPERS else opened(name, place)


class Scene:
    """A store in the folder ``root``, and the folder ``outside`` beside it.

    Parameters
    ----------
    system
        Name of what is opened.
    place
        An empty folder for both.
    """

    def __init__(self, system: str, place: Path) -> None:
        self._system = system
        self._place = place
        self.root = place / "root"
        # Where the key ``x`` is the file ``x``, if keys are files.
        self.folder = self.root / _PREFIX if system == "zstore Prefix" else self.root
        self.outside = place / "outside"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Handle]:
        """Make everything anew, and open the store with `KEYS` in it."""
        await asyncio.to_thread(self._make)
        async with open_system(self._system, self.root) as handle:
            for key, value in KEYS.items():
                await handle.set(key, value)
            yield handle

    def _make(self) -> None:
        for path in self._place.iterdir():
            if path.is_dir() and not path.is_symlink():
                _remove(path)
            else:
                path.unlink()
        self.root.mkdir()
        for name, value in _OUTSIDE.items():
            (self.outside / name).parent.mkdir(parents=True, exist_ok=True)
            (self.outside / name).write_bytes(value)

    def is_harmed(self) -> bool:
        """Whether anything but the root is not as it was made."""
        found: dict[str, bytes] = {}
        for folder, folders, files in os.walk(self._place):
            here = Path(folder)
            if here == self._place:
                if not {*folders, *files} <= {"root", "outside"}:
                    return True
                folders[:] = ["outside"]
            for name in files:
                path = here / name
                found[str(path.relative_to(self.outside))] = path.read_bytes()
        return found != _OUTSIDE

    def path_outside(self, key: str) -> str:
        """Return where a key leads, taken for a path; empty if not out of the root."""
        path = os.path.normpath(self.root / key.split("\0", maxsplit=1)[0])
        return "" if f"{path}/".startswith(f"{self.root}/") else path

    @staticmethod
    async def contents(handle: Handle) -> dict[str, bytes]:
        """Return all keys with their values."""
        found: dict[str, bytes] = {}
        for key in await handle.keys():
            try:
                value = await handle.get(key)
            except Exception as error:  # noqa: BLE001 -- a value that nobody can read
                value = repr(error).encode()
            if value is not None:
                found[key] = value
        return found


def _remove(folder: Path) -> None:
    # A call that was given up may still put a file there, or take one away.
    for _ in range(50):
        with suppress(OSError):
            shutil.rmtree(folder)
            return
        time.sleep(0.02)
    shutil.rmtree(folder)
