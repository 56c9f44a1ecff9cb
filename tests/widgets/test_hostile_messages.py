"""A thousand messages that no view of ours sends, to each view.

Whoever may run a script in a page may send messages to a widget: the output of another
cell, a notebook that somebody else saved.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.evil import SECRET, evil_store
from tests.fakes import DictStore
from tests.waiting import until
from tests.widgets.front import Front
from zstore import LoggingStore, PrefixStore
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.ranges import ByteRequest
from zstore.sync import run
from zstore.sync.loop import loop_thread
from zstore_widgets import BufferInspector, CallMonitor, SizeMap, StoreExplorer, explore
from zstore_widgets.view import View

MESSAGES = 1_000
AT_ONCE = 20

OUTSIDE = [
    *("..", "../secret", "a/../../secret", "./secret", "/", "//", "/etc/passwd", "/root"),
    *("../shown2/secret", "shown2/secret", "/shown/a", "a//b", "a/", "/a", "a/./b", "\\"),
    *("..\\secret", "C:\\secret", "C:/secret", "\\\\host\\share", "//host/share", "~"),
    *("file:///etc/passwd", "http://evil.example/", "s3://bucket/key", "memory://x", "~/x"),
    *("%2e%2e/secret", "..%2fsecret", "a\0b", "\0", "a\nb", "\x1b[2J", "\x7f", "\ud800"),
    *(
        "*",
        "?",
        "[a-z]",
        "g/*",
        "**/*",
        "a" * 9_000,
        "a/" * 3_000,
        "",
        " ",
        ".",
        "...",
        "-",
    ),
    *("__proto__", "__class__", "constructor", "{0.__class__}", "%s%n", "$(id)", "`id`"),
    *("a.zstore-partial", ".zstore-partial", "v/zarr.json/..", "v/..", "v/../../secret"),
    *("zip://x::file:///etc/passwd", "simplecache::http://evil.example", "<script>", "'"),
    *('"', "a\u202eb", "\ufeff", "é", "e\u0301", "v", "v/", "bomb", "pickled", "named"),
]
JUNK: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**53, 2**53 + 1, -(2**63), 10**400, 0.5, float("nan")),
    *(float("inf"), [], {}, [[]], ["a"] * 5_000, {"a": {}}, b"bytes", "x" * 10_000, [None]),
    *([1, 2, 3], [0.5], ["..", "/"], ["v", "v/deep.json"], "up", "name", "json", "csv"),
]


class Watched(DictStore):
    """Remembers which keys and prefixes a backend is asked for."""

    def __init__(self, values: dict[str, bytes], *, read_only: bool = False) -> None:
        super().__init__(values, read_only=read_only)
        self.asked: set[str] = set()

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        self.asked.add(key)
        return await super()._read(key, request)

    @override
    async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
        self.asked.add(prefix)
        async for batch in super()._scan(prefix):
            yield batch


@pytest.fixture
def store() -> Watched:
    shown = {f"shown/{name}": value for name, value in evil_store().values.items()}
    # Beside what is shown, and with a name that starts alike.
    return Watched({**shown, "secret": SECRET.encode(), "shown2/secret": SECRET.encode()})


VIEWS: dict[str, Callable[[Watched], View]] = {
    "StoreExplorer": lambda store: explore(store, "shown"),
    "SizeMap": lambda store: SizeMap(store, "shown"),
    "CallMonitor": lambda store: CallMonitor(LoggingStore(PrefixStore(store, "shown"))),
    "BufferInspector": lambda _store: BufferInspector(bytes(range(256))),
}


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest, store: Watched) -> View:
    made = VIEWS[request.param](store)
    store.asked.clear()
    return made


def messages(view: View, seed: int) -> list[object]:
    """Return messages that are wrong in every way, and some that are almost right."""
    chance = random.Random(seed)
    channel = view._channel
    assert channel is not None
    takes = {name: each.parameters for name, each in channel._requests.items()}
    names: list[Any] = [
        *takes,
        "delete",
        "set",
        "__init__",
        "close",
        "x" * 9_000,
        None,
        7,
        [],
        {},
    ]
    values = [*OUTSIDE, *OUTSIDE, *JUNK]

    def value(name: str) -> Any:
        if name in {"keys", "prefixes"} and chance.random() < 0.7:
            return chance.choices(OUTSIDE, k=chance.randint(0, 5))
        if name in {"after", "text", "key", "path", "prefix"} and chance.random() < 0.9:
            return chance.choice(OUTSIDE)
        if chance.random() < 0.4:
            return chance.choice([0, 1, 100, 1_000_000])
        return chance.choice(values)

    def message(number: int) -> object:
        if chance.random() < 0.05:
            return chance.choice(JUNK)
        name = chance.choice(names)
        wanted = takes.get(name, ["key"]) if isinstance(name, str) else ["key"]
        args: Any = {each: value(each) for each in wanted if chance.random() < 0.95}
        if chance.random() < 0.05:
            args = chance.choice([*JUNK, {"_job": 1}, {"self": 1}, {"job": {}}])
        whole = {"rpc": "call", "id": number, "name": name, "args": args}
        if chance.random() < 0.1:
            whole[chance.choice(list(whole))] = chance.choice(JUNK)
        if chance.random() < 0.05:
            whole.pop(chance.choice(list(whole)))
        return whole

    return [message(number) for number in range(MESSAGES)]


async def test_no_message_does_harm(view: View, store: Watched):
    before = dict(store.values)
    left: list[dict[str, Any]] = []
    loop = loop_thread()._loop
    loop.set_exception_handler(lambda _loop, context: left.append(context))
    front = Front(view)
    try:
        sent = messages(view, seed=1)
        for start in range(0, len(sent), AT_ONCE):
            for message in sent[start : start + AT_ONCE]:
                view._handle_custom_msg(message, [])
            await _settle(view, front, sent)
    finally:
        loop.set_exception_handler(None)
        view.close()
    await _settle(view, front, sent)

    assert left == []
    assert store.values == before
    assert {each for each in store.asked if not _is_inside(each)} == set()
    answers = [message for message, _ in front.messages]
    # Most are refused, and some are right by chance.
    assert sum(each["rpc"] == "error" for each in answers) > MESSAGES / 20
    assert sum(each["rpc"] == "result" for each in answers) > MESSAGES / 50
    said = "\n".join(json.dumps(each) for each in answers)
    buffers = b"".join(b"".join(each) for _, each in front.messages)
    assert SECRET not in said
    assert SECRET.encode() not in buffers
    for path in (str(Path.cwd()), str(Path.home()) + "/", "site-packages", "Traceback"):
        assert path not in said


async def test_an_explorer_that_may_not_edit_has_no_request_that_writes(store: Watched):
    def requests(view: View) -> set[str]:
        assert view._channel is not None
        return set(view._channel.requests)

    may_not, may = explore(store, "shown"), explore(store, "shown", edit=True)
    assert requests(may) - requests(may_not) == {"delete"}
    assert isinstance(may_not, StoreExplorer)


def _is_inside(place: str) -> bool:
    return place == "shown" or place.startswith("shown/")


async def _settle(view: View, front: Front, sent: list[Any]) -> None:
    """Wait until a view has answered; what waits for events is stopped."""
    channel = view._channel
    assert channel is not None
    named = [each for each in sent if isinstance(each, dict) and "id" in each]
    watching = [each["id"] for each in named if each.get("name") == "watch"]
    # What was received before becomes tasks before this does.
    await asyncio.to_thread(run, asyncio.sleep(0))
    await until(lambda: all(number in watching for number in channel._running))
    for number in list(channel._running):
        front.cancel(number)
    await until(lambda: not channel._running)
