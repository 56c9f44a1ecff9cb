"""Requests that are tried again, within one deadline."""

import asyncio

import pytest

from zstore.errors import BackendTimeoutError
from zstore.stores import tries
from zstore.stores.tries import Patience, Try

LONG = 3600.0


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "_FIRST_PAUSE", 0)


async def never() -> None:
    await asyncio.Event().wait()


async def test_what_passes_is_got_over():
    numbers: list[int] = []

    async def send(attempt: Try) -> str:
        numbers.append(attempt.number)
        if attempt.number < 3:
            raise ConnectionResetError
        return "value"

    assert await Patience(LONG).ask("k", send) == "value"
    assert numbers == [1, 2, 3]


async def test_the_last_failure_is_raised_with_how_many_there_were():
    async def send(attempt: Try) -> None:
        raise ConnectionResetError(str(attempt.number))

    with pytest.raises(ConnectionResetError, match="5") as caught:
        await Patience(LONG).ask("k", send)
    assert caught.value.__notes__[0].startswith("after 5 tries in ")


async def test_what_does_not_pass_is_tried_once():
    async def send(attempt: Try) -> None:
        assert attempt.number == 1
        raise PermissionError

    with pytest.raises(PermissionError) as caught:
        await Patience(LONG).ask("k", send)
    assert not hasattr(caught.value, "__notes__")


async def test_the_deadline_is_for_all_tries_together():
    numbers: list[int] = []

    async def send(attempt: Try) -> None:
        numbers.append(attempt.number)
        await never()

    with pytest.raises(BackendTimeoutError, match="no good answer within 0"):
        await Patience(0.05).ask("k", send)
    # A server that says nothing is asked again meanwhile.
    assert 1 <= len(numbers) <= 3


async def test_the_deadline_tells_the_last_failure():
    async def send(attempt: Try) -> None:
        attempt.allow(0)
        await never()

    with pytest.raises(BackendTimeoutError, match="the last: no answer within") as caught:
        await Patience(0.1, may_pass=lambda _: True).ask("k", send)
    assert isinstance(caught.value.__cause__, TimeoutError)


async def test_a_pause_longer_than_the_time_that_is_left_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(tries, "_FIRST_PAUSE", 10)

    async def send(attempt: Try) -> None:
        assert attempt.number == 1
        raise ConnectionResetError

    with pytest.raises(BackendTimeoutError, match=r"after 1 try .*ConnectionResetError"):
        await Patience(LONG).ask("k", send)


async def test_a_silent_try_ends_before_the_deadline():
    async def send(attempt: Try) -> str:
        if attempt.number == 1:
            await never()
        return "value"

    assert await Patience(1.5).ask("k", send) == "value"


@pytest.mark.parametrize(("nbytes", "seconds"), [(100 * 2**20, 100), (2**20 - 1, 0)])
async def test_large_bodies_have_more_time(nbytes: int, seconds: int):
    async def send(attempt: Try) -> float | None:
        before = attempt.until
        attempt.allow(nbytes)
        assert before is not None
        assert attempt.until is not None
        return attempt.until - before

    assert await Patience(LONG).ask("k", send) == pytest.approx(seconds)


async def test_a_try_that_is_over_is_given_no_time():
    async with asyncio.timeout(LONG) as limit:
        until = limit.when()
        attempt = Try(1, limit, until)
        await asyncio.sleep(0)
    attempt.allow(100 * 2**20)
    assert (attempt.until, attempt.end) == (until, until)
    assert attempt.is_last


async def test_the_time_of_a_large_body_is_there_for_the_next_try_too():
    ends: list[float | None] = []

    async def send(attempt: Try) -> None:
        ends.append(attempt.end)
        attempt.allow(100 * 2**20)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await Patience(LONG, tries=2).ask("k", send)
    first, second = ends
    assert first is not None
    assert second == pytest.approx(first + 100)


async def test_without_a_deadline_nothing_ends():
    async def send(attempt: Try) -> float | None:
        attempt.allow(2**30)
        return attempt.until

    assert await Patience(None).ask("k", send) is None


async def test_a_cancelled_caller_is_cancelled():
    task = asyncio.create_task(Patience(LONG).ask("k", lambda _: never()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_pauses_grow_and_are_not_all_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tries, "_FIRST_PAUSE", 1 / 300)
    patience = Patience(30)
    pauses = [patience._pause(number) for number in (1, 2, 3, 4)]
    for pause, longest in zip(pauses, (0.1, 0.3, 0.9, 2.7), strict=True):
        assert longest / 2 <= pause <= longest
    assert len({patience._pause(1) for _ in range(10)}) > 1
