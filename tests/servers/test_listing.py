"""The fake of S3 answers as S3 does, counts exactly, and fails as it is told to."""

import asyncio
import random
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import boto3
import obstore
import pytest
import s3fs
from obstore.store import S3Store

from tests.inventory.planning.key_spaces import SHAPES, KeySpace, Shape, shape
from tests.servers.listing import (
    Counts,
    ListedKeys,
    ListingProcess,
    ListingServer,
    modified,
)
from tests.servers.listing.clients import Address
from tests.servers.listing.documents import etag
from tests.waiting import LONG, until

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
ODD = [
    "a b",
    "a%20b",
    "a+b",
    "a&b<c>",
    "a//b",
    "a/./b",
    "a/",
    "a/1.x",
    "a/1/",
    "a/1/x",
    "x",
    "x-",
    "x/y",
    "x0",
    "grün/ñ/日本",
    "\ud7ff",
    "\ue000",
    "𝄞/clef",
]

Listed: TypeAlias = tuple[list[str], list[str]]


@pytest.fixture(scope="module")
def process() -> Iterator[ListingServer]:
    with ListingServer({}) as server:
        yield server


@pytest.fixture
def server(process: ListingServer) -> ListingServer:
    """A server without buckets, without faults, that counted nothing."""
    process.buckets.clear()
    process.heal()
    process.reset()
    return process


@pytest.fixture(scope="module")
def client(process: ListingServer) -> Iterator[Any]:
    client = boto3.client(
        "s3",
        endpoint_url=process.url,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106 -- no server looks at it
    )
    yield client
    client.close()


def put(server: ListingServer, *names: str) -> ListedKeys:
    space = ListedKeys({name: number for number, name in enumerate(names)})
    server.buckets["odd"] = space
    return space


def expected(names: list[str], prefix: str, delimiter: str, after: str) -> Listed:
    """Return the keys and common prefixes of a whole listing, by going through all."""
    keys: list[str] = []
    prefixes: dict[str, None] = {}
    for name in sorted(names):
        if not name.startswith(prefix) or name <= after:
            continue
        head, found, _ = name[len(prefix) :].partition(delimiter or "\0")
        if not found:
            keys.append(name)
        elif prefix + head + found != after:
            prefixes[prefix + head + found] = None
    return keys, list(prefixes)


def listed_by_boto(client: Any, page_nkeys: int, **fields: str) -> Listed:
    pages = client.get_paginator("list_objects_v2").paginate(
        **fields, PaginationConfig={"PageSize": page_nkeys}
    )
    keys: list[str] = []
    prefixes: list[str] = []
    for page in pages:
        found = [one["Key"] for one in page.get("Contents", [])]
        common = [one["Prefix"] for one in page.get("CommonPrefixes", [])]
        assert page["KeyCount"] == len(found) + len(common) <= page_nkeys
        keys += found
        prefixes += common
    return keys, prefixes


def asked(server: Address, path: str, **fields: object) -> tuple[int, bytes]:
    """Send one request, without any client of S3."""
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=LONG)
    try:
        connection.request("GET", f"/{path}?{urlencode(fields)}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def page(server: ListingServer, **fields: object) -> dict[str, Any]:
    """Return one page of the bucket `odd`: its keys, and its other fields."""
    status, body = asked(server, "odd", **{"list-type": 2, **fields})
    assert status == 200
    root = ET.fromstring(body)  # noqa: S314 -- of our own server
    told = {child.tag.removeprefix(NAMESPACE): child.text for child in root}
    return {**told, "keys": [one.text for one in root.iter(f"{NAMESPACE}Key")]}


@pytest.mark.parametrize("name", SHAPES)
def test_a_bucket_lists_its_key_space(server: ListingServer, client: Any, name: Shape):
    space = server.buckets[name] = shape(name, 2345)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=name)
    found = [one for page in pages for one in page["Contents"]]
    assert [one["Key"] for one in found] == space.keys(0, len(space))
    for number in (0, 999, 1000, 2344):
        assert found[number]["Size"] == space.nbytes(number)
        assert found[number]["LastModified"] == modified(number)
        assert found[number]["ETag"] == f'"{etag(number, space.nbytes(number))}"'
    assert server.counts == Counts(nlist=3, most_in_flight=1)


@pytest.mark.parametrize("page_nkeys", [1, 2, 7, 1000])
@pytest.mark.parametrize("delimiter", ["", "/", "1"])
def test_odd_keys_are_listed_once_in_order(
    server: ListingServer, client: Any, delimiter: str, page_nkeys: int
):
    put(server, *ODD)
    for prefix in ("", "a", "a/", "a/1", "x", "x/", "grün/", "nothing", "a/1/x"):
        for after in ("", "a/", "a/1/", "x", "x.", "\ud7ff", "zzz"):
            fields = {"Prefix": prefix, "Delimiter": delimiter, "StartAfter": after}
            given = {name: text for name, text in fields.items() if text}
            listed = listed_by_boto(client, page_nkeys, Bucket="odd", **given)
            assert listed == expected(ODD, prefix, delimiter, after), given


