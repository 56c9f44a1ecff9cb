import numpy as np
import pytest

from tests.gpu.simulation import Simulation
from tests.inspection.uploading import uploaded
from zstore import GpuMemoryStore, LocalStore, LoggingStore, MemoryStore, PrefixStore
from zstore.errors import InvalidTypeError, UnsupportedError
from zstore.inspection import pool_info


async def test_of_the_host_the_bytes_of_the_values_are_told():
    store = MemoryStore()
    await store.set_many([("a/1", b"abc"), ("b", bytes(1000))])
    for each in (store, LoggingStore(store), PrefixStore(store, "a")):
        found = await pool_info(each)
        assert (found.device, found.payload_nbytes) == ("cpu", 1003)
        assert (found.used_nbytes, found.overhead_nbytes) == (1003, 0)
        assert (found.slabs, found.pinned_nbytes, found.limit_nbytes) == (0, 0, None)


async def test_a_store_on_a_disk_has_no_pool(tmp_path):
    with pytest.raises(UnsupportedError, match="pool_info"):
        await pool_info(LocalStore(tmp_path))


async def test_what_is_no_store_has_no_pool():
    with pytest.raises(InvalidTypeError, match="looks at a Store, got dict"):
        await pool_info({})  # type: ignore[arg-type]  # the wrong kind is the test


async def test_a_store_that_wrote_nothing_has_nothing_on_a_device():
    found = await pool_info(GpuMemoryStore(device=1))
    assert (found.device, found.kind) == ("cuda:1", "pool of the store")
    assert (found.used_nbytes, found.total_nbytes, found.payload_nbytes) == (0, 0, 0)
    assert (await pool_info(GpuMemoryStore())).device == "cuda"


async def test_slabs_and_dead_bytes_are_counted_in_simulation(simulation: Simulation):
    store = GpuMemoryStore()
    await store.set("large", bytes(1_000_000))
    await store.set_many([(str(i), bytes(1024)) for i in range(50)])
    full = await pool_info(store)
    assert (full.device, full.slabs, full.dead_nbytes) == ("cuda:0", 1, 0)
    assert full.payload_nbytes == 1_000_000 + 50 * 1024
    assert full.used_nbytes >= full.payload_nbytes
    assert full.overhead_nbytes == full.used_nbytes - full.payload_nbytes
    assert full.pinned_nbytes == simulation.driver.pinned_nbytes > 0
    for i in range(10):
        await store.delete(str(i))
    less = await pool_info(store)
    assert less.dead_nbytes == 10 * 1024
    assert less.used_nbytes == full.used_nbytes
    for i in range(10, 49):
        await store.delete(str(i))
    last = await pool_info(store)
    assert (last.slabs, last.dead_nbytes) == (1, 49 * 1024)


async def test_the_pool_of_the_process_is_told_in_simulation(simulation: Simulation):
    buffer = await uploaded(np.zeros(1000))
    # CuPy's own pool, which the simulation does not have.
    pool = simulation.driver.pool()
    held = pool.malloc(3000)
    simulation.xp.get_default_memory_pool = lambda: pool
    found = await pool_info()
    assert (found.device, found.kind) == ("cuda:0", "pool of CuPy")
    assert (found.used_nbytes, found.payload_nbytes) == (3072, None)
    assert found.overhead_nbytes is None
    assert (len(buffer), held.size) == (8000, 3072)


async def test_the_limit_of_a_pool_is_told_in_simulation(simulation: Simulation):
    pool = simulation.driver.pool()
    pool.set_limit(10_000)
    simulation.xp.get_default_memory_pool = lambda: pool
    assert (await pool_info()).limit_nbytes == 10_000
