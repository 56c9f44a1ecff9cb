"""Processes that leave a listing of obstore, and end at once."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.servers.listing import ListedKeys, ListingServer

RUNS = 4
CHILD = """
import asyncio, sys
from zstore import ObjectStore

way, url = sys.argv[1:]
store = ObjectStore.from_url(
    "s3://b", endpoint=url, access_key_id="k", secret_access_key="s", region="us-east-1",
    client_options={"allow_http": True},
)

async def listed():
    while True:
        async for page in store.scan_pages():
            pass

async def first_page():
    async for page in store.scan_pages():
        return

async def total():
    await store.getsize_prefix("")

async def cancelled():
    task = asyncio.create_task(listed())
    await first_page()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return

async def left_running():
    tasks = [asyncio.create_task(listed()) for _ in range(8)]
    await first_page()
    print(len(tasks))

asyncio.run(globals()[way]())
"""


@pytest.fixture
def server() -> Iterator[ListingServer]:
    keys = {f"k/{i:04}": i for i in range(3000)}
    with ListingServer({"b": ListedKeys(keys)}) as running:
        running.latency = 0.005
        yield running


@pytest.mark.parametrize("way", ["first_page", "total", "cancelled", "left_running"])
def test_a_process_that_ends_early_ends_well(server: ListingServer, way: str):
    for _ in range(RUNS):
        command = [sys.executable, "-c", CHILD, way, server.url]
        child = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (child.returncode, child.stderr) == (0, "")
