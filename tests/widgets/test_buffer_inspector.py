import numpy as np
import pytest

from tests.widgets.front import Front, KernelError
from zstore import LocalStore, MemoryStore, ReadOnlyStore, Store
from zstore.buffer import cpu
from zstore.errors import InvalidTypeError, UnsupportedError
from zstore_widgets import BufferInspector


async def test_it_says_where_a_buffer_is():
    part = cpu.Buffer.from_bytes(bytes(1000))[100:300]
    facts = (await Front(BufferInspector(part)).call("buffer_facts")).result
    assert facts["device"] == "cpu"
    assert (facts["nbytes"], facts["offset"], facts["owner_nbytes"]) == (200, 100, 1000)
    assert facts["is_view"]
    assert facts["readonly"]
    assert int(facts["pointer"], 16) % facts["alignment"] == 0


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.zeros(4, "f4"), "float32"),
        (np.zeros(4, ">i2"), ">int16"),
        (np.zeros(4, "M8[s]"), "uint8"),
        (b"1234", "uint8"),
    ],
)
async def test_an_array_is_seen_as_what_it_is(value: object, dtype: str):
    facts = (await Front(BufferInspector(value)).call("buffer_facts")).result
    assert facts["dtype"] == dtype


async def test_statistics_come_step_by_step_as_exact_text():
    front = Front(BufferInspector(np.array([2**63, 2**64 - 1], "u8")))
    answer = await front.call("buffer_statistics", dtype="uint64")
    assert answer.result["maximum"] == str(2**64 - 1)
    assert answer.result["complete"]
    assert answer.parts[0]["histogram"] == []


async def test_numbers_have_no_digits_that_mean_nothing():
    front = Front(BufferInspector(np.array([0.1, 0.2], "f4")))
    assert (
        await front.call("buffer_values", dtype="float32", start=0, count=9)
    ).result == [
        "0.1",
        "0.2",
    ]
    assert (await front.call("buffer_statistics", dtype="float32")).result[
        "minimum"
    ] == "0.1"


async def test_not_a_number_is_text_too():
    front = Front(BufferInspector(np.array([np.nan, np.inf])))
    values = (await front.call("buffer_values", dtype="float64", start=0, count=2)).result
    assert values == ["nan", "inf"]
    assert (await front.call("buffer_statistics", dtype="float64")).result["mean"] is None


async def test_at_most_4_kib_of_bytes_leave_at_a_time():
    content = bytes(range(256)) * 100
    front = Front(BufferInspector(content))
    answer = await front.call("buffer_bytes", start=1000, stop=20_000)
    assert answer.result == 4096
    assert answer.buffers == [[content[1000:5096]]]
    assert (await front.call("buffer_bytes", start=10**9, stop=10**9 + 5)).result == 0


@pytest.mark.parametrize("dtype", ["object", "V8", ""])
async def test_an_unknown_type_is_told(dtype: str):
    with pytest.raises(KernelError, match="dtype must be one of"):
        await Front(BufferInspector(b"1234")).call("buffer_statistics", dtype=dtype)


def test_what_is_no_buffer_is_refused():
    with pytest.raises(InvalidTypeError, match="BufferInspector"):
        BufferInspector("text")
    with pytest.raises(InvalidTypeError, match="dtype must be one of"):
        BufferInspector(b"1234", dtype="object")


def test_its_text_is_the_same_on_every_run():
    text = "BufferInspector(1,000 bytes on cpu, read-only, all of bytes)"
    assert BufferInspector(bytes(1000)).text() == text
    assert "0x" not in BufferInspector(bytes(1000)).html()


async def test_a_part_says_which_types_fit_where_it_starts():
    whole = np.arange(100, dtype="u1")
    facts = (await Front(BufferInspector(whole[1:98])).call("buffer_facts")).result
    assert facts["memory"] == "host"
    assert not facts["pending"]
    assert "uint8" in facts["fitting"]
    assert "uint16" not in facts["fitting"]


@pytest.mark.parametrize(
    "store", [LocalStore("none"), ReadOnlyStore(LocalStore("none"))], ids=repr
)
def test_a_store_that_holds_nothing_in_memory_is_refused(store: Store):
    with pytest.raises(UnsupportedError, match="in memory"):
        BufferInspector(store)


async def test_the_text_of_a_store_is_the_same_on_every_run():
    store = MemoryStore()
    await store.set("a/<b>", bytes(5000))
    await store.set("c\u202ed", b"12")
    view = BufferInspector(ReadOnlyStore(store))
    assert view.shows == "store"
    assert view.text() == "BufferInspector(MemoryStore: 2 values, 4.9 KiB)"
    html = view.html()
    assert html.index("a/&lt;b&gt;") < html.index("c\\u202ed")
    assert "0x" not in html


async def test_the_html_of_a_store_names_the_twenty_largest_values():
    store = MemoryStore({f"k{at:03}": cpu.Buffer(bytes(at)) for at in range(100)})
    html = BufferInspector(store).html()
    assert "k099" in html
    assert "k079" not in html
    assert "… 80 more" in html


def test_of_very_many_values_only_the_number_is_said():
    one = cpu.Buffer(b"1")
    store = MemoryStore({f"k{at}": one for at in range(50_001)})
    view = BufferInspector(store)
    assert view.text() == "BufferInspector(MemoryStore of 50,001 values)"
    assert view.html() == "<div>BufferInspector(MemoryStore of 50,001 values)</div>"


def test_its_html_shows_the_first_bytes():
    html = BufferInspector(b"<script>alert(1)</script>" * 9).html()
    assert "3c 73 63 72" in html
    assert "<script" not in html
