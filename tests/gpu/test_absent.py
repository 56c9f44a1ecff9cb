"""Without a CuPy that works everything but device memory does; each in a fresh process."""

from pathlib import Path

import pytest

from tests.scripts import run_script

# The first argument is a folder that may hold a package `cupy`, or "" to hide any.
USE = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
if not sys.argv[1]:
    sys.modules["cupy"] = None
before = set(sys.modules)

import zstore, zstore_widgets, zstore.buffer.gpu, zstore.gpu
assert zstore.buffer.gpu.buffer_prototype and zstore_widgets.StoreExplorer
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
assert not loaded & {"cupy", "cuda", "kvikio"}, loaded
assert zstore.gpu.known_status() is None

async def use():
    store = zstore.GpuMemoryStore()
    empty = zstore.GpuMemoryStore.from_dict({})
    assert [key async for key in store.list()] == []
    assert not await store.exists("key")
    assert await store.get("key") is None
    assert await empty.getsize_prefix("") == 0
    assert str(store) and repr(store)
    for write in (store.set, store.set_if_not_exists):
        try:
            await write("key", b"value")
        except zstore.gpu.GpuUnavailable as error:
            assert isinstance(error, ImportError) and isinstance(error, RuntimeError)
            assert str(error) == str(zstore.gpu.status()), str(error)
        else:
            sys.exit("a value was stored without a device")
    assert not await store.exists("key")

asyncio.run(use())
print(zstore.gpu.status().reason)
"""

BROKEN = {
    "RuntimeError": "raise RuntimeError('CuPy is not correctly installed')",
    "OSError": "raise OSError('libcudart.so.13: cannot open shared object file')",
    "ImportError": "from cupy import _core",
    "no devices": """
__version__ = "14.2.0"
class cuda:
    class runtime:
        getDeviceCount = staticmethod(lambda: 0)
""",
}
REASONS = {
    "RuntimeError": "cupy failed to import: RuntimeError: CuPy is not correctly installed",
    "OSError": "cupy failed to import: OSError: libcudart.so.13: cannot open shared object",
    "ImportError": "cupy failed to import: ImportError: cannot import name '_core'",
    "no devices": "cupy 14.2.0 found no CUDA device",
}


def test_without_cupy_all_imports_work_and_stores_say_what_is_missing():
    assert run_script(USE, "") == "cupy is not installed\n"


@pytest.mark.parametrize("kind", BROKEN)
def test_a_cupy_that_does_not_work_does_no_harm(tmp_path: Path, kind: str):
    (tmp_path / "cupy").mkdir()
    (tmp_path / "cupy" / "__init__.py").write_text(BROKEN[kind])

    assert run_script(USE, str(tmp_path)).startswith(REASONS[kind])
