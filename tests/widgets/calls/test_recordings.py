import csv
import io

import pytest

from zstore import LoggingStore, MemoryStore, Store
from zstore_widgets.calls.differences import compare, differences
from zstore_widgets.calls.recordings import Recordings
from zstore_widgets.calls.table import as_csv, calls_text


@pytest.fixture
def store() -> LoggingStore[Store]:
    return LoggingStore(MemoryStore(), log_level="WARNING")


async def test_a_recording_holds_the_calls_of_its_block(store):
    changes: list[int] = []
    recordings = Recordings(store, lambda: changes.append(len(recordings.running)))
    await store.set("before", b"1")
    with recordings.record("mine"):
        await store.set("a", b"123")
        await store.get("a")
        await store.get("none")
    await store.get("after")
    (mine,) = recordings.kept
    assert (mine.number, mine.label, mine.ncalls, mine.nerrors) == (1, "mine", 3, 0)
    assert (mine.nbytes_in, mine.nbytes_out) == (3, 3)
    assert mine.ncalls_by_method == {"get": 2, "set": 1}
    assert changes == [1, 0]
    assert store._trace._subscribers == ()


async def test_an_error_ends_a_recording_and_keeps_it(store):
    recordings = Recordings(store, lambda: None)
    with pytest.raises(ValueError, match="key"), recordings.record("broken"):
        await store.get("a//b")
    assert recordings.kept[0].nerrors == 1
    assert recordings.running == []


async def test_recordings_in_each_other_both_hear(store):
    recordings = Recordings(store, lambda: None)
    with recordings.record("outer"):
        await store.get("a")
        with recordings.record("inner"):
            await store.get("b")
    assert [(each.label, each.ncalls) for each in recordings.kept] == [
        ("inner", 1),
        ("outer", 2),
    ]


async def test_only_the_last_recordings_are_kept(store):
    recordings = Recordings(store, lambda: None)
    for _ in range(40):
        with recordings.record("again"):
            pass
    assert [each.number for each in recordings.kept] == list(range(9, 41))


async def test_differences_are_said_in_words_and_figures(store):
    await store.set("a", bytes(2048))
    recordings = Recordings(store, lambda: None)
    with recordings.record("A"):
        for _ in range(4):
            await store.get("a")
    with recordings.record("B"):
        await store.get("a")
        await store.set("b", b"12")
    words = compare(*recordings.kept)
    assert words[:3] == ["2 calls fewer", "6.0 KiB less read", "2 B more written"]
    table = {line[0].strip(): line[1:] for line in differences(*recordings.kept)}
    assert table["get"] == ("4", "1", "\N{MINUS SIGN}3")
    assert table["set"] == ("0", "1", "+1")
    assert table["errors"] == ("0", "0", "same")


async def test_csv_is_safe_for_spreadsheets(store):
    for key in ("=1+1", "+1", "-1", "@a", 'plain,"key"'):
        await store.get(key)
    rows = list(csv.DictReader(io.StringIO(as_csv(store.trace))))
    assert [row["key"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@a", 'plain,"key"']
    assert {row["outcome"] for row in rows} == {"missing"}


def test_no_calls_are_said():
    assert calls_text({}, []) == "no calls yet"
