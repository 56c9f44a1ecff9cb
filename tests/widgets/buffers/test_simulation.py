"""The whole way of the view on a simulated device: in host memory, on no GPU."""

import pytest

from tests.gpu.simulation import Simulation
from tests.widgets.front import Front
from zstore import GpuMemoryStore
from zstore_widgets import BufferInspector


async def store_with_holes() -> GpuMemoryStore:
    """Return a store of one slab, half of it deleted, and of a large value."""
    store = GpuMemoryStore()
    await store.set_many([(f"small/{at:03}", bytes([at]) * 1000) for at in range(100)])
    await store.set("large", bytes(1_000_000))
    for at in range(0, 100, 2):
        await store.delete(f"small/{at:03}")
    return store


@pytest.fixture
async def front(simulation: Simulation) -> Front:  # noqa: ARG001 -- is there
    return Front(BufferInspector(await store_with_holes()))


async def test_simulation_the_slab_of_a_store_is_drawn_with_its_dead_bytes(front: Front):
    answer = await front.call("memory_map")
    slab, own = answer.parts
    assert (slab["kind"], slab["device"], slab["nvalues"]) == ("shared", "cuda:0", 50)
    assert slab["live_nbytes"] == 50_000
    assert 0 < slab["cells"]["live_nbytes"][0] < slab["nbytes"]
    assert own["cells"]["key"][0] == "large"
    assert answer.result["region_nbytes"] > answer.result["nbytes"] == 1_050_000


async def test_simulation_the_device_is_ready_and_says_that_it_is_none(front: Front):
    told = (await front.call("device_status", refresh=False)).result
    assert (told["state"], told["device"]) == ("ready", "cuda:0")
    assert "not a GPU" in told["text"]


async def test_simulation_figures_are_of_the_card_and_of_the_pool(front: Front):
    figures = (await front.call("device_figures")).result
    assert figures["card"]["total_nbytes"] > figures["card"]["free_nbytes"] > 0
    assert figures["pool"]["used_nbytes"] >= 1_050_000
    assert figures["pool"]["dead_nbytes"] > 0


async def test_simulation_a_chosen_value_stays_on_the_device(
    front: Front, simulation: Simulation
):
    await front.call("device_status", refresh=False)
    counts = simulation.counts
    before = counts.downloaded_nbytes
    value = (await front.call("memory_find", key="large")).result["value"]
    facts = (await front.call("buffer_facts", value=value)).result
    assert (facts["device"], facts["memory"]) == ("cuda:0", "device")
    counted = await front.call("buffer_statistics", dtype="uint8", value=value)
    assert counted.result["zeros"] == 1_000_000
    assert counts.downloaded_nbytes - before < 4096


async def test_simulation_at_most_4_kib_of_a_value_leave_the_device(
    front: Front, simulation: Simulation
):
    value = (await front.call("memory_find", key="large")).result["value"]
    counts = simulation.counts
    before = counts.downloaded_nbytes
    answer = await front.call("buffer_bytes", value=value, start=10, stop=10**6)
    assert answer.result == 4096
    assert counts.downloaded_nbytes - before <= 4096


async def test_simulation_the_text_names_the_device_and_asks_it_nothing(
    simulation: Simulation,
):
    store = await store_with_holes()
    buffer = store.store_dict["large"]
    counts = simulation.counts
    before = counts.downloads
    assert BufferInspector(buffer).text() == (
        "BufferInspector(1,000,000 bytes on cuda:0, read-only, memory of its own)"
    )
    assert "<pre" not in BufferInspector(buffer).html()
    slab = store.store_dict["small/001"]
    assert "a view of 100 KiB on the device" in BufferInspector(slab).text()
    assert counts.downloads == before
