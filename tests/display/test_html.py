"""An outline as static HTML."""

import re
from html.parser import HTMLParser

import pytest

from tests.display.stores import FailingStore, HangingStore, evil, ocean
from zstore import MemoryStore
from zstore._compat import override
from zstore.display import outline, outline_html, visible
from zstore.store import Store

TAGS = {"div", "strong", "span", "ul", "li", "details", "summary", "meter"}
ATTRIBUTES = {"style", "min", "max", "value", "role"}


class Reader(HTMLParser):
    """Fails at what no outline may have; collects its texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES
        # Styles are constants: nothing of the store is in an attribute.
        assert all(re.fullmatch(r"[a-z0-9.:;, #%-]*", value or "") for _, value in attrs)
        self.open.append(tag)
        self.tags.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        assert data.replace("\xa0", " ").isprintable()
        self.texts.append(data)

    @override
    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @override
    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


async def html_of(store: Store, **options: float) -> tuple[str, Reader]:
    html = outline_html(await outline(store, **options))  # type: ignore[arg-type]
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return html, reader


async def stored(values: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    await store.set_many(values)
    return store


async def test_it_shows_names_and_what_they_are():
    _, reader = await html_of(await stored(ocean()))
    assert [text for text in reader.texts if text.strip()][:2] == [
        "MemoryStore('memory://')",
        "1 group, 2 arrays, 2 folders, 1 key in the first 2 levels",
    ]
    assert {"ocean/", "temp/", "readme.txt", "26 B"} <= set(reader.texts)


async def test_levels_below_fold():
    _, reader = await html_of(await stored(ocean()))
    # ocean/ and plain/ have rows below; the deeper ones were not looked into.
    assert reader.tags.count("details") == reader.tags.count("summary") == 2


async def test_sizes_have_bars_by_the_largest_beside_them():
    html, _ = await html_of(await stored({"large": bytes(400), "small": bytes(100)}))
    assert re.findall(r'value="([\d.]+)"', html) == ["1.0", "0.25"]


async def test_chunks_have_a_bar_of_how_many_there_are():
    html, _ = await html_of(await stored(ocean()), depth=3)
    assert 'value="0.5"' in html


async def test_what_is_cut_is_said():
    _, reader = await html_of(await stored({f"k{i:03}": b"" for i in range(120)}))
    assert reader.texts[-1] == "… 20 more"
    _, reader = await html_of(await stored({f"k{i:04}": b"" for i in range(1200)}))
    assert reader.texts[-1] == "… more"


async def test_it_has_at_most_two_hundred_rows():
    values = {f"a{i:02}/b{j:02}": b"1" for i in range(40) for j in range(40)}
    html, reader = await html_of(await stored(values))
    assert reader.tags.count("li") <= 200 + 40 + 1
    assert len(html) < 2**17


async def test_problems_are_shown_and_keep_no_secret():
    html, reader = await html_of(FailingStore({"broken/x": b"1"}))
    assert any("was denied" in text for text in reader.texts)
    assert "word" not in html
    store = HangingStore()
    store.from_start = True
    html, _ = await html_of(store, seconds=0.1)
    assert "the listing did not end within 0.1 s" in html
    assert "time was over" in html


@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_hostile_names_are_texts(depth: int):
    html, reader = await html_of(evil(), depth=depth, max_rows=2000)
    assert "<script" not in html
    for name in ("<script>window.ran = 1</script>", "exe\u202egnp.zarr"):
        # Slashes are segments here, so the start of the name will do.
        start = visible(name.partition("/")[0])
        assert any(start in text for text in reader.texts)
