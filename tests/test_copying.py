"""`copy`: from any store to any other, in bounded memory."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.copied import VALUES, Gated, Watched, contents, filled
from zstore import (
    MemoryStore,
    copy,
)
from zstore._compat import override
from zstore.buffer import Buffer
from zstore.copying import CopyProgress, CopyReport
from zstore.errors import (
    BackendError,
    InvalidKeyError,
    InvalidTypeError,
    KeyExistsError,
    UnsupportedError,
)
from zstore.ranges import ByteRequest


class NotAtomic(MemoryStore):
    """A store without a step for "only if there is none"."""

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if not overwrite:
            raise UnsupportedError(self, "set_if_not_exists")
        return await super()._write(key, value, overwrite=overwrite)


class Failing(MemoryStore):
    """A store that fails on one key, with a cause."""

    @override
    async def _write(self, key: str, value: Buffer, *, overwrite: bool) -> bool:
        if key == "a/1":
            raise BackendError(key, "full") from OSError("no space")
        return await super()._write(key, value, overwrite=overwrite)


async def test_copies_everything_under_the_same_keys():
    source, destination = await filled(VALUES), MemoryStore()
    report = await copy(source, destination)
    assert report == CopyReport(nkeys=4, nbytes=10)
    assert await contents(destination) == VALUES


async def test_a_prefix_selects_by_whole_segments():
    destination = MemoryStore()
    report = await copy(await filled(VALUES), destination, "a")
    assert report.nkeys == 2
    assert sorted(await contents(destination)) == ["a/0", "a/1"]


async def test_an_existing_key_is_an_error_and_stays():
    source, destination = await filled(VALUES), await filled({"a/1": b"old"})
    with pytest.raises(KeyExistsError, match="'a/1'") as caught:
        await copy(source, destination)
    assert caught.value.key == "a/1"
    assert isinstance(caught.value, FileExistsError)
    assert await destination.get_bytes("a/1") == b"old"


async def test_existing_keys_can_be_skipped_or_replaced():
    source = await filled(VALUES)
    destination = await filled({"a/1": b"older", "ab": b"o"})
    report = await copy(source, destination, if_exists="skip")
    assert report == CopyReport(nkeys=2, nbytes=4, skipped=2, skipped_nbytes=6)
    assert await destination.get_bytes("a/1") == b"older"
    report = await copy(source, destination, if_exists="replace")
    assert report == CopyReport(nkeys=4, nbytes=10, replaced=4, replaced_nbytes=10)
    assert await contents(destination) == VALUES


@pytest.mark.parametrize("if_exists", ["error", "skip", "replace"])
async def test_works_without_an_atomic_step(if_exists: Any):
    source = await filled(VALUES)
    destination = NotAtomic()
    assert (await copy(source, destination, if_exists=if_exists)).nkeys == 4
    await destination.set("ab", b"old")
    if if_exists == "error":
        with pytest.raises(KeyExistsError):
            await copy(source, destination)
    else:
        await copy(source, destination, if_exists=if_exists)
    wanted = b"two" if if_exists == "replace" else b"old"
    assert await destination.get_bytes("ab") == wanted


async def test_a_key_that_appears_meanwhile_is_not_overwritten():
    source, destination = Gated(), MemoryStore()
    await source.set("a", b"new")
    copying = asyncio.create_task(copy(source, destination, if_exists="skip"))
    await source.waiting.wait()
    await destination.set("a", b"other")
    source.gate.set()
    assert await copying == CopyReport(skipped=1, skipped_nbytes=3)
    assert await destination.get_bytes("a") == b"other"


async def test_a_dry_run_counts_and_moves_nothing():
    source, destination = Watched(), await filled({"a/1": b"old"})
    await source.set_many(VALUES)
    report = await copy(source, destination, if_exists="skip", dry_run=True)
    assert report == CopyReport(
        nkeys=3, nbytes=7, skipped=1, skipped_nbytes=3, dry_run=True
    )
    report = await copy(source, destination, if_exists="replace", dry_run=True)
    assert (report.nkeys, report.replaced, report.replaced_nbytes) == (4, 1, 3)
    with pytest.raises(KeyExistsError):
        await copy(source, destination, dry_run=True)
    assert source.calls == []
    assert await contents(destination) == {"a/1": b"old"}


async def test_asks_for_no_size_and_looks_nothing_up_in_an_empty_destination():
    source, destination = Watched(), Watched()
    await source.set_many(VALUES)
    await copy(source, destination, if_exists="replace")
    assert source.calls == ["read"] * 4
    assert destination.calls == []


async def test_so_many_values_are_under_way_at_once():
    source = Watched()
    await source.set_many({f"k/{i}": b"x" for i in range(40)})
    await copy(source, MemoryStore(), max_concurrency=5)
    assert source.most[0] == 5


async def test_so_many_bytes_are_under_way_at_once_and_a_large_value_goes_alone():
    source = Watched()
    await source.set_many({f"k/{i}": bytes(40) for i in range(20)})
    await copy(source, MemoryStore(), max_nbytes_in_flight=100)
    assert source.most == [2, 80]
    await source.set("k/large", bytes(1000))
    await copy(source, MemoryStore(), max_nbytes_in_flight=100)
    assert source.most == [2, 1000]


async def test_values_that_vanish_are_counted():
    class Vanishing(MemoryStore):
        @override
        async def _read(self, key: str, request: ByteRequest | None) -> Buffer | None:
            return None if key == "ab" else await super()._read(key, request)

    source, destination = Vanishing(), MemoryStore()
    await source.set_many(VALUES)
    assert await copy(source, destination) == CopyReport(nkeys=3, nbytes=7, vanished=1)
    assert "ab" not in await contents(destination)


async def test_a_failure_names_the_key_and_keeps_its_cause():
    destination = Failing()
    with pytest.raises(BackendError) as caught:
        await copy(await filled(VALUES), destination)
    assert any("while copying 'a/1' from memory://" in n for n in caught.value.__notes__)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.args == ("no space",)


async def test_a_failing_listing_is_raised_as_it_is():
    class Unlisted(MemoryStore):
        @override
        async def _scan(self, prefix: str) -> AsyncGenerator[list[tuple[str, int]], None]:
            yield [("a", 1)]
            raise BackendError(prefix, "gone") from OSError("reset")

    with pytest.raises(BackendError, match="gone") as caught:
        await copy(Unlisted(), MemoryStore())
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_cancelled_copy_stops_and_keeps_what_it_copied():
    source, destination = Gated(passing=10), MemoryStore()
    await source.set_many({f"k/{i}": b"x" for i in range(1000)})
    copying = asyncio.create_task(copy(source, destination, max_concurrency=2))
    await source.waiting.wait()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    found = len(await contents(destination))
    assert 0 < found < 1000
    # A read that was left behind would be written now.
    source.gate.set()
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(await contents(destination)) == found


async def test_progress_is_told_ten_times_a_second_and_at_the_end():
    source = Watched()
    await source.set_many({f"k/{i}": b"xy" for i in range(120)})
    told: list[CopyProgress] = []
    loop = asyncio.get_running_loop()
    started = loop.time()
    await copy(source, MemoryStore(), max_concurrency=2, on_progress=told.append)
    seconds = loop.time() - started
    assert told[-1] == CopyProgress(nkeys=120, nbytes=240)
    assert 2 <= len(told) <= 10 * seconds + 2
    assert [p.nkeys for p in told] == sorted(p.nkeys for p in told)


async def test_what_on_progress_raises_stops_the_copy():
    def stop(_: CopyProgress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await copy(await filled(VALUES), MemoryStore(), on_progress=stop)


@pytest.mark.parametrize(
    "arguments",
    [{"if_exists": "ask"}, {"max_concurrency": 0}, {"max_nbytes_in_flight": 1.5}],
)
async def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any]):
    with pytest.raises(InvalidTypeError, match=next(iter(arguments))):
        await copy(MemoryStore(), MemoryStore(), **arguments)


async def test_a_prefix_that_is_none_is_refused():
    with pytest.raises(InvalidKeyError):
        await copy(MemoryStore(), MemoryStore(), "/")
