"""How requests are served, without a browser; the other end is tested in TypeScript."""

import asyncio
import json
import threading
import time
from typing import Any, Literal

import pytest

from tests.waiting import LONG, until
from tests.widgets.front import Front, KernelError
from zstore.errors import KeyNotFoundError
from zstore.sync import run
from zstore_widgets.channel import MAX_MESSAGE_NBYTES, Channel, Job, request
from zstore_widgets.channel.channel import MAX_RUNNING
from zstore_widgets.view import View


class Desk:
    """Handlers of every kind."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.threads: set[str] = set()
        # Whether `wait` goes on to wait, until a test says otherwise.
        self.holds = False

    @request
    async def count(self, job: Job, *, upto: int, note: str = "") -> list[object]:
        self.threads.add(threading.current_thread().name)
        for number in range(upto):
            await job.part({"number": number}, [bytes([number])])
        return [upto, note]

    @request
    async def fail(self, job: Job, *, how: str) -> None:
        await job.part("soon")
        raise {
            "missing": KeyNotFoundError("a\u202eb"),
            "bug": ZeroDivisionError("division by zero"),
            "late": TimeoutError("the server gave up"),
        }[how]

    @request
    async def answer(self, _job: Job, *, what: str) -> object:
        answers: dict[str, object] = {
            "nan": float("nan"),
            "infinity": [1, float("inf")],
            "surrogate": {"name": "\ud800"},
            "object": object(),
            "long": "x" * MAX_MESSAGE_NBYTES,
        }
        return answers[what]

    @request
    async def wait(self, job: Job, *, first: bool = False, forever: bool = False) -> str:
        try:
            if first:
                await job.part("here it comes")
            if forever:
                job.wait_for_events()
            await asyncio.sleep(0.4)
            while self.holds:  # noqa: ASYNC110 -- set from another thread
                await asyncio.sleep(0.002)
        except asyncio.CancelledError:
            self.ended.append("stopped")
            raise
        self.ended.append("done")
        return "at last"

    @request
    async def large(self, job: Job, *, nbytes: int, at_once: bool = False) -> None:
        content = bytes(range(256)) * (nbytes // 256)
        if at_once:
            await job.part(None, [content])
        else:
            await job.bytes({"name": "pi"}, content)

    @request
    async def typed(
        self,
        _job: Job,
        *,
        text: str = "",
        number: int = 0,
        share: float = 0,
        flag: bool = False,
        order: Literal["up", "down"] = "up",
        names: list[str] | None = None,
    ) -> str:
        return json.dumps([text, number, share, flag, order, names])


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def front(desk: Desk) -> Front:
    return Front(View("a store", [desk]))


def impatient(desk: Desk) -> Front:
    """Return a front end whose requests have 50 ms."""
    view = View("a store")
    view._channel = Channel(view._post, [desk], patience=0.05)
    return Front(view, patient=False)


async def test_parts_come_in_order_and_before_the_result(front: Front):
    answer = await front.call("count", upto=3, note="ß")
    assert answer.parts == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert answer.buffers == [[b"\0"], [b"\1"], [b"\2"]]
    assert answer.result == [3, "ß"]


async def test_handlers_run_on_the_loop_of_zstore(front: Front, desk: Desk):
    await front.call("count", upto=0)
    assert desk.threads == {"zstore-sync"}


async def test_a_view_answers_while_the_thread_of_the_cells_is_blocked(front: Front):
    number = front.send("count", upto=2)
    deadline = time.monotonic() + LONG
    while len(front.parts_of(number)) < 3 and time.monotonic() < deadline:
        time.sleep(0.001)  # noqa: ASYNC251 -- as a cell that computes
    assert front.parts_of(number)[-1][0]["rpc"] == "result"


@pytest.mark.parametrize(
    ("how", "kind", "sentence"),
    [
        ("missing", "KeyNotFoundError", "no value is stored under"),
        ("bug", "ZeroDivisionError", "ZeroDivisionError: division by zero"),
        ("late", "TimeoutError", "the server gave up"),
    ],
)
async def test_an_error_comes_back_as_a_sentence(
    front: Front, how: str, kind: str, sentence: str
):
    with pytest.raises(KernelError) as caught:
        await front.call("fail", how=how)
    assert caught.value.kind == kind
    assert sentence in caught.value.message
    assert "\u202e" not in caught.value.message
    error = front.view.last_error
    assert type(error).__name__ == kind
    assert error is not None
    assert error.__traceback__ is not None


async def test_a_request_without_an_answer_ends_at_its_deadline(desk: Desk):
    front = impatient(desk)
    with pytest.raises(KernelError, match=r"gave no answer within 0\.05 seconds"):
        await front.call("wait")
    assert desk.ended == ["stopped"]


async def test_a_part_moves_the_deadline(desk: Desk):
    assert (await impatient(desk).call("wait", first=True)).result == "at last"


async def test_one_who_waits_for_events_has_no_deadline(desk: Desk):
    front = impatient(desk)
    assert (await front.call("wait", forever=True)).result == "at last"
    assert (await front.call("wait", first=True, forever=True)).result == "at last"


async def test_a_cancelled_request_ends_and_says_nothing(front: Front, desk: Desk):
    desk.holds = True
    number = front.send("wait", first=True)
    await until(lambda: front.parts_of(number))
    front.cancel(number)
    await _until_idle(front)
    assert desk.ended == ["stopped"]
    assert [message["rpc"] for message, _ in front.parts_of(number)] == ["part"]
    front.cancel(number)
    front.cancel(12345)
    assert (await front.call("count", upto=0)).result == [0, ""]


async def test_closing_a_view_ends_what_it_does(front: Front, desk: Desk):
    desk.holds = True
    for _ in range(3):
        front.send("wait")
    await until(lambda: len(_channel(front.view)._running) == 3)
    front.view.close()
    await _until_idle(front)
    assert desk.ended == ["stopped"] * 3


async def test_nothing_runs_in_a_view_that_nobody_asks(front: Front):
    before = threading.active_count()
    await front.call("count", upto=3)
    assert _channel(front.view)._running == {}
    messages = len(front.messages)
    await asyncio.sleep(0.3)
    assert len(front.messages) == messages
    # The loop itself may be new.
    assert threading.active_count() <= before + 1


async def test_too_many_requests_at_a_time_are_refused(front: Front, desk: Desk):
    desk.holds = True
    numbers = [front.send("wait") for _ in range(MAX_RUNNING + 3)]
    await until(lambda: len(front.messages) == 3)
    desk.holds = False
    await _until_idle(front)
    kinds = [front.parts_of(number)[-1][0]["rpc"] for number in numbers]
    assert kinds == ["result"] * MAX_RUNNING + ["error"] * 3
    assert len(desk.ended) == MAX_RUNNING


async def test_messages_may_come_from_any_thread(front: Front):
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.append(front.send("count", upto=1)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await until(lambda: len(front.messages) == 16)
    assert len(set(numbers)) == 8
    assert all(front.parts_of(n)[-1][0]["value"] == [1, ""] for n in numbers)


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("nan", "ValueError"),
        ("infinity", "ValueError"),
        ("surrogate", "UnicodeEncodeError"),
        ("object", "TypeError"),
        ("long", "MessageTooLargeError"),
    ],
)
async def test_an_answer_that_a_page_cannot_take_is_an_error(
    front: Front, what: str, kind: str
):
    with pytest.raises(KernelError) as caught:
        await front.call("answer", what=what)
    assert caught.value.kind == kind


async def test_large_content_comes_in_messages_of_a_bounded_size(front: Front):
    answer = await front.call("large", nbytes=700 * 1024)
    assert b"".join(buffer for [buffer] in answer.buffers) == bytes(range(256)) * 2800
    assert {part["total"] for part in answer.parts} == {700 * 1024}
    offsets = [part["offset"] for part in answer.parts]
    assert offsets == sorted(offsets)
    sizes = [
        len(json.dumps(message)) + sum(map(len, buffers))
        for message, buffers in front.messages
    ]
    assert max(sizes) <= MAX_MESSAGE_NBYTES
    assert (await front.call("large", nbytes=0)).buffers == [[b""]]


async def test_a_part_that_is_too_large_is_refused(front: Front):
    with pytest.raises(KernelError, match="262,144 that one message may hold"):
        await front.call("large", nbytes=300 * 1024, at_once=True)


@pytest.mark.parametrize(
    "args",
    [
        {"text": 1},
        {"text": "x" * 8193},
        {"number": "1"},
        {"number": True},
        {"number": 1.0},
        {"number": 2**53 + 2},
        {"number": None},
        {"share": float("nan")},
        {"share": float("inf")},
        {"share": "0.5"},
        {"flag": 1},
        {"flag": None},
        {"order": "sideways"},
        {"order": ["up"]},
        {"names": "abc"},
        {"names": [1]},
        {"names": ["a"] * 4097},
        {"names": {"0": "a"}},
        {"unknown": 1},
        {"self": 1},
        {"job": 1},
        {"__class__": "x"},
    ],
    ids=str,
)
async def test_an_argument_that_does_not_fit_is_refused(front: Front, args: Any):
    with pytest.raises(KernelError) as caught:
        await _call(front, "typed", args)
    assert caught.value.kind == "BadRequestError"


async def test_arguments_that_fit_arrive_as_they_were_sent(front: Front):
    args: Any = {"text": "\ud800<b>", "number": -(2**53), "share": 0, "names": ["", "ß"]}
    answer = await front.call("typed", **args, order="down", flag=True)
    assert json.loads(answer.result) == ["\ud800<b>", -(2**53), 0, True, "down", ["", "ß"]]


@pytest.mark.parametrize("name", ["hell", "close", "__init__", "set_state", "", "a" * 999])
async def test_only_what_is_marked_can_be_asked(front: Front, name: str):
    with pytest.raises(KernelError, match="there is no request"):
        await front.call(name)


async def test_a_missing_argument_is_named(front: Front):
    with pytest.raises(KernelError, match="'count' needs the argument 'upto'"):
        await front.call("count")


def test_two_handlers_of_one_name_are_a_mistake_that_is_said_at_once():
    with pytest.raises(TypeError, match="two handlers answer the request 'answer'"):
        Channel(lambda _message, _buffers: None, [Desk(), Desk()])


def test_the_requests_of_a_view_are_known(desk: Desk):
    names = ["answer", "count", "fail", "hello", "large", "typed", "wait"]
    assert _channel(View("", [desk])).requests == names


def _channel(view: View) -> Channel:
    channel = view._channel
    assert channel is not None
    return channel


async def _call(front: Front, name: str, args: dict[str, object]) -> None:
    number = 999
    message = {"rpc": "call", "id": number, "name": name, "args": args}
    front.view._handle_custom_msg(message, [])
    await until(lambda: front.parts_of(number))
    reply = front.parts_of(number)[0][0]
    raise KernelError(reply["type"], reply["message"])


async def _until_idle(front: Front) -> None:
    # What was sent before becomes tasks before this does.
    await asyncio.to_thread(run, asyncio.sleep(0))
    await until(lambda: not _channel(front.view)._running)
