"""What the details pane asks, of real stores; arrays are written by zarr-python."""

import asyncio
import importlib
import io
import json
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import DictStore
from tests.servers import HttpServer, http_process, http_server
from tests.waiting import until
from tests.widgets.front import Answer, Front, KernelError
from zstore import FsspecStore, LocalStore, MemoryStore, Store, ZipStore, as_zarr
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.errors import AccessDeniedError
from zstore.ranges import ByteRequest, RangeByteRequest
from zstore_widgets.channel import MAX_MESSAGE_NBYTES
from zstore_widgets.details.requests import MAX_BYTES, Details
from zstore_widgets.root import Root
from zstore_widgets.view import View

__all__ = ["http_process", "http_server"]

zarr: Any = importlib.import_module("zarr")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

KIB = 1024


def front_of(store: Store, path: str = "") -> Front:
    return Front(View("details", [Details(Root(store, path))]))


def text_of(answer: Answer) -> str:
    return b"".join(buffer for part in answer.buffers for buffer in part).decode()


def rows_of(answer: Answer) -> list[Any]:
    return [row for part in answer.parts for row in part.get("rows", [])]


def nbytes_of(message: dict[str, Any], buffers: list[bytes]) -> int:
    text = json.dumps(message, ensure_ascii=False).encode()
    return len(text) + sum(map(len, buffers))


async def ocean() -> Store:
    store = MemoryStore()
    group = await zarr.api.asynchronous.create_group(store=as_zarr(store), path="ocean")
    await group.update_attributes({"title": "A run", "grid": {"step": 2}})
    array = await zarr.api.asynchronous.create_array(
        as_zarr(store),
        name="ocean/temp",
        shape=(24, 90),
        chunks=(12, 45),
        dtype="f4",
        fill_value=np.nan,
        dimension_names=("time", "lat"),
        compressors=None,
    )
    await array.setitem((slice(0, 12), slice(None)), np.ones((12, 90)))
    return store


class CountingStore(DictStore):
    """Keeps how much was read of it."""

    nread = 0

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        value = await super()._read(key, request)
        self.nread += 0 if value is None else len(value)
        return value

    @override
    async def _size(self, key: str) -> int | None:
        return len(self.values[key])


class VastStore(DictStore):
    """Has one value of ten gigabytes that is made where it is read."""

    nbytes = 10_000_000_000

    @override
    async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
        assert isinstance(request, RangeByteRequest)
        stop = min(request.end, self.nbytes)
        self.values[key] = b"\x80" * (stop - request.start)
        return await super()._read(key, None)

    @override
    async def _size(self, key: str) -> int | None:
        return self.nbytes


async def test_an_array_is_described_as_people_read_it():
    answer = await front_of(await ocean()).call("describe", path="ocean/temp/")
    facts = answer.result
    assert (facts["kind"], facts["format"], facts["documents"]) == (
        "array",
        "Zarr v3",
        ["zarr.json"],
    )
    array = facts["array"]
    assert (array["shape"], array["names"]) == (["24", "90"], ["time", "lat"])
    assert (array["dtype"], array["codecs"]) == ("float32", ["bytes(little)"])
    assert (array["nchunks"], array["nbytes"], array["shard_shape"]) == (4, 8640, None)


async def test_the_attributes_of_a_group_come_as_rows():
    answer = await front_of(await ocean()).call("describe", path="ocean")
    assert answer.result["kind"] == "group"
    assert answer.result["attributes_problem"] is None
    named = [(depth, name, text) for depth, _, name, text, _ in rows_of(answer)]
    assert named == [
        (0, None, ""),
        (1, "title", "A run"),
        (1, "grid", ""),
        (2, "step", "2"),
    ]


async def test_attributes_of_any_size_are_cut_and_say_so():
    store = MemoryStore()
    attributes = {f"\u202e{at}": ["\u202e" * 500] for at in range(300)}
    document = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
    await store.set("zarr.json", json.dumps(document).encode())
    front = front_of(store)
    answer = await front.call("describe", path="")
    assert answer.result["attributes_problem"] == "these are the first of them"
    assert 100 < len(rows_of(answer)) <= 2_000


async def test_a_folder_without_metadata_is_none():
    store = MemoryStore()
    await store.set("plain/a/b", b"x")
    assert (await front_of(store).call("describe", path="plain/")).result is None


async def test_metadata_that_lie_are_a_problem_and_no_failure():
    store = MemoryStore()
    await store.set("a/.zarray", b'{"zarr_format": 2, "shape": [-1]}')
    result = (await front_of(store).call("describe", path="a")).result
    assert result["array"] is None
    assert "shape" in result["problem"]


async def test_what_is_stored_of_an_array_are_its_chunks():
    answer = await front_of(await ocean()).call("stored", path="ocean/temp/")
    assert answer.result == {"count": 2, "nbytes": 4320, "chunks": True}


async def test_what_is_stored_in_a_folder_are_its_keys():
    store = await ocean()
    total = await store.getsize_prefix("ocean/")
    answer = await front_of(store).call("stored", path="ocean/")
    assert answer.result == {"count": 4, "nbytes": total, "chunks": False}
    assert answer.parts[0]["count"] <= 4


