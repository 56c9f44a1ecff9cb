from types import SimpleNamespace

import pytest

from tests.gpu.simulation import Simulation
from tests.inspection.uploading import uploaded
from zstore import GpuMemoryStore
from zstore.buffer import gpu
from zstore.inspection import buffer_info, peek


async def test_facts_of_a_device_buffer_in_simulation(simulation: Simulation):
    whole = await uploaded(bytes(4096))
    facts = await buffer_info(whole)
    assert (facts.device, facts.nbytes, facts.offset) == ("cuda:0", 4096, 0)
    assert (facts.owner_nbytes, facts.is_view, facts.alignment >= 512) == (
        4096,
        False,
        True,
    )
    part = await buffer_info(whole[100:200])
    assert (part.offset, part.nbytes, part.is_view) == (100, 100, True)
    assert part.pointer == facts.pointer + 100
    assert "float32" in part.fitting
    assert "float64" not in part.fitting
    assert simulation.counts.downloads == 0


async def test_rounding_by_a_pool_makes_no_view_in_simulation(simulation: Simulation):
    facts = await buffer_info(await uploaded(b"13 bytes long"))
    assert (facts.owner_nbytes, facts.is_view) == (512, False)
    assert simulation.counts.downloads == 0


async def test_a_value_of_a_slab_is_a_view_of_it_in_simulation(simulation: Simulation):
    store = GpuMemoryStore()
    await store.set_many([(str(i), bytes(100)) for i in range(50)])
    value = await store.get("7", gpu.buffer_prototype)
    assert isinstance(value, gpu.Buffer)
    facts = await buffer_info(value)
    assert facts.is_view
    assert facts.readonly
    assert facts.offset == facts.pointer - value.base_ptr
    assert simulation.counts.downloads == 0


async def test_the_copy_under_way_is_told_in_simulation(simulation: Simulation):
    simulation.driver.stream.delay = 0.3
    buffer = await uploaded(bytes(100))
    assert (await buffer_info(buffer)).pending
    await peek(buffer)
    assert not (await buffer_info(buffer)).pending


@pytest.mark.parametrize(
    ("code", "kind"),
    [(0, "host"), (1, "pinned"), (2, "device"), (3, "managed"), (9, "unknown")],
)
async def test_the_driver_says_which_memory_it_is_in_simulation(
    simulation: Simulation, code: int, kind: str
):
    buffer = await uploaded(bytes(100))
    answers = {buffer.ptr: SimpleNamespace(type=code)}
    runtime = SimpleNamespace(pointerGetAttributes=answers.__getitem__)
    simulation.xp.cuda = SimpleNamespace(runtime=runtime)
    assert (await buffer_info(buffer)).memory == kind


async def test_an_empty_device_buffer_asks_no_device_in_simulation(simulation: Simulation):
    empty = (await uploaded(bytes(100)))[50:50]
    simulation.driver.stream.error = simulation.driver.failures[0]("broken")
    facts = await buffer_info(empty)
    assert (facts.nbytes, facts.pointer, facts.offset, facts.pending) == (0, 0, 0, False)
    assert await peek(empty) == b""


async def test_a_peek_copies_what_it_returns_and_no_more_in_simulation(
    simulation: Simulation,
):
    content = bytes(range(256)) * 64
    buffer = await uploaded(content)
    assert await peek(buffer[3:], 100, 50) == content[103:153]
    assert simulation.counts.downloaded_nbytes == 50
    assert await peek(buffer, 16_000, 4096) == content[16_000:]
    assert simulation.counts.downloaded_nbytes == 50 + 384