def test_random_keys_are_listed_as_by_brute_force(server: ListingServer, client: Any):
    draw = random.Random(20260101)
    for _ in range(60):
        names = {"".join(draw.choices("ab0/", k=draw.randint(1, 6))) for _ in range(40)}
        put(server, *names)
        fields = {
            "Prefix": "".join(draw.choices("ab0/", k=draw.randint(0, 2))),
            "Delimiter": draw.choice(["", "/", "0"]),
            "StartAfter": "".join(draw.choices("ab0/", k=draw.randint(0, 3))),
        }
        listed = listed_by_boto(client, draw.randint(1, 9), Bucket="odd", **fields)
        wanted = expected(list(names), *fields.values())
        assert listed == wanted, (names, fields)


@pytest.mark.parametrize("name", SHAPES)
def test_a_level_of_a_large_space_is_rolled_up(
    server: ListingServer, client: Any, name: Shape
):
    space = server.buckets[name] = shape(name, 2000)
    names = space.keys(0, 2000)
    for prefix in ("", names[1000].partition("/")[0] + "/"):
        listed = listed_by_boto(client, 300, Bucket=name, Prefix=prefix, Delimiter="/")
        assert listed == expected(names, prefix, "/", "")


def test_a_billion_keys_are_asked_for_anywhere(server: ListingServer, client: Any):
    space = server.buckets["nested"] = shape("nested", 10**9)
    middle = len(space) // 2
    answer = client.list_objects_v2(Bucket="nested", StartAfter=space.key(middle - 1))
    assert [one["Key"] for one in answer["Contents"]] == space.keys(middle, middle + 1000)
    below = client.list_objects_v2(Bucket="nested", Delimiter="/", MaxKeys=10)
    assert [one["Prefix"] for one in below["CommonPrefixes"]] == [
        f"array_{number:04}/" for number in range(10)
    ]
    assert server.nlist == 2


def test_a_page_holds_at_most_a_thousand(server: ListingServer):
    put(server, *(f"{number:04}" for number in range(1500)))
    assert len(page(server, **{"max-keys": 5000})["keys"]) == 1000
    assert page(server, **{"max-keys": 0})["KeyCount"] == "0"
    assert page(server, **{"max-keys": 0})["IsTruncated"] == "false"


def test_names_are_sent_as_in_a_url_only_if_asked_for(server: ListingServer):
    put(server, "a b&c")
    assert page(server)["keys"] == ["a b&c"]
    assert page(server, **{"encoding-type": "url"})["keys"] == ["a%20b%26c"]


async def test_obstore_reads_the_pages(server: ListingServer):
    space = server.buckets["nested"] = shape("nested", 3500)
    store = S3Store("nested", **server.obstore_options())
    keys: list[str] = []
    nbytes = 0
    async for batch in store.list(chunk_size=1000, return_arrow=True):
        keys += batch.column("path").to_pylist()
        nbytes += sum(batch.column("size").to_pylist())
    assert keys == space.keys(0, 3500)
    assert nbytes == sum(map(space.nbytes, range(3500)))
    assert server.counts == Counts(nlist=4, most_in_flight=1)
    after = space.key(3000)
    rest = [meta["path"] async for page in store.list(offset=after) for meta in page]
    assert rest == space.keys(3001, 3500)
    level = await obstore.list_with_delimiter_async(store, "array_0001")
    assert list(level["common_prefixes"]) == ["array_0001/c"]
    assert [meta["path"] for meta in level["objects"]] == ["array_0001/zarr.json"]


async def test_s3fs_reads_the_pages(server: ListingServer):
    space = server.buckets["skew"] = shape("skew", 2500)
    fs = s3fs.S3FileSystem(asynchronous=True, **server.fsspec_options())
    session = await fs.set_session()
    found = await fs._find("skew", detail=True)
    assert list(found) == [f"skew/{key}" for key in space.keys(0, 2500)]
    assert [one["size"] for one in found.values()] == list(map(space.nbytes, range(2500)))
    assert server.nlist == 3
    level = {one["name"] for one in await fs._ls("skew/reanalysis", detail=True)}
    assert level == {"skew/reanalysis/c", "skew/reanalysis/zarr.json"}
    await session.close()


