"""An inventory is shown in one clear line, and nothing that a store says acts."""

from dataclasses import replace
from datetime import UTC, datetime

from zstore.inventory.asking.queries import Child
from zstore.inventory.asking.showing import inventory_html, inventory_line, inventory_text
from zstore.inventory.planning import KeyRange
from zstore.inventory.snapshot.manifest import Hole, Manifest, Part

MANIFEST = Manifest(
    store="s3://bucket",
    prefix="",
    source="scan",
    started=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    finished=datetime(2026, 1, 2, 3, 5, tzinfo=UTC),
    parts=(Part("keys/x.parquet", KeyRange(), 1234, 5 * 2**20, 9),),
)
EVIL = Child("<script>\u202e</script>", "prefix", 2, 2048, None)


def test_the_line_names_the_store_how_much_it_has_and_of_when():
    assert inventory_line(MANIFEST) == (
        "s3://bucket: 1,234 keys, 5.0 MiB, as of 2026-01-02 03:05 UTC"
    )
    below = replace(MANIFEST, prefix="a/b")
    assert inventory_line(below).startswith("s3://bucket below 'a/b': ")


def test_what_is_missing_is_said():
    unfinished = replace(MANIFEST, finished=None, pending=(KeyRange("a", "b"),))
    assert inventory_line(unfinished).endswith(
        "as of 2026-01-02 03:04 UTC, NOT complete: 1 ranges not listed yet"
    )
    broken = replace(MANIFEST, holes=(Hole(KeyRange("a", "b"), "503"),))
    assert inventory_line(broken).endswith("NOT complete: 1 ranges failed")
    assert inventory_line(replace(MANIFEST, finished=None)).endswith("interrupted")


def test_children_stand_below_the_line():
    child = Child("b", "key", 1, 3 * 2**30, None)
    assert inventory_text("line", [child, EVIL]).splitlines() == [
        "line",
        "  3.0 GiB  b",
        "  2.0 KiB  <script>\\u202e</script>/",
    ]
    assert inventory_text("line", []) == "line"


def test_in_html_every_name_is_text():
    html = inventory_html("<line>", [EVIL])
    assert "<script>" not in html
    assert "&lt;script&gt;\\u202e&lt;/script&gt;/" in html
    assert "&lt;line&gt;" in html
    assert "<th>" not in inventory_html("line", [])


def test_a_store_with_a_hostile_name_is_shown_as_text():
    assert "\u202e" not in inventory_line(replace(MANIFEST, store="s3://\u202egnp"))