async def test_counting_ends_when_the_user_moves_on():
    started, closed = threading.Event(), threading.Event()

    class EndlessStore(DictStore):
        @override
        async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
            try:
                while True:
                    started.set()
                    yield [("a/x", 1)]
                    await asyncio.sleep(0.001)
            finally:
                closed.set()

    front = front_of(EndlessStore())
    number = front.send("stored", path="a")
    # The requests run on a loop of another thread.
    await until(started.is_set)
    front.cancel(number)
    await until(closed.is_set)


@pytest.mark.parametrize(
    ("value", "kind", "label"),
    [
        (b"", "empty", "Empty value"),
        (b'{"a": 1}', "json", "JSON"),
        (b"a text", "text", "Text, UTF-8"),
        (bytes(range(256)), "binary", "Bytes"),
    ],
)
async def test_a_value_says_what_it_is(value: bytes, kind: str, label: str):
    store = MemoryStore()
    await store.set("k", value)
    result = (await front_of(store).call("value_head", key="k")).result
    assert (result["kind"], result["label"], result["nbytes"]) == (kind, label, len(value))


async def test_a_missing_value_is_no_error():
    result = (await front_of(MemoryStore()).call("value_head", key="c/0/7")).result
    assert (result["kind"], result["label"]) == ("missing", "No such key")


@pytest.mark.parametrize("kind", ["local", "zip", "memory"])
async def test_values_of_every_store_are_read(kind: str, tmp_path: Path):
    stores = {
        "local": lambda: LocalStore(tmp_path / "s"),
        "zip": lambda: ZipStore(tmp_path / "a.zip", mode="w"),
        "memory": MemoryStore,
    }
    async with stores[kind]() as store:
        await store.set("a/b.json", b'{"k": [1, 2]}')
        front = front_of(store)
        answer = await front.call("value_head", key="a/b.json")
        assert [row[3] for row in rows_of(answer)] == ["", "", "1", "2"]
        answer = await front.call("value_bytes", key="a/b.json", start=1, stop=4)
        assert text_of(answer) == '"k"'


async def test_no_more_than_the_head_of_a_value_is_read():
    store = CountingStore({"k": b"line\n" * 1_000_000})
    answer = await front_of(store).call("value_head", key="k")
    assert answer.result["shown"] == 64 * KIB
    assert len(text_of(answer)) == 64 * KIB
    assert store.nread == 64 * KIB


async def test_the_parts_of_a_text_fit_together():
    text = "".join(f"Zeile {at}: größer\n" for at in range(9_000))
    store = MemoryStore()
    await store.set("k", text.encode())
    front = front_of(store)
    head = await front.call("value_head", key="k")
    found, stop = text_of(head), head.result["shown"]
    while stop < head.result["nbytes"]:
        args = {"key": "k", "start": stop, "encoding": head.result["encoding"]}
        answer = await front.call("value_text", **args)
        assert answer.result["start"] == stop < answer.result["stop"]
        found, stop = found + text_of(answer), answer.result["stop"]
    assert found == text


async def test_an_encoding_that_was_not_offered_is_refused():
    store = MemoryStore()
    await store.set("k", b"x")
    for encoding in ("rot13", "unicode_escape", "zlib", "idna"):
        with pytest.raises(KernelError, match="text is not read as"):
            await front_of(store).call("value_text", key="k", start=0, encoding=encoding)


async def test_more_of_a_json_is_read_on_demand():
    store = MemoryStore()
    value = {f"k{at}": at for at in range(15_000)}
    await store.set("k", json.dumps(value).encode())
    front = front_of(store)
    head = await front.call("value_head", key="k")
    assert head.result["status"] == "cut"
    whole = await front.call("value_head", key="k", all_json=True)
    assert whole.result["status"] == "whole"
    assert len(rows_of(head)) < len(rows_of(whole)) == 15_001


async def test_a_value_of_ten_gigabytes_opens_at_once():
    front = front_of(VastStore())
    result = (await front.call("value_head", key="k")).result
    assert (result["kind"], result["nbytes"]) == ("binary", VastStore.nbytes)
    last = VastStore.nbytes - 16
    answer = await front.call("value_bytes", key="k", start=last, stop=last + 4096)
    assert answer.result == 16


async def test_bytes_come_in_bounded_amounts():
    store = CountingStore({"k": bytes(10 * MAX_BYTES)})
    front = front_of(store)
    answer = await front.call("value_bytes", key="k", start=0, stop=2**53)
    assert answer.result == MAX_BYTES == store.nread
    assert (await front.call("value_bytes", key="k", start=2**53, stop=2**53)).result == 0
    assert (await front.call("value_bytes", key="k", start=-5, stop=4)).result == 4


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)


