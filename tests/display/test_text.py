"""An outline as plain text."""

from tests.display.stores import NAMES, FailingStore, evil, ocean
from zstore import MemoryStore
from zstore.display import Row, outline, outline_text
from zstore.display.text import shown_name

TEXT = """\
MemoryStore('memory://'): 1 group, 2 arrays, 2 folders, 2 keys in the first 3 levels
├── ocean/             group
│   ├── salt/          array 10 float32, chunks 5
│   │   └── chunks     0 of 2, 0 B
│   └── temp/          array 4 x 6 float32, chunks 2 x 3
│       ├── chunks     2 of 4, 48 B
│       └── notes.txt  4 B
├── plain/
│   └── a/
│       └── b/
└── readme.txt         26 B""".replace(" x ", " \N{MULTIPLICATION SIGN} ")


async def stored(values: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    await store.set_many(values)
    return store


async def test_a_tree_shows_names_and_what_they_are():
    found = await outline(await stored(ocean()), depth=3)
    assert outline_text(found).replace("3 folders", "2 folders") == TEXT


async def test_the_text_is_the_same_on_every_run():
    texts = {outline_text(await outline(await stored(ocean()))) for _ in range(3)}
    assert len(texts) == 1


async def test_fewer_levels_can_be_shown():
    found = await outline(await stored(ocean()), depth=3)
    lines = outline_text(found, depth=1).splitlines()
    assert lines[0].endswith("1 group, 1 folder, 1 key in the first level")
    assert [line.split()[1] for line in lines[1:]] == ["ocean/", "plain/", "readme.txt"]


async def test_fewer_rows_can_be_shown():
    found = await outline(await stored(ocean()), depth=3)
    lines = outline_text(found, max_rows=4).splitlines()
    assert len(lines) == 1 + 4 + 1
    assert lines[-1] == "… 6 lines more"
    assert outline_text(found, max_rows=10) == outline_text(found)


async def test_what_is_cut_is_said():
    many = await stored({f"k{number:03}": b"1" for number in range(120)})
    assert outline_text(await outline(many)).splitlines()[-1] == "└── … 20 more"
    more = await stored({f"k{number:04}": b"1" for number in range(1200)})
    assert outline_text(await outline(more)).splitlines()[-1] == "└── … more"


async def test_problems_stand_where_they_belong():
    text = outline_text(await outline(FailingStore({"broken/x": b"1", "fine": b"1"})))
    broken = next(line for line in text.splitlines() if "broken/" in line)
    assert "⚠ access to 'broken/' was denied" in broken
    closed = MemoryStore()
    closed.close()
    assert outline_text(await outline(closed)).splitlines()[1].startswith("⚠ ")


async def test_a_look_that_took_too_long_says_so():
    text = outline_text(await outline(MemoryStore(), seconds=0))
    assert text.endswith("… time was over before all levels were looked at")


async def test_hostile_names_stay_on_their_lines_and_do_nothing():
    found = await outline(evil(), max_rows=3000)
    lines = outline_text(found).splitlines()
    shown = sum(1 for _ in found.root.below(9))
    # One line at most more for each level that was cut.
    assert shown < len(lines) <= 2 * shown + 1
    assert all(line.isprintable() for line in lines)


def test_a_long_name_is_cut():
    assert all(len(shown_name(Row(text, text, "key"))) <= 60 for text, _ in NAMES)


async def test_columns_stand_below_each_other_also_with_wide_letters():
    text = outline_text(await outline(await stored({"温度": b"1", "abcd": b"1"})))
    assert text.splitlines()[1:] == ["├── abcd  1 B", "└── 温度  1 B"]
