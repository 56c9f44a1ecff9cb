import pytest

from tests.widgets.front import Answer, Front
from tests.widgets.recorded_device import (
    BROKEN,
    CARD,
    NO_CUPY,
    NO_DEVICE,
    POOL,
    READY,
    replayed,
)
from zstore import GpuMemoryStore, MemoryStore
from zstore.gpu import GpuStatus, GpuUnavailable
from zstore_widgets import BufferInspector

STATUSES = [NO_CUPY, NO_DEVICE, BROKEN, READY]


async def look(front: Front, *, refresh: bool = False) -> Answer:
    return await front.call("device_status", refresh=refresh)


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.state)
async def test_recorded_states_of_a_gpu_store_without_values_are_told_as_they_are(
    status: GpuStatus, monkeypatch: pytest.MonkeyPatch
):
    replayed(monkeypatch, status)
    told = (await look(Front(BufferInspector(GpuMemoryStore())))).result
    assert (told["place"], told["state"]) == ("gpu", status.state)
    assert (told["text"], told["reason"], told["hint"]) == (
        str(status),
        status.reason,
        status.hint,
    )
    assert told["warnings"] == list(status.warnings)
    assert not told["in_use"]


async def test_host_memory_says_recorded_states_as_an_aside(
    monkeypatch: pytest.MonkeyPatch,
):
    replayed(monkeypatch, NO_CUPY)
    for value in (b"1234", MemoryStore()):
        told = (await look(Front(BufferInspector(value)))).result
        assert (told["place"], told["device"]) == ("cpu", "cpu")
        assert told["text"] == str(NO_CUPY)


async def test_it_is_starting_until_the_recorded_device_answers(
    monkeypatch: pytest.MonkeyPatch,
):
    replayed(monkeypatch, READY, in_use=True)
    answer = await look(Front(BufferInspector(GpuMemoryStore())))
    assert [part["state"] for part in answer.parts] == ["starting", "starting"]
    assert (answer.result["state"], answer.result["device"]) == ("ready", "cuda:0")


async def test_a_recorded_device_that_fails_is_an_error_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
):
    async def broken(_number: int) -> None:
        raise GpuUnavailable(BROKEN.reason, BROKEN.hint)

    replayed(monkeypatch, READY, in_use=True)
    monkeypatch.setattr("zstore_widgets.buffers.device.device_info", broken)
    told = (await look(Front(BufferInspector(GpuMemoryStore())))).result
    assert (told["state"], told["reason"], told["hint"]) == (
        "error",
        BROKEN.reason,
        BROKEN.hint,
    )


async def test_a_recorded_device_that_fails_otherwise_is_an_error_too(
    monkeypatch: pytest.MonkeyPatch,
):
    async def broken(_number: int) -> None:
        msg = "cudaErrorUnknown"
        raise RuntimeError(msg)

    replayed(monkeypatch, READY, in_use=True)
    monkeypatch.setattr("zstore_widgets.buffers.device.device_info", broken)
    told = (await look(Front(BufferInspector(GpuMemoryStore())))).result
    assert (told["state"], told["hint"]) == ("error", "")
    assert "cudaErrorUnknown" in told["reason"]


async def test_looking_again_asks_again(monkeypatch: pytest.MonkeyPatch):
    asked: list[bool] = []

    def status(*, refresh: bool = False) -> GpuStatus:
        asked.append(refresh)
        return NO_CUPY

    monkeypatch.setattr("zstore.gpu.status", status)
    front = Front(BufferInspector(GpuMemoryStore()))
    await look(front)
    await look(front, refresh=True)
    assert asked == [False, True]


async def test_recorded_figures_are_those_of_the_card_and_of_the_pool(
    monkeypatch: pytest.MonkeyPatch,
):
    replayed(monkeypatch, READY, in_use=True)
    figures = (await Front(BufferInspector(GpuMemoryStore())).call("device_figures")).result
    assert figures["card"]["free_nbytes"] == CARD.free_nbytes
    assert figures["pool"]["used_nbytes"] == POOL.used_nbytes


@pytest.mark.parametrize(
    "value",
    [b"1234", MemoryStore(), GpuMemoryStore()],
    ids=lambda value: type(value).__name__,
)
async def test_no_device_is_asked_for_figures_where_none_is_in_use(
    value: object, monkeypatch: pytest.MonkeyPatch
):
    async def never(*_args: object) -> None:
        pytest.fail("a device was asked")

    monkeypatch.setattr("zstore_widgets.buffers.device.device_info", never)
    monkeypatch.setattr("zstore_widgets.buffers.device.pool_info", never)
    figures = (await Front(BufferInspector(value)).call("device_figures")).result
    assert figures == {"card": None, "pool": None}


def test_making_one_and_its_text_ask_for_no_device(monkeypatch: pytest.MonkeyPatch):
    def never(*, refresh: bool = False) -> GpuStatus:  # noqa: ARG001 -- as the real one
        pytest.fail("the device was looked for")

    monkeypatch.setattr("zstore.gpu.status", never)
    view = BufferInspector(GpuMemoryStore())
    assert view.text() == "BufferInspector(GpuMemoryStore: 0 values, 0 B)"
    assert view.html() == "<div>BufferInspector(GpuMemoryStore: 0 values, 0 B)</div>"