@pytest.mark.parametrize("kind", ["obstore", "fsspec"])
async def test_our_stores_list_a_bucket_and_a_prefix(server: ListingServer, kind: str):
    space = server.buckets["flat"] = shape("flat", 2500)
    make = server.obstore_store if kind == "obstore" else server.fsspec_store
    async with make("flat") as store:
        found = [item async for batch in store.scan() for item in batch]
    assert found == list(
        zip(space.keys(0, 2500), map(space.nbytes, range(2500)), strict=True)
    )
    assert server.counts == Counts(nlist=3, most_in_flight=1)
    async with make("flat", "temperature") as store:
        below = [item async for batch in store.scan() for item in batch]
    assert below[0] == (".zarray", space.nbytes(1))


def test_a_value_has_the_size_that_its_listing_says(server: ListingServer, client: Any):
    server.buckets["odd"] = ListedKeys({"a/zarr.json": 400, "a/c/0": 1000, "large": 2**30})
    assert client.head_object(Bucket="odd", Key="large")["ContentLength"] == 2**30
    assert len(client.get_object(Bucket="odd", Key="a/c/0")["Body"].read()) == 1000
    assert len(client.get_object(Bucket="odd", Key="large")["Body"].read()) == 2**16
    ranged = client.get_object(Bucket="odd", Key="a/c/0", Range="bytes=990-2000")
    assert ranged["ContentRange"] == "bytes 990-999/1000"
    assert len(ranged["Body"].read()) == 10
    document = client.get_object(Bucket="odd", Key="a/zarr.json")["Body"].read()
    assert document.startswith(b'{"zarr_format": 3')
    with pytest.raises(client.exceptions.ClientError, match="404"):
        client.head_object(Bucket="odd", Key="a/c")
    with pytest.raises(client.exceptions.ClientError, match="NoSuchKey"):
        client.get_object(Bucket="odd", Key="a/c")
    assert server.counts == Counts(nhead=2, nget=5, most_in_flight=1)


def test_what_is_not_there_is_said_so(server: ListingServer, client: Any):
    put(server, "a")
    with pytest.raises(client.exceptions.ClientError, match="NoSuchBucket"):
        client.list_objects_v2(Bucket="nowhere")
    with pytest.raises(client.exceptions.ClientError, match="InvalidArgument"):
        client.list_objects_v2(Bucket="odd", ContinuationToken="of somebody else")
    with pytest.raises(client.exceptions.ClientError, match="MethodNotAllowed"):
        client.put_object(Bucket="odd", Key="a", Body=b"")
    assert asked(server, "odd", **{"max-keys": "many", "list-type": 2})[0] == 400
    assert asked(server, "odd")[0] == 501
    assert server.nlist == 4


def test_every_answer_waits_for_the_latency(server: ListingServer):
    put(server, "a")
    server.latency = 0.05
    start = time.monotonic()
    page(server)
    assert time.monotonic() - start >= 0.05


async def test_requests_in_flight_are_counted(server: ListingServer):
    put(server, "a", "b")
    server.hold()
    store = server.obstore_store("odd")
    waiting = [asyncio.create_task(store.getsize_prefix("")) for _ in range(5)]
    await until(lambda: server.most_in_flight == 5)
    server.release()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert await store.getsize_prefix("") == 1
    assert server.counts == Counts(nlist=6, most_in_flight=5)


def test_a_share_is_told_to_slow_down_and_the_lots_can_be_repeated(server: ListingServer):
    put(server, "a")
    server.slow_down_share = 0.25

    def statuses() -> list[int]:
        server.reset()
        return [asked(server, "odd", **{"list-type": 2})[0] for _ in range(200)]

    first = statuses()
    assert set(first) == {200, 503}
    assert 30 <= first.count(503) == server.n503 <= 70
    assert server.nlist == 200
    assert statuses() == first


async def test_a_client_that_asks_again_gets_all(server: ListingServer):
    space = server.buckets["nested"] = shape("nested", 20_000)
    server.slow_down_share = 0.2
    found = [
        key
        async for batch in server.obstore_store("nested", retries=10).scan()
        for key, _ in batch
    ]
    assert found == space.keys(0, 20_000)
    assert server.n503 > 0
    assert server.nlist == 20 + server.n503


def test_more_than_the_rate_is_told_to_slow_down(server: ListingServer):
    put(server, "a")
    # One request is let through; the next would have to wait for a quarter of an hour.
    server.rate = 0.001
    status, body = asked(server, "odd", **{"list-type": 2})
    assert status == 200
    status, body = asked(server, "odd", **{"list-type": 2})
    assert (status, b"<Code>SlowDown</Code>" in body) == (503, True)
    server.rate = None
    assert asked(server, "odd", **{"list-type": 2})[0] == 200
    assert (server.nlist, server.n503) == (3, 1)


