import json
from typing import Any

import pytest

from tests.widgets.front import Front, KernelError
from tests.widgets.recorded_device import SLABS
from zstore import LoggingStore, MemoryStore, PrefixStore
from zstore.buffer import cpu
from zstore.inspection import MemoryMap, Region, Resident
from zstore_widgets import BufferInspector

MIB = 1024**2


def replay_map(monkeypatch: pytest.MonkeyPatch, memory: MemoryMap) -> None:
    async def recorded(_store: object, *, max_regions: int) -> MemoryMap:
        assert max_regions > 0
        return memory

    monkeypatch.setattr("zstore_widgets.buffers.memory.memory_map", recorded)


async def store_of(**sizes: int) -> MemoryStore:
    store = MemoryStore()
    for key, nbytes in sizes.items():
        await store.set(key, bytes(nbytes))
    return store


async def test_the_memory_of_a_store_is_drawn_the_largest_value_first():
    front = Front(BufferInspector(await store_of(small=100, large=900, empty=0)))
    answer = await front.call("memory_map")
    [strip] = answer.parts
    assert (strip["kind"], strip["device"]) == ("own", "cpu")
    assert strip["cells"]["key"] == ["large", "small"]
    assert strip["cells"]["nbytes"] == [900, 100]
    figures = answer.result
    assert (figures["nvalues"], figures["nbytes"]) == (3, 1000)
    assert (figures["regions"], figures["hidden_regions"]) == (2, 0)


async def test_an_empty_store_has_an_empty_map():
    answer = await Front(BufferInspector(MemoryStore())).call("memory_map")
    assert answer.parts == []
    assert answer.result["nvalues"] == 0


async def test_a_value_is_chosen_by_its_place_and_is_not_copied():
    store = await store_of(small=100, large=900)
    view = BufferInspector(store)
    front = Front(view)
    number = (await front.call("memory_map")).result["map"]
    rows = (await front.call("memory_values", map=number, strip=0, start=0, count=9)).result
    assert [(row["key"], row["nbytes"]) for row in rows] == [("large", 900), ("small", 100)]
    chosen = (await front.call("memory_pick", map=number, strip=0, at=1)).result
    assert chosen["key"] == "small"
    facts = (await front.call("buffer_facts", value=chosen["value"])).result
    stored = BufferInspector(store.store_dict["small"])
    assert facts["pointer"] == (await Front(stored).call("buffer_facts")).result["pointer"]


async def test_a_value_is_chosen_by_its_key():
    front = Front(BufferInspector(await store_of(a=100)))
    chosen = (await front.call("memory_find", key="a")).result
    counted = await front.call("buffer_statistics", dtype="uint8", value=chosen["value"])
    assert counted.result["zeros"] == 100
    with pytest.raises(KernelError, match="'none'"):
        await front.call("memory_find", key="none")


async def test_keys_are_those_of_the_wrapper_and_no_others():
    store = await store_of(**{"in/a": 10, "out": 20})
    front = Front(BufferInspector(PrefixStore(LoggingStore(store), "in")))
    answer = await front.call("memory_map")
    assert answer.parts[0]["cells"]["key"] == ["a"]
    await front.call("memory_find", key="a")
    with pytest.raises(KernelError, match="out"):
        await front.call("memory_find", key="out")


async def test_looking_leaves_no_trace_in_a_log():
    log = LoggingStore(await store_of(a=10), log_level="ERROR")
    front = Front(BufferInspector(log))
    await front.call("memory_map")
    await front.call("memory_find", key="a")
    assert sum(log.counter.values()) == 0


async def test_a_place_on_an_older_map_is_told():
    front = Front(BufferInspector(await store_of(a=10)))
    number = (await front.call("memory_map")).result["map"]
    await front.call("memory_map")
    with pytest.raises(KernelError, match="drawn anew"):
        await front.call("memory_pick", map=number, strip=0, at=0)


@pytest.mark.parametrize(("strip", "at"), [(-1, 0), (7, 0), (0, -1), (0, 1)])
async def test_a_place_that_is_not_on_the_map_is_told(strip: int, at: int):
    front = Front(BufferInspector(await store_of(a=10)))
    number = (await front.call("memory_map")).result["map"]
    with pytest.raises(KernelError, match=r"anew|none with the number"):
        await front.call("memory_pick", map=number, strip=strip, at=at)


async def test_the_last_eight_values_are_kept_and_no_more():
    front = Front(BufferInspector(await store_of(a=10)))
    picked = [(await front.call("memory_find", key="a")).result for _ in range(9)]
    last = picked[-1]["value"]
    assert (await front.call("buffer_facts", value=last)).result["nbytes"] == 10
    with pytest.raises(KernelError, match="let go of"):
        await front.call("buffer_facts", value=0)


async def test_one_buffer_has_no_map():
    with pytest.raises(KernelError, match="one buffer"):
        await Front(BufferInspector(b"1234")).call("memory_map")


async def test_recorded_slabs_show_what_is_dead(monkeypatch: pytest.MonkeyPatch):
    replay_map(monkeypatch, SLABS)
    front = Front(BufferInspector(MemoryStore()))
    answer = await front.call("memory_map")
    tiles, documents, own = answer.parts
    assert (tiles["kind"], tiles["pointer"]) == ("shared", "0x7f2000000000")
    assert max(zip(tiles["cells"]["nbytes"], tiles["cells"]["count"], strict=True)) == (
        # Sixteen deleted tiles, and what the tile before them did not fill.
        16 * MIB + MIB - 1_000_000,
        0,
    )
    assert sum(documents["cells"]["count"]) == 20_000
    assert own["pointer"] is None


def _hostile() -> MemoryMap:
    regions = []
    for number in range(40):
        values = tuple(
            Resident(f"\u202e{at}" + "😀" * 5000, at * 100, 90) for at in range(3000)
        )
        region = Region("cuda:0", 4096 * number, 300_000, 270_000, values)
        regions.append(region)
    return MemoryMap(tuple(regions), 120_000, 10_800_000, 12_000_000, complete=True)


async def test_the_page_never_gets_more_than_256_kib(monkeypatch: pytest.MonkeyPatch):
    replay_map(monkeypatch, _hostile())
    front = Front(BufferInspector(MemoryStore()))
    answer = await front.call("memory_map")
    assert answer.result["hidden_regions"] == 31
    assert answer.result["hidden_values"] == 31 * 3000
    assert _nbytes([answer.parts, answer.result]) <= 256 * 1024
    rows = await front.call(
        "memory_values", map=answer.result["map"], strip=0, start=0, count=4000
    )
    assert len(rows.result) == 100
    assert _nbytes(rows.result) <= 256 * 1024


async def test_a_value_that_is_a_part_shows_the_memory_that_it_keeps_alive():
    part = cpu.Buffer.from_bytes(bytes(1000))[300:400]
    store = MemoryStore({"part": part})
    [strip] = (await Front(BufferInspector(store)).call("memory_map")).parts
    assert strip["cells"]["count"] == [0, 1, 0]
    assert (strip["nbytes"], strip["live_nbytes"]) == (1000, 100)


def _nbytes(message: Any) -> int:
    return len(json.dumps(message, ensure_ascii=False).encode())
