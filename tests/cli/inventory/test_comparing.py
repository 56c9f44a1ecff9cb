"""``zstore inventory diff``."""

import json
from pathlib import Path

import pytest

from tests.cli.console import printed, printed_json
from zstore import sync
from zstore.cli import main
from zstore.inventory import Inventory
from zstore.inventory.snapshot.manifest import FINISHED


@pytest.fixture
def two(sea: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Snapshots before and after something came, went and grew."""
    old, new = tmp_path / "old", tmp_path / "new"
    sync.run(Inventory.scan(sea, snapshot=old)).close()
    (sea / "ocean" / "temp" / "0.0").unlink()
    (sea / "fresh").mkdir()
    (sea / "fresh" / "\u202egnp").write_bytes(bytes(3000))
    (sea / "readme.txt").write_bytes(bytes(126))
    sync.run(Inventory.scan(sea, snapshot=new)).close()
    return old, new


def test_it_says_what_came_went_and_grew(two: tuple[Path, Path]):
    lines = printed("inventory", "diff", *two).splitlines()
    assert lines[0].startswith("old: file://")
    assert "10 keys, 2.3 KiB, as of 20" in lines[0]
    assert lines[1].startswith("new: file://")
    assert lines[2].split() == ["grown", "by", "added", "removed", "changed", "folder"]
    assert [line.split() for line in lines[3:-1]] == [
        ["+2.9", "KiB", "1", "0", "0", "fresh"],
        ["+100", "B", "0", "0", "1", "."],
        ["-24", "B", "0", "1", "0", "ocean"],
    ]
    assert lines[-1] == (
        "added 1 key, 2.9 KiB; removed 1 key, 24 B; changed 1 key, 126 B; grown by +3.0 KiB"
    )


def test_the_keys_that_changed_most_are_named_if_one_asks(two: tuple[Path, Path]):
    text = printed("inventory", "diff", *two, "--top", "2")
    assert [line.split() for line in text.splitlines() if "KiB  added" in line] == [
        ["+2.9", "KiB", "added", "fresh/\\u202egnp"]
    ]
    assert "readme.txt" in text
    assert "ocean/temp/0.0" not in text


def test_json_has_exact_numbers(two: tuple[Path, Path]):
    told = printed_json("inventory", "diff", *two, "--top", "10")
    assert (told["complete"], told["grown"]) == (True, 3076)
    assert told["added"] == {"nkeys": 1, "before": 0, "after": 3000}
    assert told["keys"][0] == {
        "key": "fresh/\u202egnp",
        "kind": "added",
        "before": None,
        "after": 3000,
    }
    ocean = printed_json("inventory", "diff", *two, "--prefix", "ocean")
    assert (ocean["grown"], ocean["keys"]) == (-24, [])


def test_the_same_twice_has_not_changed(two: tuple[Path, Path]):
    lines = printed("inventory", "diff", two[0], two[0]).splitlines()
    assert lines[-1].endswith("grown by 0 B")
    assert len(lines) == 3


def test_what_one_of_the_two_does_not_know_is_said(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
):
    old, new = two
    manifest = json.loads((old / FINISHED).read_text())
    manifest["holes"] = [{"after": "plain", "until": None, "reason": "refused"}]
    (old / FINISHED).write_text(json.dumps(manifest))
    assert main(["inventory", "diff", str(old), str(new)]) == 1
    assert "partial: 1 ranges of keys are not in both" in capsys.readouterr().out