async def test_a_picture_is_sent_whole_with_its_kind():
    store = MemoryStore()
    await store.set("p", PICTURE)
    front = front_of(store)
    head = (await front.call("value_head", key="p")).result
    assert (head["kind"], head["label"]) == (
        "image",
        "PNG image, 1 \N{MULTIPLICATION SIGN} 1",
    )
    answer = await front.call("value_image", key="p")
    assert answer.result == "image/png"
    assert b"".join(answer.buffers[0]) == PICTURE


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"<svg onload='alert(1)'/>", "this is no picture"),
        (PICTURE[:16] + b"\xff" * 8, "megapixels; at most 40 are shown"),
        (PICTURE + bytes(4 * 2**20), "pictures of more than 4 MiB are not shown"),
    ],
)
async def test_what_a_browser_should_not_be_given_is_refused(value: bytes, reason: str):
    store = MemoryStore()
    await store.set("p", value)
    front = front_of(store)
    with pytest.raises(KernelError, match=reason):
        await front.call("value_image", key="p")
    head = (await front.call("value_head", key="p")).result
    assert head["kind"] == "text" or reason in head["problem"]


async def test_nothing_in_a_value_is_run_or_loaded():
    store = MemoryStore()
    file = io.BytesIO()
    np.save(file, np.array([Exploding()], dtype=object), allow_pickle=True)
    await store.set("obj.npy", file.getvalue())
    front = front_of(store)
    for wish in ("auto", "json", "text", "hex"):
        await front.call("value_head", key="obj.npy", wish=wish)
    assert not Exploding.ran


class Exploding:
    """Says when somebody unpickles it."""

    ran = False

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return _explode, ()


def _explode() -> None:
    Exploding.ran = True


IDS = (
    "deep",
    "wide",
    "bigint",
    "inf",
    "emoji",
    "bidi",
    "control",
    "latin",
    "line",
    "lines",
)


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 100_000,
        json.dumps({f"k{at}": at for at in range(200_000)}).encode(),
        b'{"n": ' + b"9" * 10_000 + b"}",
        b"[1e999, NaN]",
        json.dumps(["😀\u202e" * 100] * 2_000, ensure_ascii=False).encode(),
        ("\u202e\x01" * 100_000).encode(),
        b"\x01" * 100_000,
        b"\xff" * 100_000,
        b"x" * 10_000_000,
        b"\n" * 100_000,
    ],
    ids=IDS,
)
@pytest.mark.parametrize("wish", ["auto", "json", "text", "hex"])
async def test_no_value_makes_a_large_message(value: bytes, wish: str):
    store = MemoryStore()
    await store.set("k", value)
    front = front_of(store)
    await front.call("value_head", key="k", wish=wish, all_json=wish == "json")
    assert max(nbytes_of(*each) for each in front.messages) <= MAX_MESSAGE_NBYTES


async def test_a_server_that_ignores_ranges_is_read_whole(http_server: HttpServer):
    http_server.values["a/b.txt"] = b"a text\n" * 1000
    http_server.faults.fail("whole", method="GET", path="b.txt")
    store = FsspecStore.from_url(f"{http_server.url}/a")
    front = front_of(store)
    answer = await front.call("value_head", key="b.txt")
    assert answer.result["label"] == "Text, UTF-8"
    assert text_of(await front.call("value_bytes", key="b.txt", start=2, stop=6)) == "text"
    await store.aclose()


async def test_a_failure_of_the_store_is_a_sentence():
    class DeniedStore(DictStore):
        @override
        async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
            raise AccessDeniedError(key, "403 Forbidden")

    front = front_of(DeniedStore({"k": b"x"}))
    for name, args in (
        ("value_head", {"key": "k"}),
        ("describe", {"path": ""}),
        ("value_bytes", {"key": "k", "start": 0, "stop": 1}),
    ):
        with pytest.raises(KernelError) as caught:
            await front.call(name, **args)
        assert caught.value.kind == "AccessDeniedError"


async def test_the_code_names_keys_of_the_store_that_the_user_has():
    store = MemoryStore()
    await store.set("run/ocean/it's.json", b"{}")
    front = front_of(store, "run")
    args: dict[str, Any] = {"keys": ["ocean/it's.json"], "nodes": [None]}
    (title, code), *_ = (await front.call("snippets", **args)).result
    assert title == "Read the value"
    assert '"run/ocean/it\'s.json"' in code
    assert "get_json" in code
    args = {"keys": [""], "nodes": ["group"]}
    codes = (await front.call("snippets", **args)).result
    assert "path='run'" in codes[0][1]


async def test_the_code_for_several_reads_the_values_at_once():
    front = front_of(MemoryStore(), "run")
    args: dict[str, Any] = {"keys": ["a", "g/", "b"], "nodes": [None, "group", None]}
    codes = (await front.call("snippets", **args)).result
    assert [title for title, _ in codes] == ["Read the values", "Open the group with zarr"]
    assert "'run/a',\n    'run/b',\n" in codes[0][1]
    args = {"keys": ["a", "f/"], "nodes": [None, None]}
    codes = (await front.call("snippets", **args)).result
    assert [title for title, _ in codes] == ["Read the value", "List what is there"]
    assert (await front.call("snippets", keys=[], nodes=[])).result == []
