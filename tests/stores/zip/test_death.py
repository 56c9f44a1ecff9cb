import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.stores.zip.archives import (
    by_python,
    contents,
    files_in,
    old,
    reread,
    write,
)
from zstore import ZipStore
from zstore.errors import (
    BackendError,
    ZStoreWarning,
)


class TestDeath:
    """What a writer that is killed leaves: the file as it is before a commit."""

    @pytest.mark.parametrize("nbytes", [10, 200_000])
    async def test_the_last_commit_is_readable(self, tmp_path: Path, nbytes: int):
        path, dead = old(tmp_path), tmp_path / "dead.zip"
        values = {"old": b"value"}
        store = ZipStore(path, mode="a")
        for i in range(5):
            key, value = f"{i}", os.urandom(nbytes)
            await store.set(key, value)
            shutil.copy(path, dead)
            with pytest.warns(ZStoreWarning, match="not committed"):
                assert await reread(dead) == values
            await store.commit()
            values[key] = value
            shutil.copy(path, dead)
            assert await reread(dead) == values
        await store.aclose()

    async def test_an_archive_as_the_last_value_is_not_taken_for_the_archive(
        self, tmp_path
    ):
        for padding in (0, 100_000):
            inner = by_python({"inner": bytes(padding)})
            path = old(tmp_path)
            store = ZipStore(path, mode="a")
            await store.set("inner.zip", inner)
            dead = Path(shutil.copy(path, tmp_path / "dead.zip"))
            await store.aclose()
            with pytest.warns(ZStoreWarning, match="not committed"):
                assert await reread(dead) == {"old": b"value"}
            assert contents(path)["inner.zip"] == inner
            assert await reread(path) == contents(path)

    async def test_writing_goes_on_after_a_death(self, tmp_path: Path):
        path, dead = old(tmp_path), tmp_path / "dead.zip"
        store = ZipStore(path, mode="a")
        await store.set("lost", bytes(1000))
        shutil.copy(path, dead)
        await store.aclose()
        with pytest.warns(ZStoreWarning, match="not committed"):
            store = await ZipStore.open(dead, mode="a")
        await store.set("new", b"1")
        assert store.reclaimable_nbytes > 1000
        await store.compact()
        assert store.reclaimable_nbytes == 0
        await store.aclose()
        assert contents(dead) == {"old": b"value", "new": b"1"}

    async def test_every_moment_of_a_commit_leaves_a_commit(self, tmp_path: Path):
        path, dead = old(tmp_path), tmp_path / "dead.zip"
        store = ZipStore(path, mode="a")
        await store.set("new", b"value")
        await store.aclose()
        data = path.read_bytes()
        before = by_python({"old": b"value"})
        for nbytes in range(len(before) + 1, len(data)):
            write(dead, data[:nbytes])
            with pytest.warns(ZStoreWarning, match="not committed"):
                assert await reread(dead) == {"old": b"value"}
        assert len(await reread(path)) == 2

    @pytest.mark.parametrize("mode", ["w", "a"])
    async def test_a_process_that_is_killed_leaves_the_old_archive(self, tmp_path, mode):
        path = old(tmp_path)
        script = (
            "import asyncio, sys; from zstore import ZipStore\n"
            "async def main():\n"
            f"    store = ZipStore({str(path)!r}, mode={mode!r})\n"
            "    await store.set('committed', b'1')\n"
            "    if store._mode == 'a': await store.commit()\n"
            "    await store.set('lost', bytes(100_000)); print('ready', flush=True)\n"
            "    await asyncio.sleep(60)\n"
            "asyncio.run(main())\n"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        with pytest.raises(BackendError, match="another writer"):
            await ZipStore.open(path, mode="w")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        if mode == "a":
            with pytest.warns(ZStoreWarning, match="not committed"):
                assert await reread(path) == {"old": b"value", "committed": b"1"}
        else:
            assert contents(path) == {"old": b"value"}
            async with ZipStore(path, mode="w") as store:
                await store.set("new", b"1")
            assert contents(path) == {"new": b"1"}
            assert files_in(tmp_path) == ["a.zip"]
