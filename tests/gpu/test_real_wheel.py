"""The real CuPy, on machines without a GPU too: what zstore says, and the names it uses.

``make tests`` installs a CuPy into a folder of the environment that only these tests read.
"""

import re
import sys
from pathlib import Path

import pytest

from tests.scripts import run_script

CUPY = Path(sys.prefix) / "cupy"
ZSTORE = Path(__file__).parents[2] / "zstore"

pytestmark = pytest.mark.skipif(
    not (CUPY / "cupy").is_dir(),
    reason="`make tests` installs a CuPy into .venv/cupy, on Linux, and it is not there",
)

START = """
import sys
sys.path.insert(0, sys.argv[1])
"""

USE = """
import asyncio
import zstore, zstore.gpu
assert "cupy" not in sys.modules

async def use():
    store = zstore.GpuMemoryStore()
    assert [key async for key in store.list()] == []
    found = zstore.gpu.status()
    if found.available:
        return print("ready")
    assert found.state == "no device", found
    try:
        await store.set("key", b"value")
    except zstore.gpu.GpuUnavailable as error:
        assert str(error) == str(found), error
    assert not await store.exists("key")
    print(found.reason)

asyncio.run(use())
"""

# Names that zstore reads from the module, with what it passes to what it calls.
NAMES = """
import functools, inspect, cupy, numpy
for name in sys.argv[2:]:
    functools.reduce(getattr, name.split("."), cupy)

def parameters(call):
    try:
        return list(inspect.signature(call).parameters)
    except ValueError:  # compiled: its first line says it
        line = (call.__doc__ or "").splitlines()[0]
        named = line.partition("(")[2].partition(")")[0].split(",")
        return [each.partition("=")[0].split()[-1] for each in named if each.strip()]

class HostMemory:  # as pinned memory is, without a device
    host = numpy.zeros(64, numpy.uint8)
    ptr, size = host.ctypes.data, 64

cuda = cupy.cuda
expected = {
    cuda.runtime.memcpyAsync: ["dst", "src", "size", "kind", "stream"],
    cuda.Device: ["device"],
    cuda.Stream: ["null", "non_blocking"],
    cuda.Event: ["block", "disable_timing"],
    cuda.Event.record: ["self", "stream"],
    cuda.Event.synchronize: ["self"],
    cuda.Stream.wait_event: ["self", "event"],
    cuda.MemoryPool.malloc: ["self", "size"],
    cuda.MemoryPool.set_limit: ["self", "size"],
    cuda.MemoryPool.free_all_blocks: ["self"],
    cuda.using_allocator: ["allocator"],
    cuda.alloc_pinned_memory: ["size"],
    cupy.concatenate: ["tup"],
}
for call, names in expected.items():
    found = parameters(call)
    assert found[: len(names)] == names, (call, found)
for name in ("used_bytes", "total_bytes", "n_free_blocks", "get_limit"):
    assert callable(getattr(cuda.MemoryPool, name)), name
assert (cuda.Stream.null.ptr, cuda.Stream.null.device_id) == (0, -1)
for name in ("wait_event", "__enter__", "__exit__"):
    assert hasattr(cuda.Stream, name), name
for name in ("done", "synchronize"):
    assert hasattr(cuda.Event, name), name
assert issubclass(cuda.memory.OutOfMemoryError, MemoryError)
assert issubclass(cuda.runtime.CUDARuntimeError, RuntimeError)
assert memoryview(cuda.PinnedMemoryPointer(HostMemory(), 0)).nbytes == 64
print(len(sys.argv[2:]), "names")
"""

# An array of CuPy that lies in host memory: it knows its address and no device is asked.
BUFFERS = """
import cupy, numpy as np, weakref
from zstore.buffer.gpu import Buffer
from zstore.gpu.span import Span

host = np.arange(1024, dtype="u1")
memory = cupy.cuda.UnownedMemory(host.ctypes.data, 1024, host, 0)
base = cupy.ndarray((1024,), np.uint8, cupy.cuda.MemoryPointer(memory, 0))
at = host.ctypes.data

assert weakref.ref(base)() is base  # how a store knows its slabs
whole = Buffer.of(Span(base, 0, 1024, None))
assert (len(whole), whole.nbytes, whole.offset, whole.is_view) == (1024, 1024, 0, False)
assert (whole.ptr, whole.base_ptr, whole.base_nbytes) == (at, at, 1024)
assert whole.device_id == 0

part = whole[100:300][10:60]
assert (part.nbytes, part.offset, part.is_view) == (50, 110, True)
assert (part.ptr, part.base_ptr, part.base_nbytes) == (at + 110, at, 1024)
assert part.base is base
array = part.as_array_like()
assert (type(array), array.shape, array.data.ptr) == (cupy.ndarray, (50,), at + 110)
assert whole[2000:].nbytes == 0
assert part.toreadonly().readonly and not part.readonly
for text in (repr(whole), repr(part)):
    assert "cuda:0" in text and "gpu.Buffer" in text, text
assert "50" in repr(part) and hex(at + 110) in repr(part), repr(part)
try:
    hash(part)
except TypeError:
    print("all")
"""


def _names() -> set[str]:
    """Find what the library reads from CuPy by its name."""
    found: set[str] = set()
    for file in ZSTORE.rglob("*.py"):
        text = file.read_text()
        if "cupy" not in text and "xp." not in text:
            continue
        found |= set(re.findall(r"(?:\bcupy|\bxp|require\(\))\.([a-zA-Z][\w.]*\w)", text))
        runtime = re.findall(r"(?:\b_?runtime)\.(\w+)", text)
        found |= {f"cuda.runtime.{name}" for name in runtime}
    return {name for name in found if not name.endswith((".py", ".status"))}


def test_a_real_cupy_without_a_device_says_why():
    said = run_script(START + USE, str(CUPY)).strip()
    if said != "ready":
        assert re.match(r"cupy \d+\.\d+\.\d+ found no CUDA device: .*cudaError\w+", said)


def test_a_real_cupy_has_every_name_that_is_used_of_it():
    names = _names()
    assert {"ndarray", "cuda.MemoryPool", "cuda.runtime.memcpyAsync"} <= names
    said = run_script(START + NAMES, str(CUPY), *sorted(names))
    assert said == f"{len(names)} names\n"


def test_a_buffer_of_a_real_cupy_array_asks_no_device_where_it_lies():
    assert run_script(START + BUFFERS, str(CUPY)) == "all\n"