def test_a_page_is_repeated(server: ListingServer):
    put(server, *"abcdef")
    two: dict[str, object] = {"max-keys": 2}
    server.fail("repeat", after=2, times=1)
    first = page(server, **two)
    second = page(server, **two, **{"continuation-token": first["NextContinuationToken"]})
    again = page(server, **two, **{"continuation-token": second["NextContinuationToken"]})
    assert again == second
    third = page(server, **two, **{"continuation-token": again["NextContinuationToken"]})
    assert first["keys"] + second["keys"] + third["keys"] == list("abcdef")


def test_a_page_is_repeated_for_ever(server: ListingServer):
    put(server, *"abcd")
    server.fail("repeat")
    token: dict[str, object] = {}
    for _ in range(5):
        answer = page(server, **{"max-keys": 2}, **token)
        token = {"continuation-token": answer["NextContinuationToken"]}
        assert answer["keys"] == ["a", "b"]


def test_keys_come_out_of_order(server: ListingServer):
    space = put(server, *"abcd")
    server.fail("disorder", times=1)
    answer = page(server, **{"max-keys": 3})
    assert answer["keys"] == ["c", "b", "a"]
    assert space.nbytes(2) == 2
    token = answer["NextContinuationToken"]
    assert page(server, **{"continuation-token": token})["keys"] == ["d"]


def test_the_connection_ends_in_the_middle(server: ListingServer):
    put(server, *"abcd")
    server.fail("cut", times=1)
    with pytest.raises(IncompleteRead):
        page(server)
    assert page(server)["keys"] == list("abcd")


def test_the_document_ends_in_its_middle(server: ListingServer):
    put(server, *"abcd")
    server.fail("garbled", times=1)
    with pytest.raises(ET.ParseError):
        page(server)


def test_the_token_is_missing(server: ListingServer):
    put(server, *"abcd")
    server.fail("no-token", times=1)
    answer = page(server, **{"max-keys": 2})
    assert answer["IsTruncated"] == "true"
    assert "NextContinuationToken" not in answer


def test_throttling_never_ends(server: ListingServer):
    put(server, "a")
    server.fail("503", after=1)
    statuses = [asked(server, "odd", **{"list-type": 2})[0] for _ in range(5)]
    assert statuses == [200, 503, 503, 503, 503]
    assert (server.nlist, server.n503) == (5, 4)
    server.heal()
    assert asked(server, "odd", **{"list-type": 2})[0] == 200


def test_access_is_denied(server: ListingServer, client: Any):
    put(server, "a")
    server.fail("403")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.list_objects_v2(Bucket="odd")
    with pytest.raises(ValueError, match="a fault is one of repeat"):
        server.fail("418")  # type: ignore[arg-type]  # no kind of fault


def test_a_listing_changes_under_the_scan(server: ListingServer, client: Any):
    put(server, *"abcd")
    server.change("odd", ListedKeys(dict.fromkeys("aacde", 7)), after=1)
    listed = listed_by_boto(client, 2, Bucket="odd")
    # `b` was listed before it went away, and `e` came before the listing was there.
    assert listed == (["a", "b", "c", "d", "e"], [])
    assert page(server)["keys"] == ["a", "c", "d", "e"]


def test_a_server_that_stopped_leaves_no_thread():
    before = threading.active_count()
    with ListingServer({}) as server:
        assert asked(server, "nowhere", **{"list-type": 2})[0] == 404
    assert threading.active_count() == before


async def test_a_server_stops_while_requests_wait():
    with ListingServer({"odd": ListedKeys({"a": 1})}) as server:
        server.hold()
        store = server.obstore_store("odd")
        waiting = asyncio.create_task(store.getsize_prefix(""))
        await until(lambda: server.nlist == 1)
        waiting.cancel()
    # Not before: a cancelled call waits for its request, which nobody answers.
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_server_runs_in_a_process_of_its_own():
    with ListingProcess() as server:
        store = server.obstore_store("flat-2500")
        space: KeySpace = shape("flat", 2500)
        total = asyncio.run(store.getsize_prefix(""))
        assert total == sum(map(space.nbytes, range(2500)))
        assert server.counts() == Counts(nlist=3, most_in_flight=1)
        server.reset()
        server.behave(slow_down_share=1.0)
        assert asked(server, "flat-2500", **{"list-type": 2})[0] == 503
        server.behave(slow_down_share=0.0)
        server.fail("403", times=1)
        assert asked(server, "flat-2500", **{"list-type": 2})[0] == 403
        assert asked(server, "round-2500", **{"list-type": 2})[0] == 404
        assert server.counts() == Counts(nlist=3, n503=1, most_in_flight=1)
    assert server.returncode == 0
