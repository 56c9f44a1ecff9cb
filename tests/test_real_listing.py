"""The keys and sizes of a real microscopy image: 113,328 keys, 97 GB.

An OME-Zarr of the DANDI archive. Its values are not here: memory that is never touched,
and files with nothing in them but a length, stand for them.
"""

import csv
import gzip
import mmap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from zstore import LocalStore, MemoryStore, PrefixStore, copy
from zstore.buffer import cpu
from zstore.concurrency import run_in_thread


@pytest.fixture(scope="module")
def sizes() -> dict[str, int]:
    path = Path(__file__).parents[2] / "shared/data/dandi-lightsheet-keys.csv.gz"
    if not path.is_file():
        pytest.skip("the real listing of ../shared/data is not here")
    with gzip.open(path, "rt", newline="") as lines:
        return {row["key"]: int(row["nbytes"]) for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def store(sizes: dict[str, int]) -> Iterator[MemoryStore]:
    with mmap.mmap(-1, max(sizes.values())) as memory:
        view = memoryview(memory).toreadonly()
        values = {key: cpu.Buffer(view[:nbytes]) for key, nbytes in sizes.items()}
        yield MemoryStore(values)  # type: ignore[arg-type]
        values.clear()
        view.release()


def below(sizes: dict[str, int], prefix: str) -> dict[str, int]:
    return {key: nbytes for key, nbytes in sizes.items() if key.startswith(prefix)}


async def test_every_key_is_listed_once_with_its_size(
    store: MemoryStore, sizes: dict[str, int]
):
    assert len(sizes) == 113_328
    found = [item async for batch in store.scan() for item in batch]
    assert len(found) == len(sizes)
    assert dict(found) == sizes
    assert {key async for key in store.list()} == sizes.keys()


async def test_every_level_adds_up(store: MemoryStore, sizes: dict[str, int]):
    *_, total = [total async for total in store.usage()]
    assert (total.nkeys, total.nbytes) == (len(sizes), sum(sizes.values()))
    assert total.complete
    names = Counter(key.partition("/")[0] for key in sizes)
    assert {name: count for name, (count, _) in total.children.items()} == names
    async for batch in store.list_entries():
        for entry in batch:
            nbytes = sum(below(sizes, f"{entry.name}/").values())
            if entry.kind == "prefix":
                assert await store.getsize_prefix(f"{entry.name}/") == nbytes
            else:
                assert entry.nbytes == sizes[entry.name]


async def test_a_level_is_paged_in_the_order_of_its_keys(
    store: MemoryStore, sizes: dict[str, int]
):
    # The level with the most chunks.
    prefix, _ = Counter(key.rpartition("/")[0] for key in sizes).most_common(1)[0]
    expected = sorted(
        {key[len(prefix) + 1 :].partition("/")[0] for key in below(sizes, f"{prefix}/")}
    )
    seen: list[str] = []
    after = ""
    while page := [
        entry
        async for batch in store.list_entries(prefix, limit=100, after=after)
        for entry in batch
    ]:
        seen += [entry.name for entry in page]
        after = page[-1].cursor
    assert seen == expected


async def test_files_with_the_real_sizes_give_the_same_listing(
    sizes: dict[str, int], tmp_path: Path
):
    part = below(sizes, "2/") | {key: n for key, n in sizes.items() if "/" not in key}
    assert len(part) > 1000

    def lay_out() -> None:
        for key, nbytes in part.items():
            path = tmp_path / key
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.truncate(nbytes)

    await run_in_thread(lay_out)
    store = LocalStore(tmp_path, read_only=True)
    assert {key: n async for batch in store.scan() for key, n in batch} == part
    assert await store.getsize_prefix("2") == sum(below(part, "2/").values())


async def test_a_part_is_planned_and_copied(store: MemoryStore, sizes: dict[str, int]):
    part = below(sizes, "6/")
    plan = await copy(store, MemoryStore(), "6/", dry_run=True)
    assert (plan.nkeys, plan.nbytes) == (len(part), sum(part.values()))
    target = MemoryStore()
    await copy(PrefixStore(store, "6"), target)
    assert await target.getsize_prefix("") == plan.nbytes
